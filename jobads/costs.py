"""The cost table that the demo, `sync` and people in a terminal see."""

from typing import TYPE_CHECKING

from jobads.output import make_table

if TYPE_CHECKING:
    from rich.table import Table

    from jobads.summary import Cost


def cost_table(costs: "list[Cost]") -> "Table":
    """One line for each arm; the interval is 95 %, exact for Poisson counts.

    >>> from jobads.summary import Cost
    >>> nurses = Cost("broad", "EUR", 3, 90_000, 700, 20, 300.0, 9.71, 24.56)
    >>> [next(iter(column.cells)).plain for column in cost_table([nurses]).columns]
    ['broad', '3', '90,000', '700', '20', '300.00 EUR', '15.00 (9.71 to 24.56)']
    """
    columns = ("arm", "ads", "impressions", "clicks", "applies", "spend", "cost per apply")
    rows = [
        (
            c.name,
            c.ads,
            f"{c.impressions:,}",
            f"{c.clicks:,}",
            f"{c.applies:,}",
            f"{c.spend:,.2f} {c.currency}",
            _interval(c),
        )
        for c in costs
    ]
    title = "By arm (cost per apply with 95 % interval)"
    return make_table(columns, rows, right=columns[1:], title=title)


def _interval(c: "Cost") -> str:
    if c.per_apply is None:
        return f"more than {c.low:,.2f}"
    return f"{c.per_apply:,.2f} ({c.low:,.2f} to {c.high:,.2f})"
