"""A home of the first schema is brought to today's with everything that it holds."""

import json
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from domain.lifecycle import SlotState
from domain.plan import Plan, PlannedArm
from domain.platform import Network
from resources.operations import triggers
from resources.operations.engine import WRITES, file_of, make_file, open_engine
from resources.operations.migrate import _config

NEW = (
    "approval",
    "lease",
    "slot_approved",
    "slot_stopped",
    "slot_epoch",
    "basis",
    "withdrawal",
    "version",
)
TEAM, USER, JOB = (str(uuid.UUID(int=n)) for n in (1, 2, 3))
BODIES = {"adset": {"daily_budget": 750}, "ad": {"text": "x"}}
PLAN = Plan(
    TEAM,
    JOB,
    Network.META,
    "act_1",
    "Cook",
    {"campaign": {"a": 1}},
    (PlannedArm("broad", 1.0, 1.0, BODIES),),
)
LATER = Plan(TEAM, JOB, Network.META, "act_1", "Chef", {"campaign": {"a": 1}}, PLAN.arms)


@pytest.fixture
def old_home(database_url, clock, monkeypatch):
    """An ad that runs, one slot in the middle of a change, a lease whose holder was killed."""
    from alembic import command

    older = tuple(g for g in triggers.GUARDS if not g.name.startswith(NEW))
    engine, at = open_engine(database_url), clock()
    if path := file_of(engine):
        make_file(path)
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        command.upgrade(_config(connection), "0001")
        with monkeypatch.context() as patch:
            patch.setattr(triggers, "GUARDS", older)
            patch.setattr(triggers, "SQLITE_ONLY", ())
            triggers.install(connection)
        for statement, values in rows(at):
            # Typed, so that SQLAlchemy writes the time: sqlite3's own adapter belongs to the
            # process, and a library (nbformat) replaces it by one whose text sorts differently.
            named = sa.text(statement)
            if "at" in values:
                named = named.bindparams(sa.bindparam("at", type_=sa.DateTime()))
            connection.execute(named, values)
    engine.dispose()


def rows(at):
    same = {"team": TEAM, "user": USER, "job": JOB, "at": at.replace(tzinfo=None)}
    yield "INSERT INTO teams VALUES (:team, 'Acme', 'a.example', 'EUR', 'P', 'B', 1, :at)", same
    yield "INSERT INTO users VALUES (:user, 'system@localhost', 'the workbench itself', :at)", same
    yield "INSERT INTO memberships VALUES (:team, :user, 'admin', :at)", same
    yield (
        "INSERT INTO job_ads (id, team_id, title, description_short, description_long, target_url, "
        "platforms, budget_daily_minor, budget_currency, schedule_start, location, status, "
        "created_by_user_id, created_at, updated_at) VALUES (:job, :team, 'Cook', 'c', 'c', "
        "'https://a.example/c', '[\"meta\"]', 750, 'EUR', :at, 'Berlin', 'draft', :user, :at, :at)",
        same,
    )
    for status in ("scheduled", "live"):
        yield "UPDATE job_ads SET status = :status", {"status": status}
    for plan in (PLAN, LATER):
        yield (
            "INSERT INTO accepted_plans (team_id, job_id, network, account_id, digest, payload, "
            "revisions, rule, accepted_by, accepted_at) VALUES (:team, :job, 'meta', 'act_1', "
            ":digest, :payload, :revisions, 'demo', 'system', :at)",
            same
            | {
                "digest": plan.digest,
                "payload": json.dumps(plan.as_dict()),
                "revisions": json.dumps({a: plan.revision(a) for a in ("campaign", "broad")}),
            },
        )
    for arm in ("campaign", "broad"):
        yield (
            "INSERT INTO slots (id, team_id, job_id, network, account_id, arm, revision, state, "
            "mode, attempt, reason, retired, running, ordinal, created_at, updated_at) VALUES "
            "(:id, :team, :job, 'meta', 'act_1', :arm, :revision, 'planned', 'sandbox', 0, '', "
            "false, false, 0, :at, :at)",
            same | {"id": f"slot-{arm}", "arm": arm, "revision": LATER.revision(arm)},
        )
        for state in ("sending", "created", "verified", "active"):
            yield (
                "UPDATE slots SET state = :state, running = true WHERE arm = :arm",
                {"state": state, "arm": arm},
            )
    yield "UPDATE slots SET state = 'sending' WHERE arm = 'broad'", {}
    yield ("INSERT INTO leases VALUES (:team, :job, 'meta', 'act_1', 'killed', :at, 3)", same)


def test_what_was_accepted_before_counts_as_approved(old_home, open_store, clock):
    """By the rule that says so; the newest is in force, with its daily money."""
    store = open_store()
    assert not store.schema.is_migrated()
    store.schema.migrate()
    assert store.schema.is_migrated()
    assert {a.rule for a in store.approvals.of_team(TEAM)} == {"accepted before approvals existed"}
    assert store.plans.in_force(TEAM, JOB, Network.META) == LATER
    assert [a.daily_minor for a in store.plans.accepted(TEAM)] == [750, 750]
    assert store.plans.awaiting_approval(TEAM) == []


def test_an_old_slot_goes_on_to_active_under_a_new_lease(old_home, open_store, clock):
    """The killed holder's place is taken over, its try counted, and the slot adopted."""
    store = open_store()
    store.schema.migrate()
    (due,) = store.schedule.due(clock())
    assert (due.digest, due.attempt) == (LATER.digest, 4)
    with store.leases.acquire(TEAM, JOB, Network.META, "act_1", ttl_s=60) as lease:
        slot = next(s for s in store.ledger.adopt(lease) if s.arm == "broad")
        assert (lease.epoch, slot.plan_digest) == (1, LATER.digest)
        for state in (SlotState.CREATED, SlotState.VERIFIED, SlotState.ACTIVE):
            slot = store.ledger.move(slot, state)
        store.ledger.settle(lease)
    assert list(store.schedule.due(clock() + timedelta(seconds=1))) == []


def test_an_old_team_starts_with_the_safe_threshold(old_home, open_store):
    """Nothing passes without a person unless somebody says so."""
    store = open_store()
    store.schema.migrate()
    assert store.teams.get(TEAM).approval_threshold.minor == 0


def test_what_was_accepted_is_about_the_ad_as_it_is_at_the_upgrade(old_home, open_store, clock):
    """The same plan stays in force, nothing is accepted anew, and the next edit is compared."""
    store = open_store()
    store.schema.migrate()
    version = store.ads.get(TEAM, JOB).version
    assert {(a.ad_version, a.currency) for a in store.plans.accepted(TEAM)} == {(version, "EUR")}
    assert store.plans.accept(LATER, ad_version=version, rule="again") is False
    store.ads.edit(TEAM, JOB, title="Chef")
    (edition,) = store.plans.editions(TEAM, JOB)
    assert (edition.digest, edition.changes) == (LATER.digest, "title Cook → Chef")
