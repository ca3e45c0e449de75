"""From nothing to today's tables, on both databases."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from domain.errors import SetupError
from resources.operations import triggers
from resources.operations.schema import metadata
from resources.operations.store import OperationsStore


def test_an_empty_database_becomes_exactly_the_schema(store, database_url):
    """The migrations and the table definitions say the same, constraint names included."""
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        found = sa.inspect(connection)
        for table in metadata.tables.values():
            checks = {check["name"] for check in found.get_check_constraints(table.name)}
            wanted = {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint)}
            assert {str(name) for name in wanted} <= checks
    engine.dispose()


def test_migrating_twice_changes_nothing(world):
    """A second migrate keeps rows and triggers."""
    world.store.schema.migrate()
    assert world.store.schema.is_migrated()
    assert [ad.title for ad in world.store.ads.of_team(world.team.id)] == ["Cook"]


def test_a_store_that_was_never_migrated_says_so(open_store):
    """No table yet: a setup error that names the mend, not a traceback of SQL."""
    fresh = open_store()
    assert not fresh.schema.is_migrated()
    with pytest.raises(SetupError, match="not migrated"):
        fresh.teams.all()


def test_asking_a_store_that_is_not_there_makes_no_file(tmp_path):
    """A command in the wrong folder leaves it as it was; SQLite would have made an empty file."""
    path = tmp_path / "home" / "operations.db"
    store = OperationsStore(f"sqlite:///{path}")
    assert not store.schema.is_migrated()
    with pytest.raises(SetupError, match=r"not migrated .* jobads teams add"):
        store.teams.all()
    assert list(tmp_path.iterdir()) == []
    store.schema.migrate()
    assert store.schema.is_migrated() and path.exists()


def test_a_store_whose_folder_cannot_be_made_says_so(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="cannot be made"):
        OperationsStore(f"sqlite:///{tmp_path}/file/operations.db").schema.migrate()


def test_triggers_follow_the_table_of_moves(world, database_url, monkeypatch):
    """When the lifecycle changes, migrating replaces the triggers that said otherwise."""
    changed = triggers.GUARDS[0]._replace(when="NEW.status = 'archived'")
    monkeypatch.setattr(triggers, "GUARDS", (changed, *triggers.GUARDS[1:]))
    assert not world.store.schema.is_migrated()
    world.store.schema.migrate()
    assert world.store.schema.is_migrated()
    world.sql("UPDATE job_ads SET status = 'live'")
    with pytest.raises(sa.exc.IntegrityError):
        world.sql("UPDATE job_ads SET status = 'archived'")


def test_a_store_that_cannot_be_reached_is_a_setup_error_of_one_line(tmp_path):
    """A closed port, a file that is no database, a folder that cannot be made."""
    (tmp_path / "text.db").write_text("this is no database, only some words of text " * 50)
    urls = (
        "postgresql+psycopg://ann:hidden@127.0.0.1:9/x",
        f"sqlite:///{tmp_path}/text.db",
        f"sqlite:///{tmp_path}/text.db/below/o.db",
    )
    for url in urls:
        with pytest.raises(SetupError) as caught:
            OperationsStore(url).teams.all()
        assert "\n" not in str(caught.value) and "hidden" not in str(caught.value)


def test_a_url_of_another_database_is_refused():
    """MySQL is not supported, and we say what is."""
    from resources.operations.engine import open_engine

    for url in ("mysql://host/db", "not a url", "sqlite://"):
        with pytest.raises(SetupError, match="sqlite:////path"):
            open_engine(url)
