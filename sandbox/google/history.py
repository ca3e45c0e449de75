"""A campaign as it was at any moment, from the versions of all that it holds."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.google.kinds import KINDS
from sandbox.google.state import State, Stored
from sandbox.google.world import Customer

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Group:
    """An ad group with its criteria that are not removed, and its ads by resource name."""

    resource: str
    message: Any
    criteria: tuple[Any, ...]
    ads: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tree:
    """Ad groups and ads that were removed are still there: they may have run before that day."""

    campaign: Any
    budget: Any
    criteria: tuple[Any, ...]
    groups: tuple[Group, ...]


class History:
    """`stored` holds what the campaign holds now, by resource name."""

    def __init__(self, state: State, campaign: Stored) -> None:
        self._versions: dict[str, list[tuple[datetime, Any]]] = defaultdict(list)
        self._kinds: dict[str, str] = {}
        for resource, kind, at, body in state.versions(campaign):
            self._versions[resource].append((at, KINDS[kind].message.FromString(body)))
            self._kinds[resource] = kind
        self.stored = {s.resource: s for s in state.select("campaign = ?", (campaign.number,))}
        self.campaign = campaign

    def at(self, moment: datetime) -> Tree | None:
        """None before the campaign was made."""
        found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        for resource, versions in self._versions.items():
            then = [message for at, message in versions if at <= moment]
            kind = self._kinds[resource]
            gone = kind.endswith("criterion") and then and then[-1].status == KINDS[kind].removed
            if then and not gone:
                found[kind][resource] = then[-1]
        campaign = found["campaign"].get(self.campaign.resource)
        budgets = list(found["campaign_budget"].values())
        if campaign is None or not budgets:
            return None
        groups = tuple(
            Group(name, group, *_within(name, found)) for name, group in found["ad_group"].items()
        )
        return Tree(campaign, budgets[0], tuple(found["campaign_criterion"].values()), groups)

    def enabled(self, resource: str, now: datetime) -> list[Span]:
        """When a resource was switched on, until `now`."""
        versions = self._versions[resource]
        ends = [at for at, _ in versions[1:]] + [now]
        on = KINDS[self._kinds[resource]].enabled
        return [
            (at, min(end, now))
            for (at, message), end in zip(versions, ends, strict=True)
            if message.status == on and at < now
        ]


def _within(group: str, found: dict[str, dict[str, Any]]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    criteria = tuple(c for c in found["ad_group_criterion"].values() if c.ad_group == group)
    ads = {name: ad for name, ad in found["ad_group_ad"].items() if ad.ad_group == group}
    return criteria, ads


def schedule(campaign: Any, customer: Customer) -> Span:
    """The campaign's own span, in the account's zone; its last second is inside."""
    start, end = (
        datetime.fromisoformat(text).replace(tzinfo=customer.zone)
        for text in (campaign.start_date_time, campaign.end_date_time)
    )
    return start, end + timedelta(seconds=1)


def overlap(first: list[Span], second: list[Span]) -> list[Span]:
    return [(max(a, c), min(b, d)) for a, b in first for c, d in second if max(a, c) < min(b, d)]
