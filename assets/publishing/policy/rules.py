"""Dated rules: network × country × field → keep, rewrite or drop. What no rule names is dropped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, Strict, ValidationError

from domain.errors import SetupError
from domain.networks import FACTS
from domain.plan import Fate
from domain.platform import Network

STRICTEST: Sequence[Fate] = ("drop", "rewrite", "keep")
EVERYWHERE = "all"
KEPT = frozenset(
    {
        "locations.city",
        "locations.region",
        "locations.country",
        "locations.remote",
        "skills_keywords",
        "industries",
        "seniority",
    }
)
LEAST_KM = 25
"""Least radius of a circle that a rule may name."""
# A town becomes a circle, remote work a country, a level of work words: none of them goes as it is.
NEVER_AS_IT_IS = frozenset({"locations.remote", "seniority"})
CIRCLES = frozenset(network for network, facts in FACTS.items() if facts.circles)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `countries` None means everywhere; it holds while since <= day < until."""

    id: str
    networks: frozenset[Network]
    countries: frozenset[str] | None
    fields: frozenset[str]
    fate: Fate
    to: str
    since: date
    until: date | None
    source: str
    reason: str
    radius_km: int = 0
    most: int = 1_000

    def __post_init__(self) -> None:
        if self.fate != "drop":
            if not self.fields <= KEPT:
                raise SetupError(f"nobody can carry {sorted(self.fields - KEPT)}", where=self.id)
            self._check_way()
        circle = "locations.city" in self.fields and self.to == "place" and self.networks & CIRCLES
        if circle and not LEAST_KM <= self.radius_km <= 80:
            raise SetupError(
                f"a circle of {self.radius_km} km", where=self.id, mend=f"{LEAST_KM} to 80 km"
            )
        if self.until is not None and self.until <= self.since:
            raise SetupError("ends before it starts", where=self.id)

    def _check_way(self) -> None:
        """SetupError unless the fact can go there, and does not go as it is where it may not."""
        place = any(name.startswith("locations.") for name in self.fields)
        wrong = place != (self.to == "place") or (
            self.to == "interest" and "seniority" in self.fields
        )
        if wrong or any(self.to not in FACTS[network].ways for network in self.networks):
            raise SetupError(f"{self.to!r} is no way for it", where=self.id)
        circle = "locations.city" in self.fields and self.networks & CIRCLES
        if self.fate == "keep" and (circle or self.fields & NEVER_AS_IT_IS):
            raise SetupError("may be rewritten or dropped, never kept as it is", where=self.id)

    def speaks(self, network: Network, country: str, name: str, on: date) -> bool:
        return (
            network in self.networks
            and name in self.fields
            and (self.countries is None or country in self.countries)
            and self.since <= on
            and (self.until is None or on < self.until)
        )


DENY = Rule(
    "default-deny",
    frozenset(Network),
    None,
    frozenset(),
    "drop",
    "",
    date.min,
    None,
    "jobads: what no rule allows is dropped",
    "no rule allows this field on a job ad",
)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules, and the groups of countries they speak of."""

    rules: tuple[Rule, ...]
    groups: Mapping[str, frozenset[str]]
    sources: Mapping[str, str]
    _memory: dict[Any, Rule] = field(default_factory=dict, compare=False, repr=False)

    def strictest(self, network: Network, countries: Iterable[str], name: str, on: date) -> Rule:
        """The rule that `name` obeys where the ad is shown; DENY where a country has none."""
        key = (network, tuple(countries), name, on)
        if key not in self._memory:
            found = [self._in(network, country, name, on) for country in key[1]]
            self._memory[key] = min(found or [DENY], key=lambda r: STRICTEST.index(r.fate))
        return self._memory[key]

    def forbids(
        self, network: Network, countries: Iterable[str], name: str, on: date
    ) -> Rule | None:
        """The rule that drops `name` by name in any of the countries, or None."""
        for country in countries:
            for rule in self.rules:
                if rule.fate == "drop" and rule.speaks(network, country, name, on):
                    return rule
        return None

    def _in(self, network: Network, country: str, name: str, on: date) -> Rule:
        speaking = [r for r in self.rules if r.speaks(network, country, name, on)]
        return min(speaking or [DENY], key=lambda r: STRICTEST.index(r.fate))


def rulebook(data: Mapping[str, Any]) -> Rulebook:
    """The parsed table as records; SetupError names the row that is wrong."""
    groups = {name: frozenset(codes) for name, codes in data["groups"].items()}
    return Rulebook(
        tuple(_rule(row, groups, data["sources"]) for row in data["rules"]), groups, data["sources"]
    )


class _Row(BaseModel, frozen=True, extra="forbid"):
    """A rule as its file writes it."""

    id: str
    network: Network | Literal["all"]
    countries: str
    field: str
    fate: Fate
    source: str
    reason: str
    since: Annotated[date, Strict()] = Field(alias="from")
    until: Annotated[date, Strict()] | None = None
    to: str = ""
    radius_km: int = 0
    most: int = 1_000


def _rule(
    data: Mapping[str, Any], groups: Mapping[str, frozenset[str]], sources: Mapping[str, str]
) -> Rule:
    where = f"policy rule {data.get('id', data)}"
    try:
        row = _Row.model_validate(data)
        return Rule(
            row.id,
            frozenset([row.network] if isinstance(row.network, Network) else Network),
            None if row.countries == EVERYWHERE else groups[row.countries],
            frozenset(row.field.split("|")),
            row.fate,
            row.to,
            row.since,
            row.until,
            sources[row.source],
            row.reason,
            row.radius_km,
            row.most,
        )
    except ValidationError as error:
        fault = error.errors()[0]
        raise SetupError(f"{fault['loc'][0]}: {fault['msg']}", where=where) from None
    except KeyError as error:
        raise SetupError(f"the table has no {error}", where=where) from None
