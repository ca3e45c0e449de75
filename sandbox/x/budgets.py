"""What may be spent: by line item and campaign, on a day and in all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.x.delivery import Hour

_ENDLESS = 1 << 62


@dataclass(frozen=True, slots=True)
class Budgets:
    """Micros. A line item without a daily budget of its own has the campaign's."""

    of_item: int
    of_campaign: int
    item_total: int
    campaign_total: int


def budgets(payload: Mapping[str, Any]) -> Budgets:
    (daily, total), (campaign_daily, campaign_total) = payload["budgets"]
    campaign_daily = int(campaign_daily or 0)
    of_item = min(int(daily), campaign_daily) if daily else campaign_daily
    return Budgets(of_item, campaign_daily, int(total or _ENDLESS), int(campaign_total or _ENDLESS))


class Purse:
    """The money of one campaign while its days are drawn, oldest first."""

    def __init__(self, behaviour: Mapping[str, float]) -> None:
        # Young days are reported a little dearer than they end: the limit holds for them too.
        self._most = behaviour["most_overspend"] / behaviour["young_spend"]
        self._young = behaviour["young_spend"]
        self._today: dict[str, int] = defaultdict(int)
        self._ever: dict[str, int] = defaultdict(int)

    def new_day(self) -> None:
        self._today.clear()

    def remember(self, rows: Iterable["Hour"]) -> None:
        """A day that was drawn before."""
        for row in rows:
            self._ever[row.item] += row.cost_micros
            self._ever[""] += row.cost_micros

    def pay(self, row: "Hour", payload: Mapping[str, Any]) -> "Hour":
        """The hour cut down to what is left; the campaign's own sums stand under no item."""
        have = budgets(payload)
        left = min(
            int(have.of_item * self._most) - self._today[row.item],
            int(have.of_campaign * self._most) - self._today[""],
            int(have.item_total / self._young) - self._ever[row.item],
            int(have.campaign_total / self._young) - self._ever[""],
        )
        if row.cost_micros > left:
            row = _cut(row, max(left, 0))
        for sums in (self._today, self._ever):
            sums[row.item] += row.cost_micros
            sums[""] += row.cost_micros
        return row


def _cut(row: "Hour", left: int) -> "Hour":
    """The same hour for less money: everything in proportion, rounded down."""
    part = left / row.cost_micros
    return replace(
        row,
        cost_micros=int(row.cost_micros * part),
        impressions=int(row.impressions * part),
        url_clicks=int(row.url_clicks * part),
        other_clicks=int(row.other_clicks * part),
        applies=int(row.applies * part),
        viewed=int(row.viewed * part),
        early=int(row.early * part),
        early_viewed=int(row.early_viewed * part),
    )
