"""PostgreSQL's own ways past a trigger: TRUNCATE, and a temporary table in the place of ours."""

import pytest
import sqlalchemy as sa

from domain.lifecycle import SlotState
from resources.operations import triggers
from resources.operations.engine import open_engine

REFUSED = (sa.exc.IntegrityError, sa.exc.DataError)
KEPT = sorted({guard.table for guard in triggers.GUARDS if guard.event == "DELETE"})

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture
def full(world):
    """Something in every table whose rows are kept."""
    plan = world.accepted()
    world.post(plan)
    world.let_go()
    withdraw(world, plan)
    world.store.ads.edit(world.team.id, world.job.id, title="Chef")
    world.store.lawful_bases.set(world.team.id, "hiring", "ann")
    return world


def withdraw(world, plan):
    user = world.store.teams.system_user(world.team.id)
    world.store.approvals.withdraw(
        world.team.id, world.job.id, plan.network, plan.digest, user_id=user
    )


def counts(world):
    return {name: world.sql(f"SELECT count(*) FROM {name}")[0][0] for name in KEPT}


@pytest.mark.parametrize("name", [*KEPT, "teams", "users"])
@pytest.mark.parametrize("how", ["", " CASCADE"])
def test_no_table_whose_rows_are_kept_is_emptied(full, name, how):
    """Nor by way of a table that it refers to."""
    before = counts(full)
    assert all(before.values())
    with pytest.raises((*REFUSED, sa.exc.NotSupportedError)):
        full.sql(f"TRUNCATE {name}{how}")
    assert counts(full) == before


def test_a_temporary_table_in_the_place_of_ours_deceives_no_guard(world):
    """It would come first in the writer's own session, and holds no withdrawal."""
    plan = world.accepted()
    slot = world.run(plan, "broad", until=SlotState.VERIFIED)
    world.let_go()
    withdraw(world, plan)
    engine = open_engine(world.url)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE withdrawals (acceptance_id bigint)")
        with pytest.raises(REFUSED, match="not approved"):
            connection.execute(sa.text("UPDATE slots SET state = 'active'"))
    engine.dispose()
    (found,) = world.store.ledger.slots(world.team.id)
    assert (found.id, found.state) == (slot.id, SlotState.VERIFIED)


def test_an_older_database_gets_both_by_the_upgrade(world, monkeypatch):
    """It counts as older until then; triggers that it has keep their names."""
    names = world.sql(TRIGGERS)
    with monkeypatch.context() as patch:
        patch.setattr(triggers, "_postgres_only", tuple)
        patch.setattr(triggers, "_look_here", lambda connection, names: None)
        world.store.schema.migrate()
        for (name,) in world.sql(FUNCTIONS):
            world.sql(f"ALTER FUNCTION {name}() RESET search_path")
        assert world.store.schema.is_migrated()
    assert not world.store.schema.is_migrated()
    world.store.schema.migrate()
    assert world.store.schema.is_migrated()
    with pytest.raises(REFUSED):
        world.sql("TRUNCATE audit_log")
    assert world.sql(f"{FUNCTIONS} AND proconfig IS NULL") == []
    assert world.sql(TRIGGERS) == names


TRIGGERS = (
    "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal "
    "AND c.relnamespace = current_schema()::regnamespace ORDER BY tgname"
)
FUNCTIONS = (
    "SELECT proname FROM pg_proc WHERE proname LIKE 'guard_%' "
    "AND pronamespace = current_schema()::regnamespace"
)
