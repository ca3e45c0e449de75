"""The cost table that the demo, `sync` and people in a terminal see."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from jobads.summary import Cost


def cost_table(costs: "list[Cost]") -> "Table":
    """One line for each arm; the interval is 95 %, exact for Poisson counts."""
    from rich.table import Table

    table = Table(title="By arm (cost per apply with 95 % interval)")
    for name in ("arm", "ads", "impressions", "clicks", "applies", "spend", "cost per apply"):
        table.add_column(name, justify="left" if name == "arm" else "right")
    for c in costs:
        table.add_row(
            c.name, str(c.ads), f"{c.impressions:,}", f"{c.clicks:,}", f"{c.applies:,}",
            f"{c.spend:,.2f} {c.currency}", _interval(c),
        )  # fmt: skip
    return table


def _interval(c: "Cost") -> str:
    if c.per_apply is None:
        return f"more than {c.low:,.2f}"
    return f"{c.per_apply:,.2f} ({c.low:,.2f} to {c.high:,.2f})"
