"""An approved plan is about one version of its ad, and can be withdrawn."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from domain.errors import IllegalMove, InputError, LeaseLost, NotFound, Retryable
from domain.lifecycle import AdStatus, SlotState
from domain.money import Money
from domain.platform import Network

META, X = Network.META, Network.X


@pytest.fixture
def people(world):
    """One person for each role, by role; the ad is scheduled."""
    world.status(AdStatus.SCHEDULED)
    return {
        role: world.store.teams.add_member(
            world.team.id, f"{role}@acme.example", role.title(), role
        )
        for role in ("viewer", "editor", "approver", "admin")
    }


def edit(world, **changes):
    world.store.ads.edit(world.team.id, world.job.id, **(changes or {"title": "Chef"}))


def due(world):
    return [d.digest for d in world.store.schedule.due(world.clock())]


def stale(world):
    return [s.network for s in world.store.schedule.stale(world.clock())]


def states(world):
    return [a.state for a in world.store.plans.accepted(world.team.id)]


def in_force(world):
    return [e.digest for e in world.store.plans.editions(world.team.id, world.job.id)]


def place(plan):
    return plan.team_id, plan.job_id, plan.network, plan.digest


def cheap(world, minor, network=META, word="first"):
    shared = {"campaign": {"daily_budget_amount_local_micro": minor * 10_000}}
    if network is META:
        world.arm_daily = minor // 2
        return world.plan(word)
    world.arm_daily = 0
    return replace(world.plan(word), network=network, shared=shared)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"budget_daily": Money(2000, "EUR")}, "budget 15.00 EUR → 20.00 EUR"),
        ({"title": "Chef"}, "title Cook → Chef"),
        ({"description_long": "Other words."}, "long text changed"),
        ({"location": "Hamburg"}, "place Berlin → Hamburg"),
        ({"creative_asset_url": "https://a.example/p.png"}, "picture none → https://a.example/p"),
        ({"platforms": frozenset({META, X})}, "networks meta → meta, x"),
    ],
)
def test_an_edit_before_the_ad_runs_voids_what_was_approved(world, change, said):
    """Not due any more; the list says what changed, and a fresh acceptance counts again."""
    plan = world.accepted()
    edit(world, **change)
    assert (due(world), in_force(world)) == ([], [])
    (state,) = states(world)
    assert state.startswith("void: the ad changed (") and said in state
    world.accept(plan)
    assert due(world) == [plan.digest]


def test_a_later_end_voids_as_well(world):
    """The schedule is part of what was approved."""
    world.accepted()
    edit(world, schedule_end=world.clock() + timedelta(days=9))
    assert due(world) == [] and "end open → 2026-03-10 09:00Z" in states(world)[0]


def test_the_same_values_again_void_nothing(world):
    """An edit that changes nothing is none."""
    plan = world.accepted()
    edit(world, title="Cook", budget_daily=Money(1500, "EUR"))
    assert due(world) == [plan.digest]


def test_a_file_that_changes_a_draft_voids_its_plan(world, another_draft):
    """Imported again with another title."""
    world.accept()
    world.store.ads.save_drafts(world.team.id, [replace(world.job, title="Chef")])
    assert states(world) == ["void: the ad changed (title Cook → Chef)"]


def test_an_ad_that_runs_goes_on_as_approved_until_a_newer_plan_is_approved(world, people):
    """The older version stays in force, nothing is taken off, and the difference is named."""
    first = world.accept()
    world.post(first)
    edit(world, title="Chef")
    assert (due(world), stale(world), in_force(world)) == ([], [], [first.digest])
    (edition,) = world.store.plans.editions(world.team.id, world.job.id)
    assert edition.ad_version == world.job.version and edition.changes == "title Cook → Chef"
    second = world.accept(world.plan("second"), user_id=people["editor"])
    assert in_force(world) == [first.digest]
    world.store.approvals.approve(*place(second), user_id=people["approver"])
    assert due(world) == [second.digest]
    assert world.store.plans.editions(world.team.id, world.job.id)[0].current


def test_what_waits_is_void_after_an_edit_even_of_an_ad_that_runs(world, people):
    """Nobody approves what the ad says no longer."""
    world.post(world.accept())
    second = world.accept(world.plan("second"), user_id=people["editor"])
    edit(world, title="Chef")
    assert world.store.plans.awaiting_approval(world.team.id) == []
    with pytest.raises(IllegalMove, match="the ad changed"):
        world.store.approvals.approve(*place(second), user_id=people["approver"])


def test_a_network_where_the_ad_does_not_run_yet_is_void_though_it_runs_elsewhere(world):
    """Nothing starts anew with the older text."""
    edit(world, platforms=frozenset({META, X}), budget_daily=Money(3000, "EUR"))
    world.status(AdStatus.SCHEDULED)
    first = world.accept()
    world.post(first)
    world.accept(cheap(world, 1500, X))
    edit(world, title="Chef")
    assert (due(world), in_force(world)) == ([], [first.digest])


def test_a_plan_compiled_from_an_older_version_is_not_accepted(world):
    """The error says what differs and what to wait for."""
    edit(world, title="Chef", budget_daily=Money(1600, "EUR"))
    with pytest.raises(
        IllegalMove, match=r"budget 15\.00 EUR → 16\.00 EUR, title Cook → Chef - wait for the next"
    ):
        world.store.plans.accept(world.plan(), ad_version=world.job.version, rule="test")
    with pytest.raises(IllegalMove, match="not known"):
        world.store.plans.accept(world.plan(), ad_version="0123456789abcdef", rule="test")
    assert world.store.plans.accepted(world.team.id) == []


def test_the_same_plan_for_a_newer_version_is_accepted_anew(world):
    """What the network gets is unchanged; what it was approved for is not."""
    plan = world.accepted()
    world.post(plan)
    edit(world, description_long="Other words.")
    assert world.accepts(plan) is True and world.accepts(plan) is False
    assert world.store.plans.editions(world.team.id, world.job.id)[0].current and due(world) == []


def test_a_budget_below_what_runs_takes_the_ad_off_until_a_plan_within_it_is_approved(world):
    """15.00 a day may not be spent for an ad of 10.00."""
    world.post(world.accepted())
    edit(world, budget_daily=Money(1000, "EUR"))
    assert (due(world), stale(world), in_force(world)) == ([], [META], [])
    with pytest.raises(InputError, match=r"daily budget of 10\.00 EUR"):
        world.accept(world.plan("second"))
    within = world.accept(cheap(world, 1000, word="second"))
    assert (due(world), stale(world)) == ([within.digest], [])


def test_a_budget_lowered_to_what_runs_or_raised_takes_nothing_off(world):
    """It never overspends."""
    edit(world, budget_daily=Money(2000, "EUR"))
    world.post(world.accepted())
    for minor in (1500, 9900):
        edit(world, budget_daily=Money(minor, "EUR"))
        assert (stale(world), len(in_force(world))) == ([], 1)


def test_a_budget_in_another_currency_takes_off_what_it_cannot_be_compared_with(world):
    """Money of two currencies is never held against each other."""
    world.post(world.accepted())
    edit(world, budget_daily=Money(9000, "USD"))
    assert stale(world) == [META]


def test_a_lowered_budget_counts_all_networks_together(world):
    """7.50 on each of two, and 14.00 for both: both are off, and come back one by one."""
    edit(world, platforms=frozenset({META, X}))
    world.status(AdStatus.SCHEDULED)
    for plan in (cheap(world, 750, META), cheap(world, 750, X)):
        world.accept(plan)
        for arm in ("campaign", "broad", "cooks"):
            world.run(plan, arm)
    edit(world, budget_daily=Money(1400, "EUR"))
    assert stale(world) == [META, X]
    world.accept(cheap(world, 700, X, "second"))
    assert stale(world) == [META]


def test_an_earlier_end_and_a_network_taken_off_act_at_once(world):
    """Both are read from the ad's own row."""
    plan = world.accepted()
    world.post(plan)
    edit(world, platforms=frozenset({X}))
    assert stale(world) == [META]
    edit(world, platforms=frozenset({META}), schedule_end=world.clock())
    assert stale(world) == [META]


@pytest.mark.parametrize("how", ["pause", "end", "lower", "void", "withdraw"])
def test_who_posts_at_that_moment_sends_nothing_more(world, people, how):
    """The lease is gone: neither a request nor a write under it."""
    plan = world.accept()
    until = SlotState.CREATED if how == "void" else SlotState.VERIFIED
    slot, lease = world.run(plan, "broad", until=until), world.lease(plan)
    acts = {
        "pause": lambda: world.status(AdStatus.ARCHIVED),
        "end": lambda: edit(world, schedule_end=world.clock()),
        "lower": lambda: edit(world, budget_daily=Money(100, "EUR")),
        "void": lambda: edit(world, title="Chef"),
        "withdraw": lambda: world.store.approvals.withdraw(*place(plan), user_id=people["admin"]),
    }
    acts[how]()
    for attempt in (
        lambda: world.store.leases.holds(lease),
        lambda: world.store.ledger.move(slot, SlotState.FAILED),
    ):
        with pytest.raises(LeaseLost, match="revoked"):
            attempt()


def test_a_void_plans_remaining_arms_are_not_posted(world):
    """One arm was created when somebody edited the ad: the others are not opened."""
    plan = world.accepted()
    world.run(plan, "broad", until=SlotState.CREATED)
    edit(world, title="Chef")
    world.let_go()
    with pytest.raises(Retryable, match="not the approved one of now"):
        world.open(plan, "cooks")
    with pytest.raises(NotFound, match="no approved plan"):
        world.store.plans.in_force(plan.team_id, plan.job_id, META)


def test_who_accepted_withdraws_what_waits(world, people):
    """Nobody can approve it then; it can be accepted anew."""
    plan = world.accept(user_id=people["editor"])
    assert (
        world.store.approvals.withdraw(*place(plan), user_id=people["editor"], reason="wrong pay")
        is True
    )
    assert world.store.approvals.withdraw(*place(plan), user_id=people["editor"]) is False
    assert states(world) == ["withdrawn by editor@acme.example: wrong pay"]
    with pytest.raises(IllegalMove, match="withdrawn"):
        world.store.approvals.approve(*place(plan), user_id=people["approver"])
    world.accept(plan, user_id=people["editor"])
    assert world.store.approvals.approve(*place(plan), user_id=people["approver"]) is True


def test_a_withdrawn_approval_brings_no_older_plan_back(world, people):
    """Nothing is in force, and what runs is stale, and counts, until somebody approves anew."""
    world.accept()
    second = world.accept(world.plan("second"), user_id=people["approver"])
    world.post(second)
    world.store.approvals.withdraw(*place(second), user_id=people["approver"])
    assert (due(world), stale(world), in_force(world)) == ([], [META], [])
    assert [b.daily_minor for b in world.store.caps.budgets(world.team.id, world.clock())] == [1500]
    third = world.accept(world.plan("third"), user_id=people["admin"])
    assert (due(world), stale(world)) == ([third.digest], [])


def test_a_withdrawn_proposal_leaves_the_approved_plan_in_force(world, people):
    """As a rejection does."""
    first = world.accept()
    second = world.accept(world.plan("second"), user_id=people["editor"])
    world.store.approvals.withdraw(*place(second), user_id=people["admin"])
    assert in_force(world) == [first.digest]


def test_who_may_withdraw(world, people):
    """A viewer never; an editor only their own; who may decide, everything."""
    plan = world.accept(user_id=people["admin"])
    for role in ("viewer", "editor"):
        with pytest.raises(InputError, match="may only withdraw"):
            world.store.approvals.withdraw(*place(plan), user_id=people[role])
    assert world.store.approvals.withdraw(*place(plan), user_id=people["approver"]) is True


def test_what_neither_waits_nor_rules_is_not_withdrawn(world, people):
    """An older plan, or a digest that nobody knows."""
    first = world.accept()
    world.accept(world.plan("second"))
    for digest in (first.digest, "0123456789abcdef"):
        with pytest.raises(IllegalMove, match="neither waits nor is in force"):
            world.store.approvals.withdraw(*place(first)[:3], digest, user_id=people["admin"])


def test_raw_sql_cannot_activate_a_slot_of_a_withdrawn_plan(world, people):
    """Neither of that plan nor of one that was approved before it."""
    first = world.accept()
    world.run(first, "broad", until=SlotState.VERIFIED)
    second = world.accept(world.plan("second"))
    world.store.approvals.withdraw(*place(second), user_id=people["admin"])
    for digest in (first.digest, second.digest):
        with pytest.raises(sa.exc.IntegrityError, match="not approved"):
            world.sql("UPDATE slots SET state = 'active', plan_digest = :d", d=digest)
    world.accept(first)
    world.sql("UPDATE slots SET state = 'active', plan_digest = :d", d=first.digest)


@pytest.mark.parametrize("verb", ["UPDATE {} SET team_id = team_id", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["withdrawals", "ad_versions"])
def test_withdrawals_and_older_versions_are_append_only(world, table, verb):
    """Who took back what, and what the ad said, stays as written."""
    world.accepted()
    edit(world)
    with pytest.raises(sa.exc.IntegrityError):
        world.sql(verb.format(table))


def test_a_withdrawal_is_in_the_audit_log_and_moves_the_fingerprint(world, people):
    """Under the person's address, with the reason."""
    plan, before = world.accept(user_id=people["editor"]), world.store.projections.fingerprint()
    world.store.approvals.withdraw(*place(plan), user_id=people["editor"], reason="wrong pay")
    last = world.store.audit.entries(world.team.id)[-1]
    assert (last["action"], last["actor"]) == ("plan.withdrawn", "editor@acme.example")
    assert (
        last["detail"]["reason"] == "wrong pay" and world.store.projections.fingerprint() != before
    )
