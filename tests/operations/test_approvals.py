"""Who accepted, who approved, and that nothing runs without."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from domain.approval import BEFORE_APPROVALS, Decision
from domain.errors import IllegalMove, InputError, NotFound, Retryable
from domain.lifecycle import AdStatus, SlotState
from domain.money import Money
from domain.platform import Network

META = Network.META


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


def accept(world, user_id, word="first"):
    plan = world.plan(word)
    world.accepts(plan, user_id=user_id)
    return plan


def approve(world, plan, user_id):
    return world.store.approvals.approve(
        plan.team_id, plan.job_id, META, plan.digest, user_id=user_id
    )


def due(world):
    return [d.digest for d in world.store.schedule.due(world.clock())]


def waiting(world):
    return [a.digest for a in world.store.plans.awaiting_approval(world.team.id)]


def test_an_editors_plan_waits_for_an_approver(world, people):
    """Not due until somebody else says so; then due, and nobody waits."""
    plan = accept(world, people["editor"])
    assert (due(world), waiting(world)) == ([], [plan.digest])
    assert approve(world, plan, people["approver"]) is True
    assert (due(world), waiting(world)) == ([plan.digest], [])
    assert approve(world, plan, people["admin"]) is False


@pytest.mark.parametrize("role", ["approver", "admin"])
def test_who_may_approve_approves_by_accepting(world, people, role):
    """One step, and one row that says so."""
    plan = accept(world, people[role])
    assert due(world) == [plan.digest]
    (row,) = world.store.approvals.of_team(world.team.id)
    assert (row.user_id, row.role, row.decision) == (str(people[role]), role, Decision.APPROVED)


def test_a_viewer_may_not_accept_and_an_editor_may_not_approve(world, people):
    """Roles are checked in the same transaction as the row."""
    with pytest.raises(InputError, match="may not accept"):
        accept(world, people["viewer"])
    plan = accept(world, people["editor"])
    for role in ("viewer", "editor"):
        with pytest.raises(InputError, match="may not decide"):
            approve(world, plan, people[role])


def test_nobody_approves_what_they_accepted(world, people):
    """Four eyes: not even after a promotion, and not by accepting once more."""
    plan = accept(world, people["editor"])
    world.store.teams.add_member(world.team.id, "editor@acme.example", "Editor", "admin")
    with pytest.raises(InputError, match="accepted this plan"):
        approve(world, plan, people["editor"])
    assert world.accepts(plan, user_id=people["editor"]) is False
    assert due(world) == []


def test_a_stranger_neither_accepts_nor_approves(world, people):
    """Membership of another team gives no right here."""
    other = world.store.teams.add("Other", "other.example", "EUR").id
    stranger = world.store.teams.add_member(other, "eve@other.example", "Eve", "admin")
    plan = accept(world, people["editor"])
    with pytest.raises(NotFound, match="not a member"):
        approve(world, plan, stranger)
    with pytest.raises(NotFound, match="not a member"):
        accept(world, stranger, "second")


def test_only_the_newest_accepted_digest_is_decided_about(world, people):
    """What was replaced cannot be approved any more."""
    first = accept(world, people["editor"])
    second = accept(world, people["editor"], "second")
    with pytest.raises(IllegalMove, match="not the newest"):
        approve(world, first, people["admin"])
    assert waiting(world) == [second.digest]


def test_the_older_approved_plan_stays_in_force_while_a_newer_waits(world, people):
    """An edit that nobody approved changes nothing that runs."""
    first = accept(world, people["admin"])
    second = accept(world, people["editor"], "second")
    assert world.store.plans.in_force(first.team_id, first.job_id, META) == first
    assert due(world) == [first.digest]
    approve(world, second, people["approver"])
    assert due(world) == [second.digest]


def test_a_rejection_needs_a_reason_and_can_be_answered_by_accepting_anew(world, people):
    """Rejected stays rejected; the same plan accepted again waits again."""
    plan = accept(world, people["editor"])
    place = (plan.team_id, plan.job_id, META, plan.digest)
    with pytest.raises(InputError, match="reason"):
        world.store.approvals.reject(*place, user_id=people["admin"], reason=" ")
    assert world.store.approvals.reject(*place, user_id=people["admin"], reason="too dear") is True
    assert (due(world), waiting(world)) == ([], [])
    with pytest.raises(IllegalMove, match="is rejected"):
        approve(world, plan, people["approver"])
    assert world.accepts(plan, user_id=people["editor"]) is True
    assert waiting(world) == [plan.digest]
    assert [a.decision for a in world.store.plans.accepted(world.team.id)] == ["rejected", None]


def test_going_back_to_an_older_approved_plan_waits_again(world, people):
    """An approval belongs to one acceptance, not to a text for ever."""
    accept(world, people["admin"])
    second = accept(world, people["admin"], "second")
    first = accept(world, people["editor"])
    assert (due(world), waiting(world)) == ([second.digest], [first.digest])


def test_a_small_budget_passes_by_the_teams_threshold(world, people):
    """The whole ad's daily money counts, and the rule is written down."""
    world.store.teams.update(world.team.id, approval_threshold=Money(1500, "EUR"))
    plan = accept(world, people["editor"])
    assert due(world) == [plan.digest]
    (row,) = world.store.approvals.of_team(world.team.id)
    assert row.rule == "below the team's threshold of 15.00 EUR" and row.role == "editor"


def test_the_threshold_counts_the_ads_other_networks_too(world, people):
    """Splitting an ad over networks does not slip below it."""
    world.store.teams.update(world.team.id, approval_threshold=Money(2999, "EUR"))
    wider = {"platforms": frozenset(Network), "budget_daily": Money(3000, "EUR")}
    world.store.ads.edit(world.team.id, world.job.id, **wider)
    accept(world, people["editor"])
    shared = {"campaign": {"daily_budget_amount_local_micro": 15_000_000}}
    on_x = replace(world.plan(), network=Network.X, shared=shared)
    world.accepts(on_x, user_id=people["editor"])
    assert waiting(world) == [on_x.digest]


def test_a_threshold_is_in_the_teams_currency(world):
    """Another currency would say nothing."""
    with pytest.raises(InputError, match="USD"):
        world.store.teams.update(world.team.id, approval_threshold=Money(1500, "USD"))


def test_the_workbench_accepts_only_by_a_stated_rule(world):
    """The demo says which; without a person and a rule nothing is accepted."""
    world.status(AdStatus.SCHEDULED)
    with pytest.raises(InputError, match="needs a rule"):
        world.store.plans.accept(world.plan(), ad_version=world.job.version)
    world.accepts(world.plan(), rule="demo: the first four")
    (row,) = world.store.approvals.of_team(world.team.id)
    assert (row.rule, row.role) == ("demo: the first four", "admin")
    assert row.rule != BEFORE_APPROVALS


def test_a_slot_of_a_plan_that_nobody_approved_is_not_opened(world, people):
    """Nothing is sent for it."""
    plan = accept(world, people["editor"])
    with pytest.raises(Retryable, match="not the approved one"):
        world.open(plan, "broad")


def test_raw_sql_cannot_activate_a_slot_without_an_approval(world, people):
    """The database itself wants the approval of the slot's own plan, whoever writes."""
    plan = accept(world, people["admin"])
    world.run(plan, "broad", until=SlotState.VERIFIED)
    refused = accept(world, people["editor"], "second").digest
    for digest in (refused, "0000000000000000", ""):
        with pytest.raises(sa.exc.IntegrityError, match="not approved"):
            world.sql("UPDATE slots SET state = 'active', plan_digest = :d", d=digest)
    world.sql("UPDATE slots SET state = 'active'")
    with pytest.raises(sa.exc.IntegrityError, match="not approved"):
        world.sql("UPDATE slots SET plan_digest = :d", d=refused)


def test_a_later_rejection_of_the_same_digest_bars_activation(world, people):
    """The last word about a digest counts."""
    plan = accept(world, people["admin"])
    world.run(plan, "broad", until=SlotState.VERIFIED)
    accept(world, people["admin"], "second")
    again = accept(world, people["editor"])
    place = (again.team_id, again.job_id, META, again.digest)
    world.store.approvals.reject(*place, user_id=people["approver"], reason="no")
    (slot,) = world.store.ledger.adopt(world.lease(plan))
    with pytest.raises(IllegalMove, match="not approved"):
        world.store.ledger.move(slot, SlotState.ACTIVE)


@pytest.mark.parametrize(
    "verb", ["UPDATE approvals SET decision = 'rejected'", "DELETE FROM approvals"]
)
def test_approvals_are_append_only(world, verb):
    """Who decided what stays as written."""
    world.accepted()
    with pytest.raises(sa.exc.IntegrityError, match="approvals"):
        world.sql(verb)


def test_every_decision_is_in_the_audit_log(world, people):
    """Under the person's address, with the reason."""
    plan = accept(world, people["editor"])
    place = (plan.team_id, plan.job_id, META, plan.digest)
    world.store.approvals.reject(*place, user_id=people["admin"], reason="too dear")
    accepted, rejected = world.store.audit.entries(world.team.id)[-2:]
    assert (accepted["action"], accepted["actor"]) == ("plan.accepted", "editor@acme.example")
    assert (rejected["action"], rejected["actor"]) == ("plan.rejected", "admin@acme.example")
    assert rejected["detail"]["reason"] == "too dear"


def test_an_archived_ads_plan_waits_no_more(world, people):
    """Nobody is asked about an ad that ended."""
    accept(world, people["editor"])
    world.status(AdStatus.ARCHIVED)
    assert waiting(world) == []
