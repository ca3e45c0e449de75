"""Kinds that are objects of their own on X: found by name, made, read in the form of their body."""

from collections.abc import Mapping
from typing import Any

from domain.errors import Refused
from domain.platform import FILES, ReadBack
from resources.x.client import PAGE, AdsClient, data

ROUTES = {
    "image": "media_library",
    "video": "media_library",
    "campaign": "campaigns",
    "line_item": "line_items",
    "card": "cards",
    "tweet": "tweets",
}
IDS = {"image": "media_key", "video": "media_key", "card": "card_uri", "tweet": "id_str"}
SWITCHED = frozenset({"campaign", "line_item"})
_COUNTS = {"image": 50, "video": 50, "card": 200}
_NUMBERS = (
    "daily_budget_amount_local_micro",
    "total_budget_amount_local_micro",
    "bid_amount_local_micro",
)
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
DELETED = "DELETED"


def find(client: AdsClient, account: str, kind: str, key: str, parent: str) -> tuple[str, ...]:
    """Ids of what lives and has a name that starts with `key`, oldest first. X's own search by
    name ignores case, and for files it matches words."""
    asked: dict[str, Any] = {"q": key}
    if kind == "tweet":
        asked = {
            "name": key,
            "tweet_type": "PUBLISHED",
            "timeline_type": "NULLCAST",
            "trim_user": True,
        }
    if kind == "line_item" and parent:
        asked["campaign_ids"] = parent
    count = _COUNTS.get(kind, PAGE)
    rows = client.rows(route(account, kind), f"find {kind}", count=count, **asked)
    mine = [r for r in rows if str(r.get("name") or "").startswith(key) and _lives(r)]
    return tuple(identity(kind, r) for r in sorted(mine, key=lambda r: _age(kind, r)))


def create(client: AdsClient, account: str, kind: str, body: Mapping[str, Any]) -> str:
    what = f"create {kind}"
    if kind == "card":  # cards take JSON only
        answer = client.ask("POST", route(account, kind), what, json=dict(body))
    else:
        path = f"accounts/{account}/tweet" if kind == "tweet" else route(account, kind)
        answer = client.ask("POST", path, what, params=body)
    return identity(kind, data(answer, f"X {what}", writes=True))


def read(
    client: AdsClient, account: str, kind: str, object_id: str, *, urgent: bool = False
) -> ReadBack:
    """`urgent` counts for what has a switch: nothing else is ever paused."""
    what = f"read {kind}"
    if kind == "card":
        asked = {"card_uris": object_id, "with_deleted": True}
    elif kind == "tweet":
        asked = {
            "tweet_ids": object_id,
            "tweet_type": "PUBLISHED",
            "timeline_type": "ALL",
            "trim_user": True,
        }
    else:
        deleted = {} if kind in FILES else {"with_deleted": True}
        path = f"{route(account, kind)}/{object_id}"
        row = client.one(path, what, urgent=urgent, **deleted)
        return held(kind, object_id, row)
    rows = client.rows(route(account, kind), what, count=_COUNTS.get(kind, PAGE), **asked)
    found = [r for r in rows if identity(kind, r) == object_id]
    if not found:
        raise Refused(f"{kind} {object_id} is not there", where=f"X {what}")
    return held(kind, object_id, found[0])


def change(
    client: AdsClient,
    account: str,
    kind: str,
    object_id: str,
    body: Mapping[str, Any],
    *,
    urgent: bool = False,
) -> ReadBack:
    """Set fields of a campaign or line item; zero clears a field, which X spells as nothing."""
    if kind not in SWITCHED:
        raise Refused(f"a {kind} of X never changes", where=object_id, mend="make a new one")
    sent = {k: "" if v == 0 and not isinstance(v, bool) else v for k, v in body.items()}
    what = f"update {kind}"
    path = f"{route(account, kind)}/{object_id}"
    answer = client.ask("PUT", path, what, params=sent, urgent=urgent)
    return held(kind, object_id, data(answer, f"X {what}", writes=True))


def held(kind: str, object_id: str, row: Mapping[str, Any]) -> ReadBack:
    """A row of X as the body that made it. Cards, posts and files have no switch: they are ACTIVE
    as long as they are there."""
    status = str(row.get("entity_status") or "ACTIVE") if _lives(row) else DELETED
    reasons = row.get("reasons_not_servable") or ()
    return ReadBack(kind, object_id, _fields(kind, row), status, issues=tuple(map(str, reasons)))


def identity(kind: str, row: Mapping[str, Any]) -> str:
    """The id of a row; posts are named by a string because their numbers are longer than a float's
    precision."""
    name = IDS.get(kind, "id")
    found = row.get(name) or (row.get("tweet_id") or row.get("id") if kind == "tweet" else None)
    if not found:
        raise Refused(f"X names no {name}", where=kind)
    return str(found)


def route(account: str, kind: str) -> str:
    return f"accounts/{account}/{ROUTES[kind]}"


def _fields(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "tweet":
        user = row.get("user") or {}
        return {
            "name": row.get("name"),
            "text": _text(row),
            "as_user_id": str(user.get("id_str") or user.get("id") or ""),
            "nullcast": row.get("nullcast"),
            "card_uri": row.get("card_uri"),
        }
    if kind == "card" or kind in FILES:
        return {k: row[k] for k in ("name", "components") if k in row}
    fields = dict(row)
    for number in _NUMBERS:
        if isinstance(fields.get(number), str):
            fields[number] = int(fields[number])
    if isinstance(fields.get("placements"), str):
        fields["placements"] = fields["placements"].split(",")
    return fields


def _text(row: Mapping[str, Any]) -> str:
    """What was written: X shortens links and escapes three characters."""
    text = str(row.get("full_text") or row.get("text") or "")
    for link in (row.get("entities") or {}).get("urls") or ():
        if link.get("url") and link.get("expanded_url"):
            text = text.replace(link["url"], link["expanded_url"])
    for escaped, plain in _ESCAPES:
        text = text.replace(escaped, plain)
    return text


def _lives(row: Mapping[str, Any]) -> bool:
    return not row.get("deleted") and row.get("media_status") != "TRANSCODE_FAILED"


def _age(kind: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Sorts oldest first: numbers of posts grow, their times are no ISO times."""
    own = identity(kind, row)
    if kind == "tweet":
        return (len(own), own)
    return (str(row.get("created_at", "")), len(own), own)
