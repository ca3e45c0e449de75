"""Names of objects on a network: the slot's key first, because a search by it must find them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from assets.publishing.networks.registry import NETWORKS
from domain.networks import FACTS
from domain.plan import Plan, posting_key

LONGEST = 255
# How far ahead the end of an open-ended ad is kept where the network wants one.
AHEAD = timedelta(days=30)
_PLAIN = (str, int, float, type(None))


def key(plan: Plan, arm: str, kind: str, ids: Mapping[str, str]) -> str:
    """Slot and revision. For what never changes, slot and content with `ids` in place: what an edit
    left as it was is used again, because a network may refuse the same text twice."""
    revision = plan.revision(arm)
    if kind in FACTS[plan.network].frozen:
        content = {"title": plan.title, "body": filled(plan.bodies(arm)[kind], ids)}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        revision = hashlib.sha256(text.encode()).hexdigest()[:12]
    return posting_key(plan.job_id, plan.network, plan.account_id, arm, revision)


def exact(
    plan: Plan, arm: str, kind: str, ids: Mapping[str, str], now: datetime | None = None
) -> dict[str, Any]:
    """The very body to send: named, with every {"$id": …} that `ids` knows in place, and as it may
    be sent at `now`."""
    facts, approved = FACTS[plan.network], plan.bodies(arm)[kind]
    called = f"{key(plan, arm, kind, ids)} {plan.title}"
    called = called[: facts.short.get(kind, LONGEST)]
    known = {**ids, "name": called}
    body = {k: filled(v, known) for k, v in approved.items()}
    if kind not in facts.nameless:
        body = {"name": called, **body}
    return body if now is None else timely(plan, kind, body, now)


def moves_on(plan: Plan, kind: str) -> bool:
    """Whether the body of `kind` has an end that depends on the day it is sent."""
    return bool(_moving(plan, kind))


def _moving(plan: Plan, kind: str) -> str:
    """The field of that end, or ""."""
    end = FACTS[plan.network].end
    return end[1] if end and end[0] == kind and plan.open_ended else ""


def timely(plan: Plan, kind: str, body: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The body as it may be sent at `now`: an open-ended ad ends far enough ahead, and each network
    has its own way with what lies behind."""
    if end := _moving(plan, kind):
        return {**body, end: max(str(body[end]), ahead(now))}
    return NETWORKS[plan.network].translator.timely(kind, body, now)


def ahead(now: datetime) -> str:
    """The end that an open-ended ad has at `now`: the same all day.

    >>> from datetime import UTC
    >>> ahead(datetime(2026, 12, 1, 9, 30, tzinfo=UTC))
    '2026-12-31T00:00:00Z'
    """
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
