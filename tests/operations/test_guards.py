"""Moves that the lifecycle forbids cannot be stored, whoever writes the SQL."""

import itertools

import pytest
import sqlalchemy as sa

from domain.errors import IllegalMove
from domain.lifecycle import MOVES, SLOT_MOVES, AdStatus, SlotState
from domain.plan import SHARED

REFUSED = (sa.exc.IntegrityError, sa.exc.DataError)


def route(moves, start, goal):
    """The shortest legal way from `start` to `goal`."""
    ways = [[start]]
    for way in ways:
        if way[-1] == goal:
            return way[1:]
        ways += [[*way, after] for after in moves[way[-1]] if after not in way]
    raise AssertionError(f"no way to {goal}")


@pytest.mark.parametrize("before", list(AdStatus))
def test_raw_sql_stores_exactly_the_legal_moves_of_an_ad(world, before):
    """For each pair of statuses the database agrees with the table of moves."""
    for step in route(MOVES, AdStatus.DRAFT, before):
        world.sql("UPDATE job_ads SET status = :to", to=str(step))
    for after in set(AdStatus) - MOVES[before] - {before}:
        with pytest.raises(REFUSED, match="illegal move"):
            world.sql("UPDATE job_ads SET status = :to", to=str(after))
    assert world.now_status() is before


@pytest.mark.parametrize("before", list(SlotState))
def test_raw_sql_stores_exactly_the_legal_moves_of_a_slot(world, before):
    """The same for slots."""
    world.open(world.accepted(), SHARED)
    for step in route(SLOT_MOVES, SlotState.PLANNED, before):
        world.sql("UPDATE slots SET state = :to", to=str(step))
    for after in set(SlotState) - SLOT_MOVES[before] - {before}:
        with pytest.raises(REFUSED, match="illegal move"):
            world.sql("UPDATE slots SET state = :to", to=str(after))
    assert world.store.ledger.slots(world.team.id)[0].state is before


def test_every_pair_of_ad_statuses_is_judged_alike_by_the_store(world):
    """The store raises our own error, before the database has to."""
    for before, after in itertools.product([AdStatus.DRAFT], AdStatus):
        if after not in MOVES[before]:
            with pytest.raises(IllegalMove, match="allowed"):
                world.status(after)


COLUMNS = (
    "id, team_id, title, description_short, description_long, target_url, platforms, "
    "budget_daily_minor, budget_currency, schedule_start, schedule_end, location, status, "
    "created_by_user_id, created_at, updated_at"
)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "'live'"),
        ("title", "''"),
        ("description_short", f"'{'x' * 281}'"),
        ("target_url", "'http://acme.example'"),
        ("budget_daily_minor", "0"),
        ("budget_currency", "'EU'"),
        ("schedule_end", "schedule_start"),
        ("team_id", "'11111111-1111-1111-1111-111111111111'"),
    ],
)
def test_raw_sql_cannot_insert_a_broken_ad(world, column, value):
    """Each rule of the record is a constraint of the table too."""
    copied = COLUMNS.replace("id,", "'99999999-9999-9999-9999-999999999999',", 1)
    values = ", ".join(value if c == column else c for c in copied.split(", "))
    with pytest.raises((*REFUSED, sa.exc.DBAPIError)):
        world.sql(f"INSERT INTO job_ads ({COLUMNS}) SELECT {values} FROM job_ads")
    assert len(world.store.ads.of_team(world.team.id)) == 1


@pytest.mark.parametrize("amount", ["10.5", "'ten'", "-1", "1e300"])
def test_money_in_the_database_is_a_whole_number(world, amount):
    """SQLite would keep a float or a word in an integer column; PostgreSQL would round."""
    import contextlib

    with contextlib.suppress(sa.exc.DBAPIError):
        world.sql(f"UPDATE job_ads SET budget_daily_minor = {amount}")
    minor = world.sql("SELECT budget_daily_minor FROM job_ads")[0][0]
    assert type(minor) is int and minor in (1500, 10, 11)


def test_a_second_open_slot_in_one_place_cannot_be_stored(world):
    """Unique among those that are not terminal, even by raw SQL and even by REPLACE."""
    world.open(world.accepted(), "broad")
    columns = (
        "team_id, job_id, network, account_id, arm, revision, state, mode, attempt, reason, "
        "retired, running, created_at, updated_at"
    )
    verbs = ["INSERT"] + (["INSERT OR REPLACE"] if world.url.startswith("sqlite") else [])
    for verb in verbs:
        with pytest.raises(REFUSED):
            world.sql(
                f"{verb} INTO slots (id, ordinal, {columns}) "
                f"SELECT 'another', 9, {columns} FROM slots"
            )
    assert len(world.store.ledger.slots(world.team.id)) == 1


def test_a_slot_keeps_its_place_and_is_never_deleted(world):
    """History of what was sent cannot be rewritten."""
    world.open(world.accepted(), "broad")
    for change in ("arm = 'other'", "account_id = 'act_9'", "mode = 'live'"):
        with pytest.raises(REFUSED, match="keeps its place"):
            world.sql(f"UPDATE slots SET {change}")
    with pytest.raises(REFUSED, match="never deleted"):
        world.sql("DELETE FROM slots")


def test_a_slot_cannot_stay_active_under_another_revision(world):
    """A new revision has to pass through SENDING again."""
    world.run(world.accepted(), "broad")
    with pytest.raises(REFUSED, match="goes back to sending"):
        world.sql("UPDATE slots SET revision = '0123456789ab'")


@pytest.mark.parametrize("epoch", ["'zzz'", "9223372036854775807", "epoch + 2", "NULL", "1e300"])
def test_a_leases_epoch_grows_one_by_one(world, epoch):
    """After text, or the greatest number there is, nobody could take the place again."""
    plan = world.accepted()
    before = world.lease(plan).epoch
    world.let_go()
    with pytest.raises((*REFUSED, sa.exc.ProgrammingError)):
        world.sql(f"UPDATE leases SET epoch = {epoch}")
    assert world.lease(plan).epoch == before + 1


@pytest.mark.parametrize("table", ["audit_log", "accepted_plans"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET team_id = team_id", "DELETE FROM {}"])
def test_the_audit_log_and_accepted_plans_are_append_only(world, table, verb):
    """What was agreed and what was done stays as written."""
    world.accepted()
    with pytest.raises(REFUSED):
        world.sql(verb.format(table))


def test_an_ad_of_one_team_cannot_carry_rows_of_another(world):
    """The foreign key holds team and ad together."""
    other = world.store.teams.add("Other", "other.example", "EUR")
    with pytest.raises(sa.exc.IntegrityError):
        world.sql(
            "INSERT INTO leases (team_id, job_id, network, account_id, expires_at, tries) "
            "VALUES (:t, :j, 'meta', 'a', '2026-01-01 00:00:00', 0)",
            t=str(other.id),
            j=str(world.job.id),
        )
