"""One ad, its arms, and what a plan needs beside them."""

import importlib.util
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from assets.publishing.planning import plan_compiler
from assets.publishing.planning.plan_compiler import AccountContext
from assets.publishing.policy import Policy, lexicon, rulebook
from assets.publishing.policy.files import read_table
from domain.job_ad import JobAd
from domain.money import Money
from domain.platform import Account, Candidate, Mode, Network
from domain.primitives import Arm, Evidence, Primitive, Primitives

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location(
    "publishing_fakes", Path(__file__).with_name("fakes.py")
)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
IMAGE = "0" * 64 + ".png"


@dataclass(frozen=True)
class Team:
    dsa_payer: str | None = "Example GmbH"
    dsa_beneficiary: str | None = "Example GmbH"


@dataclass(frozen=True)
class Spot:
    label: str
    kind: str
    country: str
    region: str = ""
    lat: float = 0.0
    lon: float = 0.0


PLACES = {
    "geo:1": Spot("Berlin", "city", "DE", "16", 52.5244, 13.4105),
    "geo:2": Spot("Texas", "region", "US", "TX"),
    "geo:3": Spot("Austin", "city", "US", "TX", 30.2672, -97.7431),
    "country:DE": Spot("Germany", "country", "DE"),
}


def fact(id_: str, label: str, source: str = "text") -> Primitive:
    evidence = (Evidence("description", 0, len(label), label),) if source == "text" else ()
    return Primitive(id_, label, 0.5, source, evidence)


OWN = Primitives(
    industries=(fact("industry:it", "Information technology"),),
    skills_keywords=(fact("skill:python", "Python"), fact("skill:sql", "SQL")),
    locations=(fact("geo:1", "Berlin"),),
    seniority=fact("level:senior", "Senior"),
)


def segment(name: str, rank: int, *terms: str, source: str = "text", share: float = 0.4) -> Arm:
    extra = tuple(fact(f"term:{t}", t, source) for t in terms)
    own = Primitives(OWN.industries, (*OWN.skills_keywords, *extra), OWN.locations, OWN.seniority)
    return Arm(name, rank, 0.8, share, 1.0, own, "silhouette 0.40 >= 0.25")


def broad(share: float = 0.2, reason: str = "always runs") -> Arm:
    return Arm("broad", 9, 0.0, share, 1.0, OWN, reason)


def job_ad(**changes) -> JobAd:
    base = {
        "id": UUID(int=7),
        "team_id": UUID(int=1),
        "title": "Senior Python Developer",
        "description_short": "Build data pipelines with a small team in Berlin.",
        "description_long": "Python, SQL and Airflow.",
        "target_url": "https://example.com/jobs/7",
        "platforms": frozenset({Network.META}),
        "budget_daily": Money(2501, "EUR"),
        "schedule_start": NOW,
        "location": "Berlin, Germany",
        "created_by_user_id": UUID(int=2),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return JobAd(**{**base, **changes})


CURRENCY = "EUR"
ACCOUNT = Account(
    "act_1",
    CURRENCY,
    "Europe/Berlin",
    100,
    Mode.SANDBOX,
    {"page": "2000000001", "funding_instrument": "fi1", "promotable_user": "99"},
)
LISTED = {"python": "6003000001", "airflow": "6003000002", "spark": "6003000003"}


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The tables that ship, over a gazetteer of three places."""
    return Policy(
        rulebook(read_table(ROOT, "rules")),
        lambda: lexicon(read_table(ROOT, "words")),
        PLACES,
        {("US", "TX"): "Texas"},
    )


@pytest.fixture
def make_plan(policy):
    """Plan an ad with given arms; keyword arguments override the venue's."""

    def make(ad: JobAd | None = None, arms=None, team=None, **changes):
        given = {
            "network": Network.META,
            "account": ACCOUNT,
            "policy": policy,
            "on": date(2026, 11, 24),
            "media": IMAGE,
            "allowed": LISTED,
        } | changes
        arms = arms or [segment("c-a", 1, "Airflow"), segment("c-b", 2, "Spark"), broad()]
        return plan_compiler.plan(
            ad or job_ad(), arms, team=team or Team(), venue=AccountContext(**given)
        )

    return make


def gazette(kind: str, query) -> list[Candidate]:
    """A network that knows Berlin, Texas, Germany and the United States."""
    known = {
        "Berlin": ("city", "DE", "300"),
        "Texas": ("region", "US", "400"),
        "DE": ("country", "DE", "500"),
        "US": ("country", "US", "600"),
    }
    kind_, country, id_ = known.get(query["q"], ("", "", ""))
    fields = {"country_code": country, "kind": kind_}
    return [Candidate(id_, query["q"], kind_, fields)] if id_ else []


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def ready(make_plan):
    """A concrete plan: two segments and broad, every lookup answered."""

    def make(*args, **changes):
        return make_plan(*args, **{"lookup": gazette, **changes})

    return make


@pytest.fixture
def parts():
    """The builders of this file, for tests that need other ads or arms."""
    names = ("job_ad", "segment", "broad", "fact", "Team", "gazette")
    return type("Parts", (), {name: staticmethod(globals()[name]) for name in names})


@pytest.fixture(scope="session")
def fakes():
    module = importlib.util.module_from_spec(_spec)
    import sys

    sys.modules[_spec.name] = module
    _spec.loader.exec_module(module)
    return module
