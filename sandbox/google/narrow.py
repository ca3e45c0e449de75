"""Conditions that the tables can answer by an index, so that thousands of campaigns stay quick.

What it leaves is a superset: every condition is tested again on each row.
"""

from collections.abc import Callable, Sequence

from sandbox.google.query import Condition, Query
from sandbox.google.world import Customer

_COLUMN = {"campaign": "campaign", "ad_group": "ad_group", "campaign_budget": "budget"}
_REFERENCES = {
    "ad_group.campaign": "campaign",
    "campaign_criterion.campaign": "campaign",
    "ad_group_ad.ad_group": "ad_group",
    "ad_group_criterion.ad_group": "ad_group",
    "campaign.campaign_budget": "budget",
}
_TOP = "\U0010ffff"


def narrow(query: Query, customer: Customer) -> tuple[str, list[object]]:
    """A condition over the columns of `objects`, and its values."""
    parts: list[str] = ["customer = ?", "kind = ?"]
    values: list[object] = [customer.id, query.resource]
    for condition in query.where:
        for rule in (_by_number, _by_name, _by_start):
            found = rule(query.resource, condition, customer)
            if found:
                parts.append(found[0])
                values += found[1]
    if any(part.startswith(tuple(_COLUMN.values())) for part in parts):
        # The unary plus keeps SQLite from the customer's index, which holds far more rows.
        parts[0] = "+customer = ?"
    return " AND ".join(parts), values


Found = tuple[str, Sequence[object]] | None
Rule = Callable[[str, Condition, Customer], Found]


def _by_number(resource: str, condition: Condition, customer: Customer) -> Found:
    if condition.operator not in ("=", "IN"):
        return None
    texts = [value.text for value in condition.values]
    owner, _, rest = condition.field.partition(".")
    if rest == "resource_name" and owner == resource:
        return f"resource IN ({_marks(texts)})", texts
    column = _REFERENCES.get(condition.field)
    if rest in ("id", "resource_name") and owner in _COLUMN:
        column = _column(owner, resource)
    elif condition.field == "ad_group_ad.ad.id":
        column = "number"
    if column is None:
        return None
    numbers = [text.rsplit("/", 1)[-1] for text in texts]
    if not all(n.isdigit() and len(n) < 19 for n in numbers):
        return "0", ()
    return f"{column} IN ({_marks(numbers)})", [int(n) for n in numbers]


def _column(owner: str, resource: str) -> str | None:
    if owner == resource:
        return "number"
    return _COLUMN[owner] if owner != "campaign_budget" or resource == "campaign" else None


def _by_name(resource: str, condition: Condition, customer: Customer) -> Found:
    owner, _, rest = condition.field.partition(".")
    if rest != "name" or owner not in ("campaign", "ad_group"):
        return None
    if condition.operator not in ("=", "IN"):
        return None
    names = [value.text.casefold() for value in condition.values]
    if owner == resource:
        return f"folded IN ({_marks(names)})", names
    inner = (
        "SELECT number FROM objects WHERE customer = ? AND kind = ? "
        f"AND folded IN ({_marks(names)})"
    )
    return f"{_COLUMN[owner]} IN ({inner})", [customer.id, owner, *names]


def _by_start(resource: str, condition: Condition, customer: Customer) -> Found:
    """LIKE 'key%': names that start so lie together in the index."""
    owner, _, rest = condition.field.partition(".")
    if rest != "name" or owner not in ("campaign", "ad_group") or condition.operator != "LIKE":
        return None
    text = condition.values[0].text
    start = text[: min((i for i, c in enumerate(text) if c in "%_["), default=len(text))].casefold()
    if not start:
        return None
    if owner == resource:
        return "folded >= ? AND folded < ?", [start, start + _TOP]
    inner = (
        "SELECT number FROM objects WHERE customer = ? AND kind = ? AND folded >= ? AND folded < ?"
    )
    return f"{_COLUMN[owner]} IN ({inner})", [customer.id, owner, start, start + _TOP]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
