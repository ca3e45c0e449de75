"""Queries of Google Ads, with every text in them escaped and every id checked.

Field lists are paths of protobuf; a query writes the same paths without the underscore that keeps
`type_` apart from Python's own word.
"""

from collections.abc import Sequence

from domain.errors import Refused

_WILD = str.maketrans({c: f"[{c}]" for c in "[]%_"})


def query(fields: Sequence[str], source: str, *conditions: str, order: str = "") -> str:
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    ordered = f" ORDER BY {order}" if order else ""
    selected = ", ".join(".".join(p.rstrip("_") for p in f.split(".")) for f in fields)
    return f"SELECT {selected} FROM {source}{where}{ordered}"


def literal(text: str) -> str:
    """A GAQL string: quoted, with what would end it escaped."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def prefix(text: str) -> str:
    """The pattern of names that start with `text`, whose wildcards stand for themselves."""
    return literal(text.translate(_WILD) + "%")


def number(resource_name: str, collection: str) -> str:
    """ "12" of customers/1/campaigns/12; Refused for anything else, so that no query holds it."""
    steps = resource_name.split("/")
    if len(steps) != 4 or (steps[0], steps[2]) != ("customers", collection):
        raise Refused(f"{resource_name!r} is no name of Google's {collection}")
    if not (steps[1].isdigit() and steps[3].isdigit()):
        raise Refused(f"{resource_name!r} has no ids of digits")
    return steps[3]


def customer(account_id: str) -> str:
    """The ten digits of 700-000-0001 or of a resource name's customer."""
    digits = account_id.removeprefix("customers/").split("/")[0].replace("-", "")
    if not digits.isdigit():
        raise Refused(f"{account_id!r} is no customer of Google", mend="give its ten digits")
    return digits
