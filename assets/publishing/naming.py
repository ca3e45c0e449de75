"""Names of objects on a network: the slot's key first, because a search by it must find them."""

from collections.abc import Mapping
from typing import Any

from domain.plan import Plan, posting_key
from domain.platform import Network

# Kinds that have no name of ours: an image goes by its content, the others by their parent.
NAMELESS = {
    Network.META: frozenset({"image"}),
    Network.X: frozenset({"image", "targeting", "promoted_tweet"}),
    Network.GOOGLE: frozenset({"campaign", "ad_group"}),  # named inside their operations
}
SHORT = {(Network.X, "card"): 80, (Network.X, "tweet"): 80}
LONGEST = 255


def name(plan: Plan, arm: str, kind: str) -> str:
    key = posting_key(plan.job_id, plan.network, plan.account_id, arm, plan.revision(arm))
    return f"{key} {plan.title}"[: SHORT.get((plan.network, kind), LONGEST)]


def exact(plan: Plan, arm: str, kind: str, ids: Mapping[str, str]) -> dict[str, Any]:
    """The very body to send: named, and with every {"$id": …} that `ids` knows in place."""
    body = dict(plan.bodies(arm)[kind])
    called = name(plan, arm, kind)
    if kind not in NAMELESS[plan.network]:
        body = {"name": called, **body}
    return {k: filled(v, {**ids, "name": called}) for k, v in body.items()}


def filled(value: Any, ids: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"$id"}:
            return ids.get(value["$id"], value)
        return {k: filled(v, ids) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [filled(v, ids) for v in value]
    return value
