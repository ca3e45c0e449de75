"""Where an exploration starts, what may happen in it, and the small plans that it posts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from assets.publishing.planning import plan_compiler as planning
from assets.publishing.planning.plan_compiler import AccountContext
from assets.publishing.policy import Policy, lexicon, rulebook
from assets.publishing.policy.files import read_table
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.plan import Plan
from domain.platform import Network
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
from tests.reliability import edits
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


@cache
def _policy() -> Policy:
    book, words = rulebook(read_table(ROOT, "rules")), lexicon(read_table(ROOT, "words"))
    return Policy(book, lambda: words, PLACES, {("US", "TX"): "Texas"})


@cache
def versions(network: Network) -> Mapping[str, Plan]:
    """Plans of one ad: "a" and what follows it ("b" other words and money, "c" other money),
    "two" with a second arm."""
    venue = AccountContext(
        network=network,
        account=ACCOUNT,
        policy=_policy(),
        on=date(2026, 11, 24),
        allowed=LISTED,
        lookup=gazette,
    )
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
    """`approve b`, `propose b`, `stop`, `release`, `withdraw`, `change`, or the ad's status to move
    to."""
    verb, _, version = name.partition(" ")
    if version:
        digest = versions(network)[version].digest
        act = {"approve": edits.approve, "propose": edits.propose}[verb]
        return lambda ledger: act(ledger, digest)
    others = {
        "stop": edits.stop,
        "release": edits.release,
        "withdraw": edits.withdraw,
        "change": edits.change,
    }
    if name in others:
        return others[name]
    return lambda ledger: edits.set_status(ledger, AdStatus(name))


EDITS = ("approve b", "propose b", "paused", "archived", "stop", "withdraw", "change")
NEW = ("scheduled", "approve a")
RUNS = (*NEW, "post")


CHANGES = ("approve c", "propose c", "paused", "archived", "stop", "withdraw", "change")
META, X, GOOGLE = Network.META, Network.X, Network.GOOGLE


def basic(network: Network) -> list[Scenario]:
    """Two workers, one death, one edit, one lease that ends: whatever the ad's beginning."""
    return [
        Scenario(f"first posting, {network}", network, NEW, EDITS),
        Scenario(f"change, {network}", network, (*RUNS, "approve b"), CHANGES),
        Scenario(
            f"off and back, {network}",
            network,
            (*RUNS, "paused"),
            ("live", "archived", "approve b", "stop"),
        ),
        Scenario(
            f"stop and release, {network}",
            network,
            (*RUNS, "stop"),
            ("release", "paused", "archived", "approve b"),
        ),
        Scenario(
            f"withdrawn and approved anew, {network}",
            network,
            (*RUNS, "withdraw"),
            ("approve b", "archived", "stop"),
        ),
    ]


def further() -> list[Scenario]:
    """More of one thing, less of another."""
    back = ("approve two", "archived", "paused")
    two = ("scheduled", "approve two", "post", "approve a")
    return [
        Scenario("an arm dropped and wanted back, meta", META, two, back),
        Scenario(
            "first posting, two leases end and one wanes, meta", META, NEW, expiries=2, wanes=1
        ),
        Scenario(
            "off and back, two edits, meta",
            META,
            (*RUNS, "paused"),
            ("live", "paused", "archived", "approve b"),
            most_edits=2,
        ),
        *(
            Scenario(
                f"first posting, one answer lost, {n}", n, NEW, ("archived",), crashes=0, faults=1
            )
            for n in Network
        ),
    ]


def late() -> list[Scenario]:
    """A worker that stops between the check of its lease and the sending, for any time."""
    return [
        Scenario("first posting, late, meta", META, NEW, ("archived",), crashes=0, late=True),
        Scenario(
            "change, late, meta", META, (*RUNS, "approve b"), ("archived",), crashes=0, late=True
        ),
        Scenario("first posting, late, google", GOOGLE, NEW, ("archived",), crashes=0, late=True),
    ]


CONTROLS = {
    "blind": "the look before each create finds nothing",
    "unfenced": "the ledger takes writes and checks of any lease",
    "eager": "what is made is switched on before it was verified",
}


def controls() -> list[Scenario]:
    return [
        Scenario(f"control {control}, {n}", n, NEW, ("archived",), control=control)
        for control in CONTROLS
        for n in (META, GOOGLE)
    ]
