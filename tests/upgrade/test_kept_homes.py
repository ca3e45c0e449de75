"""What earlier versions stored is found by this one: nothing is lost, posted or approved anew."""

from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from assets.definitions import defs
from assets.publishing.planning.stored_plans import stored_plans
from domain.plan import Plan
from domain.platform import Network
from resources.warehouse.tables import TABLES

# Where a migration moved a column: (store, table, column) then → now. None for one whose values are
# derived and made anew; say beside it from what.
MOVED: dict[tuple[str, str, str], tuple[str, str, str] | None] = {
    # The whole plan is put together from its row and its arms':
    # test_compiled_plans_are_the_very_same.
    ("lake", "audience_plans", "plan"): None,
    ("lake", "segment_model", "doubt"): ("lake", "segment_model", "rejection_reason"),
    **{
        ("lake", "audience_plans", name): ("lake", "audience_plan_arms", name)
        for name in ("arm", "budget_share", "bodies", "proof")
    },
}


def test_every_value_of_every_column_is_still_there(before, home):
    """In its table and column, or where MOVED says; the new home may hold more."""
    after = home.values()
    lost = {}
    for place, values in before.items():
        now = MOVED.get(place, place)
        if now is not None and (missing := values - after.get(now, set())):
            lost[place] = sorted(missing)[:2]
    assert lost == {}
    assert all(before.values()), "a kept home has rows in every table"
    assert {store for store, _, _ in before} == {"operations", "lake", "persons"}


def test_every_table_of_the_lake_has_todays_columns(home):
    """Whoever changes TABLES has written a step: see resources/warehouse/migrations.py."""
    there: dict[str, set[str]] = {}
    for store, table, column in home.values():
        there.setdefault(f"{store}.{table}", set()).add(column)
    for table in TABLES.values():
        name = f"{table.catalogue}.{table.name}"
        assert there.get(name, set(table.columns)) == set(table.columns), name


def test_compiled_plans_are_the_very_same(home):
    """Each stored row puts together the plan whose digest it had."""
    plans = stored_plans(home.warehouse.sql, "true", [])
    digests = home.warehouse.sql("SELECT digest FROM audience_plans ORDER BY digest")
    assert sorted(plan.digest for plan in plans) == digests["digest"].to_list() != []


def test_the_same_plans_are_in_force(home):
    """Digests and revisions are computed today as they were then."""
    team, found = home.kept["team"], {}
    for job_id, network in (place.split() for place in home.kept["in_force"]):
        plan = home.store.plans.in_force(team, job_id, Network(network))
        found[f"{job_id} {network}"] = plan.digest
    assert found == home.kept["in_force"]
    for accepted in home.store.plans.accepted(team):
        assert Plan.from_dict(accepted.plan.as_dict()).digest == accepted.digest


def test_a_plan_that_waited_waits_and_a_rejected_one_is_rejected(before, home):
    """Nobody approves by upgrading."""
    team = home.kept["team"]
    rows = before["operations", "approvals", "id"]
    assert len(home.store.approvals.of_team(team)) == len(rows) > 0
    assert len(home.store.plans.awaiting_approval(team)) > 0
    decisions = [plan.decision for plan in home.store.plans.accepted(team)]
    assert {None, "approved", "rejected"} == set(decisions)


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=30)])
def test_nothing_is_due_and_nothing_has_to_be_taken_off(home, later):
    """What was posted counts as posted, what was retired as retired."""
    now = datetime.fromisoformat(home.kept["made_at"]) + later
    assert list(home.store.schedule.due(now)) == [] and list(home.store.schedule.stale(now)) == []


def test_slots_are_in_their_states(home):
    """Active ones stay active: nothing is posted anew."""
    slots = home.store.ledger.slots(home.kept["team"])
    found = {f"{s.job_id} {s.network} {s.account_id} {s.arm}": str(s.state) for s in slots}
    assert found == home.kept["slots"]
    assert {"active", "paused", "closed"} == set(found.values())


def test_tokens_and_resumes_open(home):
    """With the key of then."""
    team = home.kept["team"]
    for place, tokens in home.kept["tokens"].items():
        network, account = place.split()
        held = home.store.connections.get(team, Network(network), account)
        assert [held.token, held.refresh_token] == tokens
    texts = {k: sha256(t.encode()).hexdigest() for k, t in home.store.resumes.texts(team)}
    assert texts == home.kept["resumes"] and texts


def test_a_person_who_was_erased_then_is_known_now(home):
    """The mark in the audit log is derived from the key."""
    entries = [e["action"] for e in home.store.audit.entries(home.kept["team"])]
    assert "subject.forgotten" in entries
    assert home.store.erasures.erased_at(home.kept["team"], home.kept["forgotten"])


def test_every_asset_of_then_is_an_asset_now(home):
    """Dagster knows materializations, partitions and cursors by the asset's key."""
    keys = {k.to_user_string() for k in defs.resolve_asset_graph().get_all_asset_keys()}
    assert set(home.kept["asset_keys"]) <= keys


def test_the_upgraded_home_can_be_worked_in(home):
    """A plan that waited is approved, and is due; the lake takes a table's rows."""
    team = home.kept["team"]
    (plan, *_) = home.store.plans.awaiting_approval(team)
    ann = next(m for m in home.store.teams.members(team) if m.role == "approver")
    home.store.approvals.approve(
        team, plan.plan.job_id, plan.plan.network, plan.digest, user_id=ann.user_id
    )
    assert [
        d.digest for d in home.store.schedule.due(datetime.fromisoformat(home.kept["made_at"]))
    ] == [plan.digest]
    warehouse = home.warehouse
    for name in TABLES:
        frame = warehouse.table(name)
        assert warehouse.merge(name, frame.head(1)) == min(1, len(frame))
    warehouse.close()
