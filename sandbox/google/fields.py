"""Fields of a query: whether they exist, how they are read, and when a condition holds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from google.ads.googleads.v26.services.types import google_ads_service
from google.protobuf.descriptor import FieldDescriptor

from sandbox.google.mask import fields as path_fields
from sandbox.google.query import Condition, Literal, refuse

Row: Any = google_ads_service.GoogleAdsRow.pb()
_UP = ("campaign", "campaign_budget", "customer")
JOINS = {
    "campaign": _UP,
    "campaign_budget": ("campaign_budget", "customer"),
    "campaign_criterion": ("campaign_criterion", *_UP),
    "ad_group": ("ad_group", *_UP),
    "ad_group_criterion": ("ad_group_criterion", "ad_group", *_UP),
    "ad_group_ad": ("ad_group_ad", "ad_group", *_UP),
    "customer": ("customer",),
    "geo_target_constant": ("geo_target_constant",),
    "language_constant": ("language_constant",),
}
MEASURED = frozenset(["campaign", "ad_group", "ad_group_ad", "customer"])
METRICS = frozenset(
    [
        "impressions",
        "clicks",
        "cost_micros",
        "conversions",
        "all_conversions",
        "interactions",
        "ctr",
        "average_cpc",
    ]
)
SEGMENTS = frozenset(["date"])
_ORDERED = ("=", "!=", ">", ">=", "<", "<=", "IN", "NOT IN", "BETWEEN")
_INTEGER = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class Field:
    """`owner` is the resource, metrics or segments; `chain` the protos' fields below it."""

    path: str
    owner: str
    chain: tuple[FieldDescriptor, ...]

    @property
    def last(self) -> FieldDescriptor:
        return self.chain[-1]

    def read(self, context: Mapping[str, Any]) -> Any:
        """Enums as their names, an unset scalar as None, repeated fields as lists."""
        message = context.get(self.owner)
        for step in self.chain[:-1]:
            if message is None or not message.HasField(step.name):
                return None
            message = getattr(message, step.name)
        if message is None:
            return None
        last = self.last
        if last.has_presence and not message.HasField(last.name):
            return None
        value = getattr(message, last.name)
        if last.is_repeated:
            return [_shown(last, item) for item in value]
        return _shown(last, value)

    def copy(self, context: Mapping[str, Any], row: Any) -> None:
        source, target = context.get(self.owner), getattr(row, self.owner)
        for step in self.chain[:-1]:
            if source is None or not source.HasField(step.name):
                return
            source, target = getattr(source, step.name), getattr(target, step.name)
        last = self.last
        if source is None or (last.has_presence and not source.HasField(last.name)):
            return
        if last.is_repeated:
            getattr(target, last.name).MergeFrom(getattr(source, last.name))
        elif last.message_type is not None:
            getattr(target, last.name).CopyFrom(getattr(source, last.name))
        else:
            setattr(target, last.name, getattr(source, last.name))


def resolve(path: str, resource: str) -> Field:
    """Refusal with a QueryError when a query over `resource` may not use the field."""
    owner, _, rest = path.partition(".")
    if resource not in JOINS:
        raise refuse("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"The twin has no {resource}.", resource)
    chain = path_fields(Row.DESCRIPTOR, path)
    if not rest or chain is None or any(step.is_repeated for step in chain[:-1]):
        raise refuse("UNRECOGNIZED_FIELD", f"Unrecognized field '{path}'.", path)
    if chain[-1].message_type is not None and not chain[-1].is_repeated:
        raise refuse("UNRECOGNIZED_FIELD", f"'{path}' is not selectable; name a part.", path)
    if owner in ("metrics", "segments"):
        if resource not in MEASURED:
            kind = "METRIC" if owner == "metrics" else "SEGMENT"
            name = f"PROHIBITED_{kind}_IN_SELECT_OR_WHERE_CLAUSE"
            raise refuse(name, f"{path} is not known of {resource}.", path)
        if rest not in (METRICS if owner == "metrics" else SEGMENTS):
            raise refuse("UNRECOGNIZED_FIELD", f"The twin does not measure '{path}'.", path)
    elif owner not in JOINS[resource]:
        raise refuse(
            "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE",
            f"{owner} is not joined to {resource}.",
            path,
        )
    return Field(path, owner, tuple(chain[1:]))


def predicate(field: Field, condition: Condition, today: date) -> Callable[[Any], bool]:
    """A test of the field's value; Refusal when operator or values do not suit it."""
    operator, last = condition.operator, field.last
    if operator == "IS NULL":
        return lambda value: value is None
    if operator == "IS NOT NULL":
        return lambda value: value is not None
    if operator == "DURING":
        low, high = during(condition.values[0].text, today)
        return lambda value: value is not None and low <= value <= high
    if operator.endswith("LIKE"):
        if last.cpp_type != FieldDescriptor.CPPTYPE_STRING or last.is_repeated:
            raise refuse("OPERATOR_FIELD_MISMATCH", f"{field.path} is no string.", field.path)
        pattern, wanted = like(condition.values[0].text), operator == "LIKE"
        return lambda value: (pattern.fullmatch(value or "") is not None) == wanted
    values = [_typed(field, literal) for literal in condition.values]
    if operator.startswith("CONTAINS") != bool(last.is_repeated):
        raise refuse(
            "OPERATOR_FIELD_MISMATCH", f"{operator} does not suit {field.path}.", field.path
        )
    return _holds(operator, values)


def _holds(operator: str, values: list[Any]) -> Callable[[Any], bool]:
    first = values[0]
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda v: v == first,
        "!=": lambda v: v != first,
        ">": lambda v: v is not None and v > first,
        ">=": lambda v: v is not None and v >= first,
        "<": lambda v: v is not None and v < first,
        "<=": lambda v: v is not None and v <= first,
        "IN": lambda v: v in values,
        "NOT IN": lambda v: v not in values,
        "BETWEEN": lambda v: v is not None and first <= v <= values[1],
        "CONTAINS ANY": lambda v: any(x in (v or []) for x in values),
        "CONTAINS ALL": lambda v: all(x in (v or []) for x in values),
        "CONTAINS NONE": lambda v: not any(x in (v or []) for x in values),
    }
    return tests[operator]


def like(text: str) -> re.Pattern[str]:
    """% is any text, _ any character; [ ] % _ stand for themselves inside [ ]."""
    parts, at = [], 0
    while at < len(text):
        if text[at] == "[":
            if text[at + 2 : at + 3] != "]" or text[at + 1] not in "[]%_":
                raise refuse("INVALID_VALUE_WITH_LIKE_OPERATOR", f"'{text}' has a stray [.", text)
            parts.append(re.escape(text[at + 1]))
            at += 3
            continue
        parts.append({"%": ".*", "_": "."}.get(text[at], re.escape(text[at])))
        at += 1
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def during(function: str, today: date) -> tuple[str, str]:
    """First and last day of a named range, as the grammar lists them; today is not in LAST_…"""
    back = {"LAST_7_DAYS": 7, "LAST_14_DAYS": 14, "LAST_30_DAYS": 30, "YESTERDAY": 1}
    if function == "TODAY":
        return today.isoformat(), today.isoformat()
    if function == "THIS_MONTH":
        return today.replace(day=1).isoformat(), today.isoformat()
    if function not in back:
        raise refuse("INVALID_VALUE_WITH_DURING_OPERATOR", f"No range {function}.", function)
    yesterday = today - timedelta(days=1)
    return (today - timedelta(days=back[function])).isoformat(), yesterday.isoformat()


def _typed(field: Field, literal: Literal) -> Any:
    last = field.last
    if last.enum_type is not None:
        if literal.text not in last.enum_type.values_by_name:
            raise refuse(
                "BAD_ENUM_CONSTANT", f"{field.path} is never {literal.text}.", literal.text
            )
        return literal.text
    kind = last.cpp_type
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        if literal.text.upper() not in ("TRUE", "FALSE"):
            raise refuse("BAD_VALUE", f"{field.path} is TRUE or FALSE.", literal.text)
        return literal.text.upper() == "TRUE"
    if kind in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_INT32):
        if not _INTEGER.fullmatch(literal.text):
            raise refuse("BAD_NUMBER", f"{field.path} is a whole number.", literal.text)
        return int(literal.text)
    if kind in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        try:
            return float(literal.text)
        except ValueError:
            raise refuse("BAD_NUMBER", f"{field.path} is a number.", literal.text) from None
    if field.path == "segments.date":
        _day(literal.text)
    return literal.text


def _day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise refuse("INVALID_DATE_FORMAT", f"'{text}' is not yyyy-MM-dd.", text) from None


def _shown(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else "UNKNOWN"
    return value
