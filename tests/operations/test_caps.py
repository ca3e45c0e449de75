"""Caps across networks: refused at acceptance, named before they are passed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.caps import Cap
from domain.errors import InputError, NotFound
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.platform import Network

HOUR = 3600


def on_x(world, minor=1500):
    shared = {"campaign": {"daily_budget_amount_local_micro": minor * 10_000}}
    return replace(world.plan(), network=Network.X, shared=shared)


@pytest.fixture
def wide(world):
    """The ad names all networks, with money for each, and is scheduled."""
    wider = {"platforms": frozenset(Network), "budget_daily": Money(4500, "EUR")}
    world.store.ads.edit(world.team.id, world.job.id, **wider)
    world.status(AdStatus.SCHEDULED)
    return world


def test_a_plan_that_passes_the_ads_daily_cap_is_refused_with_the_amount(wide):
    """15.00 on Meta and 15.00 on X under 29.00: too much by 1.00, and nothing is stored."""
    wide.store.caps.set(wide.team.id, Cap(str(wide.job.id), "EUR", daily_minor=2900))
    wide.accept()
    with pytest.raises(InputError, match=r"ad's daily cap of 29.00 EUR would be passed by 1.00"):
        wide.accept(on_x(wide))
    assert [a.plan.network for a in wide.store.plans.accepted(wide.team.id)] == [Network.META]
    wide.accept(on_x(wide, 1400))


def test_the_teams_daily_cap_counts_every_ad(wide, another_draft):
    """Another ad's budget on any network takes its part; an archived one gives it back."""
    wide.store.caps.set(wide.team.id, Cap("", "EUR", daily_minor=2000))
    wide.accept()
    other = another_draft(title="Baker")
    wide.store.ads.save_drafts(wide.team.id, [other])
    theirs = replace(wide.plan(), job_id=str(other.id))
    with pytest.raises(InputError, match=r"team's daily cap of 20.00 EUR would be passed by 10.00"):
        wide.accept(theirs)
    wide.status(AdStatus.ARCHIVED)
    wide.accept(theirs)


def test_a_cheaper_plan_replaces_the_dearer_one_under_a_cap(wide):
    """Lowering a budget is always possible."""
    wide.accept()
    wide.store.caps.set(wide.team.id, Cap(str(wide.job.id), "EUR", daily_minor=800))
    cheaper = wide.plan(arms=("broad",))
    wide.accept(cheaper)
    assert wide.store.plans.in_force(wide.team.id, wide.job.id, cheaper.network) == cheaper


def test_a_plan_that_waits_counts_beside_what_is_in_force(wide):
    """It may be approved any minute; a rejected one counts no more."""
    editor = wide.store.teams.add_member(wide.team.id, "ed@a.example", "Ed", "editor")
    approver = wide.store.teams.add_member(wide.team.id, "ap@a.example", "Ap", "approver")
    plan = wide.plan()
    wide.accept(plan, user_id=editor)
    wide.store.caps.set(wide.team.id, Cap("", "EUR", daily_minor=2900))
    with pytest.raises(InputError, match="cap"):
        wide.accept(on_x(wide))
    wide.store.approvals.reject(
        plan.team_id, plan.job_id, Network.META, plan.digest, user_id=approver, reason="no"
    )
    wide.accept(on_x(wide))


def test_a_cap_that_was_set_since_bars_the_approval(wide):
    """What waits is judged again when somebody approves it."""
    editor = wide.store.teams.add_member(wide.team.id, "ed@a.example", "Ed", "editor")
    approver = wide.store.teams.add_member(wide.team.id, "ap@a.example", "Ap", "approver")
    plan = wide.plan()
    wide.accept(plan, user_id=editor)
    wide.store.caps.set(wide.team.id, Cap("", "EUR", daily_minor=1000))
    with pytest.raises(InputError, match=r"passed by 5\.00 EUR"):
        wide.store.approvals.approve(
            plan.team_id, plan.job_id, Network.META, plan.digest, user_id=approver
        )
    assert wide.store.schedule.due(wide.clock()) == []


def test_an_ad_over_its_end_gives_its_part_back(wide):
    """Only what may still spend counts."""
    end = wide.clock() + timedelta(days=1)
    wide.store.ads.edit(wide.team.id, wide.job.id, schedule_end=end)
    wide.accept()
    assert [b.daily_minor for b in wide.store.caps.budgets(wide.team.id, wide.clock())] == [1500]
    assert wide.store.caps.budgets(wide.team.id, end) == []


def test_an_ad_is_named_before_its_total_cap_can_be_passed(wide):
    """15.00 a day on Meta, 9 h of ignorance touch two days of 26.25: 52.50 ahead of 100.00."""
    wide.accept()
    wide.store.caps.set(wide.team.id, Cap(str(wide.job.id), "EUR", total_minor=10_000))
    times = {"sync_s": 6 * HOUR, "delay_s": 2 * HOUR, "pause_s": HOUR}

    def over(micros):
        spent = {str(wide.job.id): micros}
        return wide.store.caps.over_total(wide.team.id, spent, wide.clock(), **times, starting=True)

    assert over(47_500_000) == []
    (named,) = over(47_500_001)
    assert named.job_id == str(wide.job.id)
    assert (named.spent_minor, named.ahead_minor) == (4751, 5250)


def test_the_teams_total_cap_names_every_ad_that_may_spend(wide, another_draft):
    """What ended ads have spent counts as well."""
    wide.accept()
    other = another_draft(title="Baker")
    wide.store.ads.save_drafts(wide.team.id, [other])
    wide.accept(replace(wide.plan(), job_id=str(other.id)))
    wide.store.caps.set(wide.team.id, Cap("", "EUR", total_minor=100_000))
    wide.store.ads.set_status(wide.team.id, other.id, AdStatus.SCHEDULED)
    older = {"an-older-ad": 990_000_000}
    named = wide.store.caps.over_total(wide.team.id, older, wide.clock(), starting=True)
    assert {n.job_id for n in named} == {str(wide.job.id), str(other.id)}
    assert wide.store.caps.over_total(wide.team.id, older, wide.clock()) == []  # nothing runs
    assert wide.store.caps.over_total(wide.team.id, {}, wide.clock()) == []


def test_a_cap_is_in_the_currency_of_what_it_caps(wide):
    """Money of two currencies is never summed."""
    for job in ("", str(wide.job.id)):
        with pytest.raises(InputError, match="EUR"):
            wide.store.caps.set(wide.team.id, Cap(job, "USD", daily_minor=100))


def test_an_ad_in_another_currency_is_refused_under_a_teams_cap(wide, another_draft):
    """It could not be counted."""
    wide.store.caps.set(wide.team.id, Cap("", "EUR", daily_minor=10_000))
    dollars = another_draft(title="Baker", budget_daily=Money(1500, "USD"))
    wide.store.ads.save_drafts(wide.team.id, [dollars])
    with pytest.raises(InputError, match="in USD, the cap in EUR"):
        wide.accept(replace(wide.plan(), job_id=str(dollars.id)))


def test_a_team_capped_in_one_currency_sums_nothing_of_another(wide, another_draft):
    """Dollars that were accepted before the cap count neither under the daily nor the total one."""
    dollars = another_draft(title="Baker", budget_daily=Money(90_000, "USD"))
    wide.store.ads.save_drafts(wide.team.id, [dollars])
    wide.arm_daily = 45_000
    wide.accept(replace(wide.plan(), job_id=str(dollars.id)))
    wide.arm_daily = 750
    wide.store.caps.set(wide.team.id, Cap("", "EUR", daily_minor=1500, total_minor=20_000))
    wide.accept()
    assert {
        (b.currency, b.daily_minor) for b in wide.store.caps.budgets(wide.team.id, wide.clock())
    } == {("EUR", 1500), ("USD", 90_000)}
    spent = {str(dollars.id): 10**12, str(wide.job.id): 1}
    assert wide.store.caps.over_total(wide.team.id, spent, wide.clock()) == []
    assert wide.store.caps.over_daily(wide.team.id, wide.clock()) == []


def test_a_daily_cap_below_what_is_accepted_is_named(wide):
    """With every ad that counts under it."""
    wide.accept()
    wide.store.caps.set(wide.team.id, Cap("", "EUR", daily_minor=1000))
    (over,) = wide.store.caps.over_daily(wide.team.id, wide.clock())
    assert (over.cap.daily_minor, over.accepted_minor) == (1000, 1500)
    assert [r.job_id for r in over.running] == [str(wide.job.id)]


def test_an_approver_who_accepts_what_waits_is_held_to_a_cap_set_since(wide):
    """Accepting once more is an approval, and is judged as one."""
    editor = wide.store.teams.add_member(wide.team.id, "ed@a.example", "Ed", "editor")
    approver = wide.store.teams.add_member(wide.team.id, "ap@a.example", "Ap", "approver")
    wide.accept(user_id=editor)
    wide.store.caps.set(wide.team.id, Cap("", "EUR", daily_minor=1000))
    with pytest.raises(InputError, match="team's daily cap"):
        wide.accept(user_id=approver)


def test_caps_are_replaced_listed_and_cleared(wide):
    """One for each place, the team's first, each change in the log."""
    job = str(wide.job.id)
    for cap in (Cap(job, "EUR", 5), Cap("", "EUR", None, 9), Cap(job, "EUR", 7)):
        wide.store.caps.set(wide.team.id, cap, actor="ann")
    assert wide.store.caps.of_team(wide.team.id) == [Cap("", "EUR", None, 9), Cap(job, "EUR", 7)]
    assert wide.store.caps.clear(wide.team.id, job, actor="ann")
    assert not wide.store.caps.clear(wide.team.id, job)
    told = [e["action"] for e in wide.store.audit.entries(wide.team.id) if e["actor"] == "ann"]
    assert told == ["cap.set"] * 3 + ["cap.cleared"]


def test_a_cap_of_another_teams_ad_is_not_found(wide):
    """Scoped like everything else."""
    other = wide.store.teams.add("Other", "other.example", "EUR").id
    with pytest.raises(NotFound):
        wide.store.caps.set(other, Cap(str(wide.job.id), "EUR", 5))


def test_a_cap_counts_the_dearer_plan_until_its_lowering_is_through(wide):
    """Its posting began, and the network may not have heard of it."""
    wide.post(wide.accept())
    wide.arm_daily = 100
    cheaper = wide.accept(wide.plan("cheaper"))
    wide.open(cheaper, "broad")
    assert [b.daily_minor for b in wide.store.caps.budgets(wide.team.id, wide.clock())] == [1500]
    wide.change(cheaper)
    assert [b.daily_minor for b in wide.store.caps.budgets(wide.team.id, wide.clock())] == [200]


def test_a_plan_that_nobody_approved_or_that_does_not_start_yet_pauses_nothing(wide, another_draft):
    """What runs has room under the total cap; a dear plan that waits, or is for later, has none."""
    wide.post(wide.accept())
    wide.store.caps.set(wide.team.id, Cap("", "EUR", total_minor=20_000))
    editor = wide.store.teams.add_member(wide.team.id, "ed@a.example", "Ed", "editor")
    dear = {"budget_daily": Money(50_000, "EUR")}
    later = wide.clock() + timedelta(days=90)
    waiting, future = (
        another_draft(title="Baker", **dear),
        another_draft(title="Chef", **dear, schedule_start=later),
    )
    wide.store.ads.save_drafts(wide.team.id, [waiting, future])
    wide.arm_daily = 25_000
    wide.accept(replace(wide.plan(), job_id=str(waiting.id)), user_id=editor)
    wide.accept(replace(wide.plan(), job_id=str(future.id)))
    for ad in (waiting, future):
        wide.store.ads.set_status(wide.team.id, ad.id, AdStatus.SCHEDULED)
    for starting in (False, True):
        assert wide.store.caps.over_total(wide.team.id, {}, wide.clock(), starting=starting) == []
    named = wide.store.caps.over_total(wide.team.id, {}, later, starting=True)
    assert str(future.id) in {n.job_id for n in named}
    assert wide.store.caps.over_total(wide.team.id, {}, later) == []
