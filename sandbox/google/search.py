"""Search and SearchStream: rows of one resource, its parents beside it, and what it did."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from google.ads.googleads.v26.common.types import metrics, segments
from google.ads.googleads.v26.enums.types import customer_status, geo_target_constant_status
from google.ads.googleads.v26.resources.types import customer as customer_types
from google.ads.googleads.v26.resources.types import geo_target_constant, language_constant

from sandbox.google.delivery import Delivery
from sandbox.google.delivery import Row as Day
from sandbox.google.fields import Field, Row, predicate, resolve
from sandbox.google.narrow import narrow
from sandbox.google.query import Condition, Query, parse, refuse
from sandbox.google.state import State, Stored
from sandbox.google.status import COMPUTED, ComputedFields
from sandbox.google.world import Customer, Geo, World

Metrics: Any = metrics.Metrics.pb()
Segments: Any = segments.Segments.pb()
CustomerMessage: Any = customer_types.Customer.pb()
GeoMessage: Any = geo_target_constant.GeoTargetConstant.pb()
_GeoStatus: Any = geo_target_constant_status.GeoTargetConstantStatusEnum.GeoTargetConstantStatus
_Status: Any = customer_status.CustomerStatusEnum.CustomerStatus
LanguageMessage: Any = language_constant.LanguageConstant.pb()
_GEO_ENABLED = (
    geo_target_constant_status.GeoTargetConstantStatusEnum.GeoTargetConstantStatus.ENABLED
)
_ENABLED = customer_status.CustomerStatusEnum.CustomerStatus.ENABLED

Context = dict[str, Any]


class Search:
    def __init__(
        self, state: State, world: World, standing: ComputedFields, delivery: Delivery
    ) -> None:
        self._state, self._world = state, world
        self._standing, self._delivery = standing, delivery

    def rows(self, customer: Customer, text: str) -> tuple[list[Any], list[str]]:
        """GoogleAdsRow messages and the paths of the field mask; Refusal with a QueryError."""
        query = parse(text)
        selected = [resolve(path, query.resource) for path in query.select]
        tests = self._tests(customer, query)
        order = [(resolve(path, query.resource), down) for path, down in query.order]
        used = [*selected, *(field for field, _, _ in tests), *(field for field, _ in order)]
        daily = any(field.owner == "segments" for field in selected)
        _dates_given(query, daily)
        measured = daily or any(field.owner == "metrics" for field in used)
        plain = [(f, test) for f, test, _ in tests if f.owner not in ("metrics", "segments")]
        numbers = [(f, test) for f, test, _ in tests if f.owner == "metrics"]
        found = []
        for context in self._contexts(customer, query, used):
            if all(test(field.read(context)) for field, test in plain):
                found += self._measure(context, query, tests, daily) if measured else [context]
        found = [c for c in found if all(test(f.read(c)) for f, test in numbers)]
        for field, down in reversed(order):
            found.sort(key=lambda c, f=field: _sortable(f.read(c)), reverse=down)  # type: ignore[misc]
        if query.limit:
            found = found[: query.limit]
        return [_row(c, query.resource, selected) for c in found], query.select

    def _tests(self, customer: Customer, query: Query) -> list[tuple[Field, Any, Condition]]:
        today = self._state.now().astimezone(customer.zone).date()
        found = []
        for condition in query.where:
            field = resolve(condition.field, query.resource)
            found.append((field, predicate(field, condition, today), condition))
        return found

    def _contexts(
        self, customer: Customer, query: Query, used: Sequence[Field]
    ) -> Iterator[Context]:
        if query.resource == "geo_target_constant":
            yield from ({"geo_target_constant": geo_message(g)} for g in self._world.geos.values())
        elif query.resource == "language_constant":
            for language in self._world.languages.values():
                message = LanguageMessage(
                    resource_name=language.resource,
                    id=language.id,
                    code=language.code,
                    name=language.name,
                    targetable=True,
                )
                yield {"language_constant": message}
        elif query.resource == "customer":
            yield {"customer": _customer(customer)}
        else:
            yield from self._stored(customer, query, used)

    def _stored(self, customer: Customer, query: Query, used: Sequence[Field]) -> Iterator[Context]:
        now = self._state.now()
        owners = {field.owner for field in used}
        computed = {f.owner for f in used if f.chain[0].name in COMPUTED.get(f.owner, ())}
        parents: dict[str, tuple[Stored, Any]] = {}

        def above(resource: str) -> tuple[Stored, Any]:
            if resource not in parents:
                stored = self._state.get(resource)
                if stored is None:
                    raise LookupError(f"{resource} lost")
                parents[resource] = (stored, self._filled(stored, now, computed))
            return parents[resource]

        where, values = narrow(query, customer)
        for stored in self._state.select(where, values):
            context: Context = {"": stored, query.resource: self._filled(stored, now, computed)}
            base = f"customers/{customer.id}"
            if "ad_group" in owners and query.resource != "ad_group":
                context["ad_group"] = above(f"{base}/adGroups/{stored.ad_group}")[1]
            if query.resource != "campaign_budget" and owners & {"campaign", "campaign_budget"}:
                campaign = stored
                if query.resource != "campaign":
                    campaign, context["campaign"] = above(f"{base}/campaigns/{stored.campaign}")
                if "campaign_budget" in owners:
                    budget = f"{base}/campaignBudgets/{campaign.budget}"
                    context["campaign_budget"] = above(budget)[1]
            if "customer" in owners:
                context["customer"] = _customer(customer)
            yield context

    def _filled(self, stored: Stored, now: datetime, computed: set[str]) -> Any:
        """The message, with what the network works out where the query looks at it."""
        message = stored.message()
        if stored.kind in computed:
            self._standing.fill(stored, message, now)
        return message

    def _measure(
        self,
        context: Context,
        query: Query,
        tests: Sequence[tuple[Field, Any, Condition]],
        daily: bool,
    ) -> list[Context]:
        """One context a day, days without impressions left out, or one for the whole range."""
        within = [test for field, test, _ in tests if field.owner == "segments"]
        rows = [
            row
            for row in self._days(context, query)
            if all(test(row.day.isoformat()) for test in within)
        ]
        if not daily:
            return [{**context, "metrics": _sum(rows)}]
        by_day: dict[date, list[Day]] = {}
        for row in rows:
            by_day.setdefault(row.day, []).append(row)
        return [
            {**context, "metrics": _sum(of), "segments": Segments(date=day.isoformat())}
            for day, of in sorted(by_day.items())
        ]

    def _days(self, context: Context, query: Query) -> list[Day]:
        if query.resource == "customer":
            campaigns = self._state.select(
                "customer = ? AND kind = 'campaign'", (str(context["customer"].id),)
            )
            return [row for c in campaigns for row in self._delivery.days(c)]
        stored: Stored = context[""]
        campaign = self._state.campaign(stored.campaign)
        rows = self._delivery.days(campaign)
        if query.resource == "ad_group":
            return [row for row in rows if row.ad_group == stored.ad_group]
        if query.resource == "ad_group_ad":
            return [row for row in rows if row.ad == stored.resource]
        return rows


def _dates_given(query: Query, daily: bool) -> None:
    """A query that selects the date must say a range of finite length."""
    if not daily:
        return
    operators = {c.operator for c in query.where if c.field == "segments.date"}
    closed = operators & {"=", "BETWEEN", "DURING", "IN"}
    if not closed and not (operators & {">", ">="} and operators & {"<", "<="}):
        raise refuse(
            "EXPECTED_FILTERS_ON_DATE_RANGE", "segments.date needs a finite range.", "segments.date"
        )


def _row(context: Context, resource: str, selected: Sequence[Field]) -> Any:
    """The selected fields; resource names of what is selected come along, as at Google."""
    row = Row()
    for owner in {resource, *(field.owner for field in selected)} - {"metrics", "segments"}:
        getattr(row, owner).resource_name = context[owner].resource_name
        if owner == "ad_group_ad" and any(field.chain[0].name == "ad" for field in selected):
            row.ad_group_ad.ad.resource_name = context[owner].ad.resource_name
    for field in selected:
        field.copy(context, row)
    return row


def _sum(rows: Sequence[Day]) -> Any:
    impressions, clicks = sum(r.impressions for r in rows), sum(r.clicks for r in rows)
    cost, applies = sum(r.cost_micros for r in rows), float(sum(r.applies for r in rows))
    found = Metrics(
        impressions=impressions,
        clicks=clicks,
        interactions=clicks,
        cost_micros=cost,
        conversions=applies,
        all_conversions=applies,
    )
    if impressions:
        found.ctr = clicks / impressions
    if clicks:
        found.average_cpc = cost / clicks
    return found


def _sortable(value: Any) -> tuple[bool, Any]:
    return (False, 0) if value is None else (True, value)


def _customer(customer: Customer) -> Any:
    return CustomerMessage(
        resource_name=f"customers/{customer.id}",
        id=int(customer.id),
        manager=False,
        descriptive_name=customer.name,
        currency_code=customer.currency,
        time_zone=customer.timezone,
        test_account=True,
        auto_tagging_enabled=False,
        status=_Status.ENABLED.value,
    )


def geo_message(geo: Geo) -> Any:
    message = GeoMessage(
        resource_name=geo.resource,
        id=geo.id,
        name=geo.name,
        country_code=geo.country,
        target_type=geo.target_type,
        status=_GeoStatus.ENABLED.value,
        canonical_name=geo.canonical,
    )
    if geo.parent:
        message.parent_geo_target = f"geoTargetConstants/{geo.parent}"
    return message
