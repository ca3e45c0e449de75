"""A cap without room lets nothing start, and whatever runs can be paused."""

from dataclasses import replace

import pytest

from assets.isolation import Isolation
from assets.performance.reports import pull
from assets.publishing import service
from assets.publishing.caps import due
from assets.publishing.monitoring import keep_caps, pause_over
from domain.caps import Cap
from domain.errors import LeaseLost, Retryable
from domain.lifecycle import AdStatus, SlotState
from domain.money import Money
from domain.plan import SHARED, Plan, PlannedArm
from domain.platform import Mode, Network
from resources.warehouse.tables import frame


class Killed(BaseException):
    """The process ends here."""


def sync(world):
    """Pull today's numbers (5.00 EUR for each arm that runs) and keep the caps."""
    today = world.now().date()
    with Isolation(world.store, "numbers", world.settings) as guard:
        pull(world, today, today, today, frame, guard)
    with Isolation(world.store, "caps", world.settings) as guard:
        return keep_caps(world, guard)


def killed_before_settling(world, name, monkeypatch):
    """An ad whose arms all run, and which is still called scheduled."""
    listed = world.due(name)

    def die(_):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(world.store.ledger, "settle", die)
        service.post_job(listed.job_id, world, lambda _: None)
    service.record([listed], world)
    assert status(world, name, listed) is AdStatus.SCHEDULED and world.line(name).delivering()
    return listed


def status(world, name, listed):
    return world.store.ads.get(world.team(name), listed.job_id).status


def test_a_used_up_cap_starts_neither_a_new_ad_nor_one_that_it_paused(world):
    """Each would run until the next numbers come. With more room they start."""
    team = world.team("Well")
    first = world.posted("Well")
    world.store.caps.set(team, Cap("", "EUR", None, 400))
    assert "paused: 5.00 EUR spent" in sync(world)[0]
    service.retire_stale(world)
    second = world.due("Well")
    world.store.ads.set_status(team, first.job_id, AdStatus.LIVE)
    said: list[str] = []
    for job in (first.job_id, second.job_id):
        assert service.post_job(job, world, said.append) == []
    assert not world.line("Well").delivering()
    assert len(said) == 2 and all("no room under the total cap of 4.00 EUR" in s for s in said)
    assert len([n for n in world.notes("Well") if "no room under the total cap" in n]) == 2
    world.store.caps.set(team, Cap("", "EUR", None, 10**7))
    assert len(due(world).ready) == 2 and not world.notes("Well")
    assert service.post_job(second.job_id, world, said.append)[0].live


def test_one_teams_used_up_cap_holds_no_other_team(world):
    world.posted("Sick")
    world.store.caps.set(world.team("Sick"), Cap("", "EUR", None, 400))
    sync(world)
    world.due("Sick")
    listed = world.due("Well")
    found = due(world)
    assert [d.job_id for d in found.ready] == [listed.job_id] and len(found.held) == 1


def test_an_ad_whose_posting_died_before_it_was_called_live_is_mended(world, monkeypatch):
    """It is due once more; nothing is made twice."""
    listed = killed_before_settling(world, "Well", monkeypatch)
    objects = len(world.line("Well").objects)
    assert [d.job_id for d in world.store.schedule.due(world.now())] == [listed.job_id]
    service.post_job(listed.job_id, world, lambda _: None)
    assert status(world, "Well", listed) is AdStatus.LIVE
    assert len(world.line("Well").objects) == objects
    assert world.store.schedule.due(world.now()) == []


def test_it_can_be_paused_before_it_is_mended(world, monkeypatch):
    listed = killed_before_settling(world, "Well", monkeypatch)
    world.store.ads.set_status(world.team("Well"), listed.job_id, AdStatus.PAUSED)
    assert [d.job_id for d in service.retire_stale(world).off] == [listed.job_id]
    assert not world.line("Well").delivering()


def test_a_total_cap_pauses_it_too(world, monkeypatch):
    listed = killed_before_settling(world, "Well", monkeypatch)
    world.store.caps.set(world.team("Well"), Cap(listed.job_id, "EUR", None, 100))
    assert sync(world)
    assert status(world, "Well", listed) is AdStatus.PAUSED


def test_a_scheduled_ad_of_which_nothing_runs_is_not_paused(world):
    """The lifecycle is as it was: it goes back to a draft."""
    listed = world.due("Well")
    with pytest.raises(Exception, match="cannot become paused"):
        world.store.ads.set_status(world.team("Well"), listed.job_id, AdStatus.PAUSED)


def test_a_total_cap_that_is_set_while_an_ad_is_posted_stops_it(world, monkeypatch):
    """Its posting loses the lease before anything is switched on; then the cap holds it."""
    team, listed, line = world.team("Well"), world.due("Well"), world.line("Well")
    create = line.create

    def capped(*given):
        if not world.store.caps.of_team(team):
            world.store.caps.set(team, Cap("", "EUR", None, 100))
            assert pause_over(world.store, team, {}, world.now()) == []
        return create(*given)

    monkeypatch.setattr(line, "create", capped)
    with pytest.raises(LeaseLost):
        service.post_job(listed.job_id, world, lambda _: None)
    assert not line.delivering() and not due(world).ready


def test_a_daily_cap_below_what_is_accepted_starts_nothing_new(world):
    """What runs goes on, as `caps set` says; what does not run waits for room."""
    team = world.team("Well")
    running = world.posted("Well")
    world.store.caps.set(team, Cap("", "EUR", 5_000, None))
    waits = world.due("Well")
    world.store.caps.set(team, Cap("", "EUR", 3_000, None))
    (held,) = due(world).held
    assert held[0] == waits and "accepted under the daily cap of 30.00 EUR" in str(held[1])
    assert status(world, "Well", running) is AdStatus.LIVE and not world.store.schedule.stale(
        world.now()
    )
    world.store.caps.set(team, Cap("", "EUR", 5_000, None))
    assert due(world).ready == (waits,)


def test_no_more_of_an_ad_that_runs_is_posted_under_a_daily_cap_that_is_too_low(world):
    """It runs on at 20.00; the 40.00 that were approved before the cap was lowered wait."""
    team, listed = world.team("Well"), world.posted("Well")
    world.store.ads.edit(team, listed.job_id, budget_daily=Money(4000, "EUR"))
    ad = world.store.ads.get(team, listed.job_id)
    plan = world.compiled("Well", ad)
    world.store.plans.accept(plan, ad_version=ad.version, rule="test")
    world.store.caps.set(team, Cap("", "EUR", 3_000, None))
    (held,) = due(world).held
    assert "40.00 EUR a day are accepted under the daily cap of 30.00 EUR" in str(held[1])
    world.store.caps.set(team, Cap("", "EUR", 4_000, None))
    assert [d.digest for d in due(world).ready] == [plan.digest]


def test_numbers_are_asked_for_what_the_lake_was_never_told(world, monkeypatch):
    """A posting that is killed once the ad runs, before it writes to the lake."""
    monkeypatch.setattr(service, "record", lambda *_: None)
    listed = world.posted("Well")
    assert world.warehouse.table("posted_campaigns").is_empty()
    world.store.caps.set(world.team("Well"), Cap(listed.job_id, "EUR", None, 100))
    assert "paused: 5.00 EUR spent" in sync(world)[0]


def test_an_ads_money_is_not_spent_on_two_accounts_at_once(world):
    """It moves to a new account; while the old one does not answer, nothing starts there."""
    listed, team = world.posted("Well"), world.teams["Well"]
    world.store.connections.connect(
        team.id, Network.META, "act_New", "EMU-token", platform_user_id="9"
    )
    world.lines["act_New"] = new = type(world.line("Well"))()
    plan = world.store.plans.in_force(team.id, listed.job_id, Network.META)
    version = world.store.ads.get(team.id, listed.job_id).version
    moved = replace(plan, account_id="act_New")
    world.store.plans.accept(moved, ad_version=version, rule="test")
    with pytest.raises(Retryable, match=r"20\.00 EUR on meta act_Well may still run"):
        service.post_job(listed.job_id, world, lambda _: None)
    assert not new.objects and world.line("Well").delivering()
    service.retire_stale(world)
    assert service.post_job(listed.job_id, world, lambda _: None)[0].live
    assert new.delivering() and not world.line("Well").delivering()


WAY = {
    SlotState.PLANNED: SlotState.SENDING,
    SlotState.SENDING: SlotState.CREATED,
    SlotState.CREATED: SlotState.VERIFIED,
    SlotState.VERIFIED: SlotState.ACTIVE,
}


def on_x(ad, daily_minor):
    arm = PlannedArm("broad", 1, 1, {"line_item": {"name": "arm"}})
    shared = {"campaign": {"daily_budget_amount_local_micro": daily_minor * 10_000}}
    return Plan(str(ad.team_id), str(ad.id), Network.X, "x1", "Nurse", shared, (arm,))


def test_of_an_ad_whose_money_moves_the_network_that_gets_less_is_posted_first(world, monkeypatch):
    """Meta is to get 15.00 of 20.00, instead of 10.00, and X 5.00."""
    ledger, order = world.store.ledger, []

    def posted(d, *_):
        order.append(str(d.network))
        plan = world.store.plans.in_force(d.team_id, d.job_id, d.network)
        place = (d.team_id, d.job_id, d.network, d.account_id)
        with world.store.leases.acquire(*place, ttl_s=60) as lease:
            for arm in (SHARED, *(a.arm for a in plan.arms)):
                slot = ledger.open_slot(plan, arm, Mode.SANDBOX, lease)
                while slot.state is not SlotState.ACTIVE:
                    slot = ledger.move(slot, WAY[slot.state])
            ledger.settle(lease)
        return "posted"

    def post(meta_minor, x_minor):
        arm = {"adset": {**bodies["adset"], "daily_budget": meta_minor}}
        on_meta = replace(compiled, arms=(replace(compiled.arms[0], bodies={**bodies, **arm}),))
        for plan in (on_x(ad, x_minor), on_meta):
            world.store.plans.accept(plan, ad_version=ad.version, rule="test")
        order.clear()
        service.post_job(str(ad.id), world, lambda _: None)
        return order

    monkeypatch.setattr(service, "post_due", posted)
    ad = world.ad("Well", platforms=frozenset({Network.META, Network.X}))
    world.store.ads.set_status(ad.team_id, ad.id, AdStatus.SCHEDULED)
    compiled = world.compiled("Well", ad)
    bodies = compiled.arms[0].bodies
    assert post(meta_minor=1000, x_minor=1000) == ["meta", "x"]
    assert post(meta_minor=1500, x_minor=500) == ["x", "meta"]
