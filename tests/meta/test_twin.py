"""Posting through the real SDK to the sandbox network, with a fault at each request."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import requests

from assets.publishing.planning import plan_compiler
from assets.publishing.policy.files import load_policy
from assets.publishing.posting.state_machine import post
from assets.publishing.posting.takedown import retire
from domain.errors import Refused
from domain.job_ad import JobAd
from domain.money import Money
from domain.plan import SHARED, slot_key
from domain.platform import Mode, Network
from domain.primitives import Arm, Evidence, Primitive, Primitives
from resources.files.images import provide
from resources.meta import platform
from tests.films import video
from tests.wire import Faulty

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT, PAGE = "act_1000000001", "2000000001"
NOW = datetime.now(UTC)


class Team:
    dsa_payer = dsa_beneficiary = "Example GmbH"


class Berlin:
    label, kind, country, region = "Berlin", "city", "DE", "16"
    lat, lon = 52.5244, 13.4105


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A twin of our own, on a free port, ended with the module."""
    world = ROOT / "data" / "worlds" / "default.json"
    state = tmp_path_factory.mktemp("twin")
    command = [
        sys.executable,
        "-m",
        "sandbox.meta",
        "--port",
        "0",
        "--state",
        str(state),
        "--world",
        str(world),
        "--seed",
        "7",
    ]
    twin = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield twin.stdout.readline().strip()
    twin.terminate()
    twin.wait(10)


@pytest.fixture
def network(address, tmp_path):
    """(adapter over the real SDK, its wire): the wire loses request `n`, before or after."""

    def make(n=0, when=""):
        meta = platform(token="EMU-meta", url=address, images=tmp_path)
        session = meta.api._session.requests
        wire = Faulty(session.get_adapter(address), n, when)
        session.adapters.clear()
        session.mount("http://", wire)
        return meta, wire

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
def planned(tmp_path, network):
    """An ad's concrete plan: a nursing segment and broad, its places resolved by the twin."""
    image = provide(None, store=tmp_path, mode=Mode.SANDBOX, data=tmp_path).name

    def make(job_id=None, title="Nurse", euros=20, media=image):
        job = JobAd(
            id=job_id or uuid4(),
            team_id=UUID(int=1),
            title=title,
            description_short="Care for people in Berlin.",
            description_long="Nursing.",
            target_url="https://example.com/jobs/1",
            platforms=frozenset({Network.META}),
            budget_daily=Money(euros * 100, "EUR"),
            schedule_start=NOW - timedelta(days=1),
            location="Berlin",
            created_by_user_id=UUID(int=2),
            created_at=NOW,
            updated_at=NOW,
        )
        meta, _ = network()
        account = meta.verify(ACCOUNT)
        asked = {
            "account_id": ACCOUNT,
            "regulated_categories": ["EMPLOYMENT"],
            "regulated_countries": ["DE"],
        }
        listed = meta.lookup("allowed_interests", asked)
        venue = plan_compiler.AccountContext(
            Network.META,
            account,
            replace(load_policy(), places={"geo:1": Berlin}),
            date.today(),
            media=media,
            allowed={c.label.casefold(): c.id for c in listed},
            lookup=meta.lookup,
            ids={"page": PAGE},
        )
        arms = [arm("c-nursing", 1, "Nursing", "Hospitals"), arm("broad", 2)]
        return plan_compiler.plan(job, arms, team=Team(), venue=venue)

    return make


def run(plan, meta, ledger):
    return post(plan, platform=meta, leases=ledger, ledger=ledger, now=NOW, sleep=lambda _: None)


def objects(plan, meta):
    """How many objects of each slot and kind the network lists."""
    slots = {SHARED: ["campaign"]} | {a.arm: ["adset", "creative", "ad"] for a in plan.arms}
    return {
        (slot, kind): len(
            meta.find(ACCOUNT, kind, slot_key(plan.job_id, plan.network, ACCOUNT, slot)).ids
        )
        for slot, kinds in slots.items()
        for kind in kinds
    }


def once(plan, creatives=1):
    """Exactly one of everything; creatives are new objects with each revision."""
    kinds = {(a.arm, k): 1 for a in plan.arms for k in ("adset", "ad")}
    return {(SHARED, "campaign"): 1} | kinds | {(a.arm, "creative"): creatives for a in plan.arms}


def test_a_plan_goes_live_through_the_real_sdk(network, planned, ledgers):
    """Posted once, verified against what the network holds, and active."""
    plan, (meta, _), ledger = planned(), network(), ledgers()
    report = run(plan, meta, ledger)
    assert report.live, [s.reason for s in report.slots]
    assert objects(plan, meta) == once(plan)
    held = meta.read("campaign", report.slots[0].objects["campaign"])
    assert held.status == "ACTIVE" and held.fields["special_ad_categories"] == ["EMPLOYMENT"]


@pytest.fixture
def film(tmp_path):
    """A vertical video in the store, another one for each test: the twin keeps what it was sent."""
    (tmp_path / "film.mp4").write_bytes(video(1080, 1920) + uuid4().bytes)
    return provide(f"file://{tmp_path}/film.mp4", store=tmp_path, mode=Mode.SANDBOX, data=tmp_path)


def test_a_video_is_uploaded_once_and_shown_with_metas_own_still(network, planned, ledgers, film):
    """Two ads share it; its creative carries link and words, and reads back as approved."""
    (meta, _), ledger = network(), ledgers()
    for title in ("Nurse", "Cook"):
        plan = planned(title=title, media=film.name)
        report = run(plan, meta, ledger)
        assert report.live, [s.reason for s in report.slots]
        assert objects(plan, meta) == once(plan)
    (uploaded,) = meta.find(ACCOUNT, "video", film.name).ids
    told = meta.read("creative", report.slots[1].objects["creative"]).fields["object_story_spec"]
    assert told["video_data"]["video_id"] == uploaded and told["video_data"]["image_url"]
    link = told["video_data"]["call_to_action"]["value"]["link"]
    assert link == "https://example.com/jobs/1"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_request_makes_no_second_video(network, planned, ledgers, film, when):
    """The upload itself is lost in turn with every request around it."""
    for n in range(1, 9):
        plan, (meta, _), ledger = planned(media=film.name), network(n, when), ledgers()
        assert run(plan, meta, ledger).live, n
        assert objects(plan, meta) == once(plan), n
    assert len(meta.find(ACCOUNT, "video", film.name).ids) == 1


def test_the_twin_lists_a_nursing_interest_and_the_place(planned):
    """Segment and broad differ lawfully in interest and copy, in nothing else."""
    plan = planned()
    assert [a.arm for a in plan.arms] == ["c-nursing", "broad"]
    targeting = plan.arms[0].bodies["adset"]["targeting"]
    assert targeting["geo_locations"]["custom_locations"][0]["radius"] >= 25
    assert targeting["flexible_spec"] and "flexible_spec" not in str(plan.arms[1].bodies)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_request_anywhere_leaves_each_object_once(network, planned, ledgers, when):
    """The first posting, with each of its requests lost in turn."""
    run(planned(), network()[0], ledgers())  # the image is sent by whoever comes first
    _, wire = first = network()
    run(planned(), first[0], ledgers())
    for n in range(1, wire.count + 1):
        plan, (meta, _), ledger = planned(), network(n, when), ledgers()
        report = run(plan, meta, ledger)
        assert report.live, (n, [s.reason for s in report.slots])
        assert objects(plan, meta) == once(plan), n


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_request_in_an_edit_changes_in_place(network, planned, ledgers, when):
    """A new title and budget, with every third request of the change lost in turn (all of them are,
    against the in-memory network)."""
    job, (meta, wire), ledger = uuid4(), network(), ledgers()
    run(planned(job), meta, ledger)
    start = wire.count
    run(planned(job, "Senior nurse", 30), meta, ledger)
    for n in range(1, wire.count - start + 1, 3):
        job, ledger = uuid4(), ledgers()
        run(planned(job), network()[0], ledger)
        plan, (meta, _) = planned(job, "Senior nurse", 30), network(n, when)
        report = run(plan, meta, ledger)
        assert report.live, (n, [s.reason for s in report.slots])
        assert objects(plan, meta) == once(plan, creatives=2), n


def test_posting_again_writes_nothing(network, planned, ledgers):
    """A settled ad costs the network no request."""
    plan, (meta, wire), ledger = planned(), network(), ledgers()
    run(plan, meta, ledger)
    before = wire.count
    run(plan, meta, ledger)
    assert wire.count == before


def test_a_retired_ad_is_paused_on_the_network(network, planned, ledgers):
    """Read back from the network: the campaign says PAUSED."""
    plan, (meta, _), ledger = planned(), network(), ledgers()
    report = run(plan, meta, ledger)
    retire(
        plan.team_id,
        plan.job_id,
        ACCOUNT,
        platform=meta,
        leases=ledger,
        ledger=ledger,
        sleep=lambda _: None,
        close=True,
    )
    assert meta.read("campaign", report.slots[0].objects["campaign"]).status == "PAUSED"


@pytest.mark.parametrize(
    "wrong", [{"genders": [2]}, {"age_min": 25}, {"excluded_geo_locations": {"countries": ["DE"]}}]
)
def test_the_network_refuses_what_our_checker_refuses(network, planned, ledgers, wrong):
    """Sent past our own guard, a forbidden field comes back as Refused with the field named."""
    plan, (meta, _), ledger = planned(), network(), ledgers()
    campaign = run(plan, meta, ledger).slots[0].objects["campaign"]
    body = {**plan.bodies("broad")["adset"], "name": "x", "campaign_id": campaign}
    body["targeting"] = {**body["targeting"], **wrong}
    with pytest.raises(Refused):
        meta.create(ACCOUNT, "adset", body)


def test_what_ran_is_reported_in_micros_of_the_accounts_currency(
    network, planned, ledgers, address
):
    """Two days later by the twin's clock: impressions and spend within the ad's budget."""
    plan, (meta, _), ledger = planned(), network(), ledgers()
    report = run(plan, meta, ledger)
    ads = [s.objects["ad"] for s in report.slots if s.arm != SHARED]
    clock = requests.get(f"{address}/_twin/clock", timeout=5).json()["now"]
    start = datetime.fromisoformat(clock)
    requests.post(
        f"{address}/_twin/clock", json={"now": (start + timedelta(days=2)).isoformat()}, timeout=5
    ).raise_for_status()
    rows = meta.report(ACCOUNT, ads, start.date(), start.date() + timedelta(days=2))
    assert {r.ad_id for r in rows} == set(ads) and all(r.currency == "EUR" for r in rows)
    assert 0 < sum(r.spend_micros for r in rows) <= 3 * 1.25 * 20_000_000
