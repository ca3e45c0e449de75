"""Where an exploration starts, what may happen in it, and the small plans that it posts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from assets.publishing import plans as planning
from assets.publishing.plans import Venue
from assets.publishing.policy import Policy, lexicon, rulebook
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.plan import Plan
from domain.platform import Network
from resources.policy import read_table
from tests.publishing.conftest import (
    ACCOUNT,
    LISTED,
    PLACES,
    ROOT,
    Team,
    broad,
    gazette,
    job_ad,
    segment,
)
from tests.reliability import rows
from tests.reliability.rows import Ledger

Edit = Callable[[Ledger], Ledger | None]


@dataclass(frozen=True)
class Scenario:
    """`start` says what was done before the two workers set out: each entry is an edit, or "post"
    for an undisturbed worker. Any one of `edits` may happen at any step, `most_edits` times; so
    may `crashes`, `expiries`, `wanes` (less of the lease is left than a request's margin) and
    `faults` (an answer is lost before or after the server acted).

    A request under a lease that was just checked reaches the server before the lease ends, because
    the check leaves a margin for it; `late` takes that away: a worker may stop for any time between
    the check and the sending."""

    name: str
    network: Network
    start: tuple[str, ...]
    edits: tuple[str, ...] = ()
    most_edits: int = 1
    workers: int = 2
    crashes: int = 1
    expiries: int = 1
    wanes: int = 0
    faults: int = 0
    late: bool = False
    control: str = ""
    plans: Mapping[str, Plan] = field(default_factory=dict)

    def known(self) -> "Scenario":
        """With its plans, named by digest."""
        made = versions(self.network)
        return replace(self, plans={p.digest: p for p in made.values()})


@lru_cache(maxsize=None)
def _policy() -> Policy:
    book, words = rulebook(read_table(ROOT, "rules")), lexicon(read_table(ROOT, "words"))
    return Policy(book, words, PLACES, {("US", "TX"): "Texas"})


@lru_cache(maxsize=None)
def versions(network: Network) -> Mapping[str, Plan]:
    """Plans of one ad: "a" and what follows it ("b" other words and money, "c" other money),
    "two" with a second arm."""
    venue = Venue(
        network=network, account=ACCOUNT, policy=_policy(), on=date(2026, 11, 24), allowed=LISTED,
        lookup=gazette,
    )  # fmt: skip
    ads = {
        "a": job_ad(),
        "b": job_ad(title="Python Developer", budget_daily=Money(5000, "EUR")),
        "c": job_ad(budget_daily=Money(6000, "EUR")),
        "two": job_ad(),
    }
    arms = {"two": [segment("c-a", 1, "Airflow"), broad()]}
    return {
        name: planning.plan(ad, arms.get(name, [broad()]), team=Team(), venue=venue)
        for name, ad in ads.items()
    }


def edit(name: str, network: Network) -> Edit:
    """`approve b`, `propose b`, `stop`, `release`, or the ad's status to move to."""
    verb, _, version = name.partition(" ")
    if version:
        digest, act = versions(network)[version].digest, {"approve": rows.approve,
                                                          "propose": rows.propose}[verb]  # fmt: skip
        return lambda ledger: act(ledger, digest)
    if name in ("stop", "release"):
        return {"stop": rows.stop, "release": rows.release}[name]
    return lambda ledger: rows.set_status(ledger, AdStatus(name))


EDITS = ("approve b", "propose b", "paused", "archived", "stop")
NEW = ("scheduled", "approve a")
RUNS = (*NEW, "post")


def bounded() -> list[Scenario]:
    """What the tests explore."""
    return [
        Scenario(f"{title} on {n}", n, start, edits)
        for n in (Network.META, Network.GOOGLE)
        for title, start, edits in (
            ("a first posting", NEW, EDITS),
            ("a change", (*RUNS, "approve b"), ("approve c", "propose c", "paused", "archived")),
            ("taking off and back", (*RUNS, "paused"), ("live", "archived", "approve b")),
        )
    ]
