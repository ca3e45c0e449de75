"""Adapter and twin, each written from the contract alone, over the real SDK and a socket."""

import copy
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import requests

from assets.publishing.networks.google import request
from assets.publishing.payload_validator import check_live
from assets.publishing.posting import object_names
from assets.publishing.posting.readback_diff import differing
from assets.publishing.posting.state_machine import post
from assets.publishing.posting.takedown import retire
from domain.errors import Ambiguous, NeedsReauth, Refused, Throttled
from domain.money import Money
from domain.plan import slot_key
from domain.platform import ACTIVE, PAUSED, Network, Review
from resources.google import platform

ROOT = Path(__file__).resolve().parents[2]
CUSTOMER = "7000000002"
TOKEN = "EMU-google-user"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# Midnights of the account's zone: Search campaigns begin with a day.
TODAY = datetime(2026, 11, 24, tzinfo=ZoneInfo("Europe/Berlin"))
LATER = datetime(2026, 12, 1, tzinfo=ZoneInfo("Europe/Berlin"))


@dataclass(frozen=True)
class Twin:
    address: str
    url: str

    def admin(self, path, body=None):
        call = requests.get if body is None else requests.post
        answer = call(f"{self.url}/_twin/{path}", json=body, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    world = ROOT / "data" / "worlds" / "google.json"
    state = tmp_path_factory.mktemp("google")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sandbox.google",
            "--port",
            "0",
            "--http-port",
            "0",
            "--state",
            str(state),
            "--world",
            str(world),
            "--seed",
            "7",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    twin = Twin(*process.stdout.readline().split())
    twin.admin("clock", {"now": NOW.isoformat()})
    yield twin
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def google(twin):
    return platform(token=TOKEN, address=twin.address, account_id=CUSTOMER)


@pytest.fixture
def posted(google, make_plan):
    """A function that posts a plan as one bundle: (plan, campaign body, campaign's id)."""

    def post(title, start=LATER):
        plan = make_plan(title=title, schedule_start=start)
        campaign = object_names.exact(plan, "campaign", "campaign", {})
        return plan, campaign, google.create(CUSTOMER, "campaign", bundle(plan, campaign)).id

    return post


def bundle(plan, campaign):
    groups = [object_names.exact(plan, arm.arm, "ad_group", {}) for arm in plan.arms]
    return request(CUSTOMER, campaign, groups)


def key(body, resource):
    return content(body, resource)["name"][:32]  # slot and revision


def content(body, resource):
    return next(
        o[f"{resource}_operation"]["create"]
        for o in body["mutate_operations"]
        if f"{resource}_operation" in o
    )


def groups_of(google, plan, campaign_id):
    """{arm: (approved body, the one ad group that its key finds)}."""
    found = {}
    for arm in plan.arms:
        body = object_names.exact(plan, arm.arm, "ad_group", {"campaign": campaign_id})
        (name,) = google.find(CUSTOMER, "ad_group", key(body, "ad_group"), campaign_id).ids
        found[arm.arm] = (body, name)
    return found


def test_a_bundle_is_read_back_as_it_was_approved(google, posted):
    """Campaign and ad groups of a translated plan: nothing differs, nothing is refused."""
    plan, campaign, made = posted("Python Developer A")
    held = google.read("campaign", made)
    assert (differing(campaign, held.fields), held.status) == ({}, PAUSED)
    check_live(Network.GOOGLE, "campaign", held.fields)
    for body, name in groups_of(google, plan, made).values():
        held = google.read("ad_group", name)
        assert (differing(body, held.fields), held.review) == ({}, Review.PENDING)
        check_live(Network.GOOGLE, "ad_group", held.fields)


def test_the_same_bundle_again_is_ambiguous_and_found_once(google, posted):
    """The name is taken: the whole second Mutate leaves nothing behind."""
    plan, campaign, made = posted("Python Developer B")
    with pytest.raises(Ambiguous, match="DUPLICATE_CAMPAIGN_NAME"):
        google.create(CUSTOMER, "campaign", bundle(plan, campaign))
    assert google.find(CUSTOMER, "campaign", key(campaign, "campaign")).ids == (made,)
    assert len(groups_of(google, plan, made)) == len(plan.arms)


def test_an_ad_group_of_its_own_is_made_once(google, posted, make_plan):
    """One Mutate under a real campaign; again it is there already."""
    plan, _, made = posted("Python Developer C")
    body = object_names.exact(plan, "c-a", "ad_group", {"campaign": made})
    content(body, "ad_group")["name"] = "aa-another"
    name = google.create(CUSTOMER, "ad_group", body).id
    assert differing(body, google.read("ad_group", name).fields) == {}
    with pytest.raises(Ambiguous):
        google.create(CUSTOMER, "ad_group", body)
    assert google.find(CUSTOMER, "ad_group", "aa-another", made).ids == (name,)


def test_switches_go_both_ways_and_leave_the_content(google, posted):
    """Activate and pause are idempotent and are read back; the approved body still stands."""
    _, campaign, made = posted("Python Developer D")
    for switch, status in ((google.activate, ACTIVE), (google.pause, PAUSED)):
        switch("campaign", made)
        switch("campaign", made)
        held = google.read("campaign", made)
        assert (held.status, differing(campaign, held.fields)) == (status, {})


def test_an_update_brings_what_is_held_to_what_is_approved(google, posted):
    """Budget, name, place, keyword and text change; a second update finds nothing to do."""
    plan, campaign, made = posted("Python Developer E")
    wanted = copy.deepcopy(campaign)
    content(wanted, "campaign_budget")["amount_micros"] = 31_000_000
    for resource in ("campaign", "campaign_budget"):
        content(wanted, resource)["name"] += " changed"
    content(wanted, "campaign")["end_date_time"] = "2026-12-31 23:59:59"
    content(wanted, "campaign_criterion")["proximity"]["radius"] = 60
    assert differing(wanted, google.update("campaign", made, wanted).fields) == {}
    place = content(wanted, "campaign_criterion")
    del place["proximity"]
    place["location"] = {"geo_target_constant": "geoTargetConstants/2276"}
    assert differing(wanted, google.update("campaign", made, wanted).fields) == {}
    body, name = groups_of(google, plan, made)["c-a"]
    wanted = copy.deepcopy(body)
    content(wanted, "ad_group_criterion")["keyword"]["text"] = "python work"
    texts = content(wanted, "ad_group_ad")["ad"]["responsive_search_ad"]
    texts["headlines"][0]["text"] = "Work with Python"
    assert differing(wanted, google.update("ad_group", name, wanted).fields) == {}


def test_an_end_that_is_approved_away_is_cleared(google, posted):
    """Without an end in the body the campaign runs on."""
    _, campaign, made = posted("Python Developer F")
    ended = copy.deepcopy(campaign)
    content(ended, "campaign")["end_date_time"] = "2026-12-31 23:59:59"
    held = google.update("campaign", made, ended).fields
    assert content(held, "campaign")["end_date_time"] == "2026-12-31 23:59:59"
    held = google.update("campaign", made, campaign).fields
    assert "end_date_time" not in content(held, "campaign")


def test_an_ad_lives_its_life_through_the_posting_itself(google, make_plan, ledger):
    """Posted in one request, edited in place, paused and resumed: one campaign, no object twice."""

    def run(plan):
        return post(
            plan, platform=google, leases=ledger, ledger=ledger, now=NOW, sleep=lambda _: None
        )

    plan = make_plan(id=UUID(int=8), schedule_start=LATER)
    first = run(plan)
    assert first.live and (first.created, first.adopted) == (4, 0)
    edited = make_plan(
        id=UUID(int=8),
        schedule_start=LATER,
        title="Python Engineer",
        budget_daily=Money(4000, "EUR"),
    )
    second = run(edited)
    assert second.live and (second.created, second.updated) == (0, 4)
    place = (plan.team_id, plan.job_id, CUSTOMER)
    retire(*place, platform=google, leases=ledger, ledger=ledger, sleep=lambda _: None, close=False)
    campaign = second.slots[0].objects["campaign"]
    assert google.read("campaign", campaign).status == PAUSED
    third = run(edited)
    assert third.live and (third.created, third.updated) == (0, 0)
    assert google.read("campaign", campaign).status == ACTIVE
    sought = slot_key(plan.job_id, Network.GOOGLE, CUSTOMER, "campaign")
    assert google.find(CUSTOMER, "campaign", sought).ids == (campaign,)


def test_days_are_reported_after_the_ad_ran(twin, google, posted):
    """Three days on: micros, clicks no more than impressions, one row an ad group and day."""
    plan, _, made = posted("Python Developer G", TODAY)
    groups = [name for _, name in groups_of(google, plan, made).values()]
    google.activate("campaign", made)
    twin.admin("clock", {"advance_hours": 72})
    assert google.read("ad_group", groups[0]).review in (Review.APPROVED, Review.LIMITED)
    rows = google.report(CUSTOMER, groups, date(2026, 11, 24), date(2026, 11, 27))
    assert rows and len({(r.ad_id, r.day) for r in rows}) == len(rows)
    assert {r.ad_id for r in rows} <= set(groups) and {r.currency for r in rows} == {"EUR"}
    assert sum(r.spend_micros for r in rows) > 0
    assert all(r.clicks <= r.impressions for r in rows)
    google.pause("campaign", made)


@pytest.mark.parametrize(("where", "times"), [("before", 0), ("after", 1)])
def test_a_lost_answer_is_ambiguous_and_the_look_tells(twin, google, make_plan, where, times):
    """The connection ends before or after the network acted: once made, or not at all."""
    plan = make_plan(title=f"Python Developer {where}", schedule_start=LATER)
    campaign = object_names.exact(plan, "campaign", "campaign", {})
    twin.admin("faults", {"where": where, "kind": "drop", "path": "Mutate"})
    with pytest.raises(Ambiguous):
        google.create(CUSTOMER, "campaign", campaign)
    found = google.find(CUSTOMER, "campaign", key(campaign, "campaign")).ids
    assert len(found) == times


def test_a_throttle_waits(twin, google):
    """The network's wish for silence comes with its seconds."""
    twin.admin("faults", {"where": "before", "kind": "throttle", "path": "Search"})
    with pytest.raises(Throttled) as caught:
        google.find(CUSTOMER, "campaign", "aa-x")
    assert caught.value.wait_s > 0


def test_accounts_and_places(google):
    """Currency and zone of the account; a country by its code, a state and a town by name."""
    account = google.verify(CUSTOMER)
    assert (account.currency, account.timezone) == ("EUR", "Europe/Berlin")
    for q, code, kind in (("DE", "DE", "Country"), ("Texas", "US", "State")):
        query = {"q": q, "country_code": code, "target_type": kind}
        found = google.lookup("geo_target", query)
        assert found and found[0].id.startswith("geoTargetConstants/")
        assert found[0].fields["country_code"] == code


def test_unknown_tokens_and_accounts_are_refused(twin):
    """A token that was never issued needs a person; another's account is refused."""
    with pytest.raises(NeedsReauth):
        platform(token="EMU-nobody", address=twin.address).verify(CUSTOMER)
    with pytest.raises(Refused):
        platform(token=TOKEN, address=twin.address).verify("9999999999")
