"""Names of objects on a network: the slot's key first, because a search by it must find them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from domain.plan import Plan, posting_key
from domain.platform import FILES, SHAPES, Network

# Kinds that have no name of ours: a file goes by its content, the others by their parent.
NAMELESS = {
    Network.META: FILES,
    Network.X: FILES | {"targeting", "promoted_tweet"},
    Network.GOOGLE: frozenset({"campaign", "ad_group"}),  # named inside their operations
}
SHORT = {(Network.X, "card"): 80, (Network.X, "tweet"): 80}
LONGEST = 255
# Where a network wants an end and the ad has none: (kind, field), and how far ahead it is kept.
ENDS = {Network.X: ("line_item", "end_time")}
AHEAD = timedelta(days=30)
_PLAIN = (str, int, float, type(None))


def key(plan: Plan, arm: str, kind: str, ids: Mapping[str, str]) -> str:
    """Slot and revision. For what never changes, slot and content with `ids` in place: what an edit
    left as it was is used again, because a network may refuse the same text twice."""
    revision = plan.revision(arm)
    if kind in SHAPES[plan.network].frozen:
        content = {"title": plan.title, "body": filled(plan.bodies(arm)[kind], ids)}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        revision = hashlib.sha256(text.encode()).hexdigest()[:12]
    return posting_key(plan.job_id, plan.network, plan.account_id, arm, revision)


def exact(
    plan: Plan, arm: str, kind: str, ids: Mapping[str, str], now: datetime | None = None
) -> dict[str, Any]:
    """The very body to send: named, with every {"$id": …} that `ids` knows in place, and as it may
    be sent at `now`."""
    approved = plan.bodies(arm)[kind]
    called = f"{key(plan, arm, kind, ids)} {plan.title}"
    called = called[: SHORT.get((plan.network, kind), LONGEST)]
    known = {**ids, "name": called}
    body = {k: filled(v, known) for k, v in approved.items()}
    if kind not in NAMELESS[plan.network]:
        body = {"name": called, **body}
    return body if now is None else timely(plan, kind, body, now)


def moves_on(plan: Plan, kind: str) -> bool:
    """Whether the body of `kind` has an end that depends on the day it is sent."""
    return plan.open_ended and kind == ENDS.get(plan.network, ("", ""))[0]


def timely(plan: Plan, kind: str, body: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The body as it may be sent at `now`: an open-ended ad ends far enough ahead, and Google, who
    takes no start before today, is told none when the ad has begun."""
    if moves_on(plan, kind):
        field = ENDS[plan.network][1]
        return {**body, field: max(str(body[field]), ahead(now))}
    if (plan.network, kind) != (Network.GOOGLE, "campaign"):
        return body
    return {
        "mutate_operations": [_begun(operation, now) for operation in body["mutate_operations"]]
    }


def _begun(operation: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    made = operation.get("campaign_operation", {}).get("create")
    if made is None or made.get("start_date_time", "9999")[:10] > now.date().isoformat():
        return operation
    left = {k: v for k, v in made.items() if k != "start_date_time"}
    return {"campaign_operation": {"create": left}}


def ahead(now: datetime) -> str:
    """The end that an open-ended ad has at `now`: the same all day."""
    day = datetime.combine(now.date(), time(), now.tzinfo) + AHEAD
    return day.strftime("%Y-%m-%dT%H:%M:%SZ")


def filled(value: Any, ids: Mapping[str, Any]) -> Any:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        if len(value) == 1 and "$id" in value:
            return ids.get(value["$id"], value)
        return {k: filled(v, ids) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [filled(v, ids) for v in value]
    return value
