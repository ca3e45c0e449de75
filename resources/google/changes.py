"""From what Google holds to what was approved: the operations of one atomic Mutate."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.errors import Refused
from resources.google.canonical_form import Part

Operation = dict[str, Any]
_ONE = ("campaign_budget", "campaign", "ad_group")
_NEVER = frozenset({"resource_name", "status"})
_IMMUTABLE = {
    "campaign_budget": frozenset({"explicitly_shared"}),
    "campaign": frozenset({"advertising_channel_type", "campaign_budget"}),
    "ad_group": frozenset({"type_", "campaign"}),
}
# Fields that a body may leave out, and that are then cleared.
_OPTIONAL = {"campaign": ("end_date_time", "tracking_url_template")}
# A message without fields of ours is chosen by naming one of its own.
_CHOSEN = {"target_spend": "target_spend.cpc_bid_ceiling_micros"}
_UNDERSCORE = re.compile(r"_([a-z0-9])")


def changes(parts: Sequence[Part], approved: Sequence[Mapping[str, Any]]) -> list[Operation]:
    """Operations that bring `parts` to the create operations `approved`; none when nothing differs.
    Refused when a field differs that Google never changes."""
    wanted = [next(iter(op.items())) for op in approved]
    made = [(k.removesuffix("_operation"), dict(action["create"])) for k, action in wanted]
    names = {p.made["resource_name"]: p.name for p in parts if p.resource in _ONE}
    found: list[Operation] = []
    for resource in _ONE:
        ours = [m for r, m in made if r == resource]
        theirs = [p for p in parts if p.resource == resource]
        if len(ours) != len(theirs):
            raise Refused(f"{len(ours)} {resource} in the body, {len(theirs)} held", where="update")
        for body, part in zip(ours, theirs, strict=True):
            found += _updated(part, body)
    for resource in ("campaign_criterion", "ad_group_criterion", "ad_group_ad"):
        ours = [m for r, m in made if r == resource]
        found += _sets(resource, ours, [p for p in parts if p.resource == resource], names)
    return found


def switch(resource: str, name: str, status: str) -> Operation:
    return _update(resource, {"resource_name": name, "status": status}, ["status"])


def _updated(part: Part, body: Mapping[str, Any]) -> Iterator[Operation]:
    """One update of the fields that differ, or none."""
    held = part.made
    paths: list[str] = []
    update: dict[str, Any] = {"resource_name": part.name}
    for name, ours in body.items():
        if name in _NEVER or not _differs(ours, held.get(name)):
            continue
        if name in _IMMUTABLE[part.resource]:
            raise Refused(
                f"{part.resource}.{name} is {held.get(name)!r} and never changes",
                where=part.name,
                mend=f"approved is {ours!r}: close this ad and post a new one",
            )
        update[name] = ours
        paths += [_CHOSEN[name]] if name in _CHOSEN else _leaves(name, ours)
    paths += [n for n in _OPTIONAL.get(part.resource, ()) if n in held and n not in body]
    if paths:
        yield _update(part.resource, update, paths)


def _sets(
    resource: str,
    ours: Sequence[Mapping[str, Any]],
    theirs: Sequence[Part],
    names: Mapping[str, str],
) -> list[Operation]:
    """Removes what is not approved and creates what is not held; an ad's new text comes before the
    old one goes."""
    left = list(theirs)
    creates: list[Operation] = []
    switches: list[Operation] = []
    for body in ours:
        same = next((p for p in left if _content(p.made) == _content(body)), None)
        if same is None:
            creates.append({f"{resource}_operation": {"create": _linked(body, names)}})
            continue
        left.remove(same)
        status = body.get("status", same.made.get("status", ""))
        if status != same.made.get("status", status):
            switches.append(switch(resource, same.name, status))
    removes = [{f"{resource}_operation": {"remove": part.name}} for part in left]
    ordered = [*creates, *removes] if resource == "ad_group_ad" else [*removes, *creates]
    return [*switches, *ordered]


def _update(resource: str, update: Mapping[str, Any], paths: Sequence[str]) -> Operation:
    mask = ",".join(_UNDERSCORE.sub(lambda m: m[1].upper(), p) for p in paths)
    return {f"{resource}_operation": {"update": dict(update), "update_mask": mask}}


def _differs(ours: Any, held: Any) -> bool:
    """Strict on ours: what Google adds to a message of its own is no difference, but for a chosen
    message that is empty."""
    if isinstance(ours, Mapping) and ours:
        return not isinstance(held, Mapping) or any(
            _differs(v, held.get(k)) for k, v in ours.items()
        )
    return _plain(ours) != _plain(held)


def _leaves(path: str, held: Any) -> list[str]:
    if isinstance(held, Mapping):
        return [leaf for k, v in held.items() for leaf in _leaves(f"{path}.{k}", v)]
    return [path]


def _linked(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """With the real name of the campaign or ad group that the body calls by a temporary one."""
    return {k: names.get(v, v) if isinstance(v, str) else v for k, v in body.items()}


def _content(made: Mapping[str, Any]) -> str:
    """What two resources have in common when they differ in their switch at most."""
    kept = {k: v for k, v in made.items() if k != "status" and not (k == "negative" and not v)}
    return json.dumps(_plain(kept), sort_keys=True)


def _plain(value: Any) -> Any:
    """Lists without order, whole numbers as integers."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return sorted((_plain(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return int(value) if isinstance(value, float) and value.is_integer() else value
