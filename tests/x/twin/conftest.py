"""Plans of real job ads for the sandbox's X, and a wire that loses requests."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
import requests

from assets.publishing.planning import plan_compiler
from assets.publishing.policy.files import load_policy
from assets.publishing.posting.state_machine import post
from assets.publishing.posting.takedown import retire
from domain.job_ad import JobAd
from domain.money import Money
from domain.networks import FACTS
from domain.plan import SHARED, slot_key
from domain.platform import FILES, Mode, Network
from domain.primitives import Arm, Evidence, Primitive, Primitives
from resources.files.images import provide
from tests.wire import Faulty

ACCOUNT, TOKEN = "x1eur", "EMU-x-user:EMU-x-user-secret"
SHAPE = FACTS[Network.X]


class Team:
    dsa_payer = dsa_beneficiary = "Example GmbH"


class Berlin:
    label, kind, country, region = "Berlin", "city", "DE", "16"
    lat, lon = 52.5244, 13.4105


@pytest.fixture
def network(twin, connect):
    """(adapter over tweepy, its wire): the wire loses request `n`, before or after."""

    def make(n=0, when=""):
        x = connect(address=twin, token=TOKEN, account_id=ACCOUNT)
        wire = Faulty(x.client.session.get_adapter(twin), n, when)
        for session in (x.client.session, x.client._media_session):
            session.adapters.clear()
            session.mount("http://", wire)
        return x, wire

    return make


def fact(id_, label):
    return Primitive(id_, label, 0.5, "text", (Evidence("description", 0, len(label), label),))


def arm(name, rank, *terms):
    own = Primitives(
        skills_keywords=tuple(fact(f"term:{t}", t) for t in terms),
        locations=(fact("geo:1", "Berlin"),),
    )
    return Arm(name, rank, 0.5, 0.5, 1.0, own)


@pytest.fixture
def now(twin):
    """The twin's time: ads that are posted run there."""
    return datetime.fromisoformat(requests.get(f"{twin}/_twin/clock", timeout=5).json()["now"])


@pytest.fixture
def planned(tmp_path, network, now):
    """An ad's concrete plan: a nursing segment and broad, its place resolved by the twin."""
    picture = provide(None, store=tmp_path, mode=Mode.SANDBOX, data=tmp_path).name
    x, _ = network()
    account = x.verify(ACCOUNT)

    def make(job_id=None, title=None, euros=40, terms=("Nursing", "Hospitals"), media=picture):
        job = JobAd(
            id=job_id or uuid4(),
            team_id=UUID(int=1),
            title=title or f"Nurse {uuid4().hex[:6]}",
            description_short="Care for people in Berlin.",
            description_long="Nursing.",
            target_url="https://example.com/jobs/1?a=b&c=d",
            platforms=frozenset({Network.X}),
            budget_daily=Money(euros * 100, "EUR"),
            schedule_start=now - timedelta(days=1),
            location="Berlin",
            created_by_user_id=UUID(int=2),
            created_at=now,
            updated_at=now,
        )
        venue = plan_compiler.AccountContext(
            Network.X,
            account,
            replace(load_policy(), places={"geo:1": Berlin}),
            date.today(),
            media=media,
            lookup=x.lookup,
        )
        return plan_compiler.plan(
            job, [arm("c-nursing", 1, *terms), arm("broad", 2)], team=Team(), venue=venue
        )

    return make


def run(plan, x, ledger, now):
    return post(plan, platform=x, leases=ledger, ledger=ledger, now=now, sleep=lambda _: None)


def objects(plan, x, report):
    """How many objects of each slot and kind the network lists; held kinds by what they hold."""
    found = {}
    for slot in report.slots:
        key = slot_key(plan.job_id, plan.network, ACCOUNT, slot.arm)
        for kind, object_id in slot.objects.items():
            if kind in SHAPE.held:
                fields = x.read(kind, object_id).fields
                found[slot.arm, kind] = len(fields.get("operations") or fields.get("tweet_ids"))
            elif kind not in FILES:
                found[slot.arm, kind] = len(x.find(ACCOUNT, kind, key).ids)
    return found


def once(plan, **frozen):
    """Exactly one of everything; cards and posts are new objects with each change of theirs."""
    expected = {(SHARED, "campaign"): 1}
    for one in plan.arms:
        for kind, body in one.bodies.items():
            held = len(body["operations"]) if kind == "targeting" else 1
            expected[one.arm, kind] = frozen.get(kind, held)
    return expected


def over(plan, x, ledger):
    """Take the ad off again: X lets an account run 256 line items."""
    retire(
        plan.team_id,
        plan.job_id,
        ACCOUNT,
        platform=x,
        leases=ledger,
        ledger=ledger,
        sleep=lambda _: None,
        close=True,
    )


@pytest.fixture
def ads():
    """Post a plan, count what the network lists of it, how many there should be, take it off."""
    return SimpleNamespace(run=run, objects=objects, once=once, over=over)
