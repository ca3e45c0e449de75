"""SQLite's OR REPLACE, by a connection that knows none of our pragmas, passes no guard.

Such a connection has `recursive_triggers` and `foreign_keys` off: what OR REPLACE deletes fires no
delete trigger there. Generated over every guarded table and each of its keys.
"""

import itertools
import sqlite3
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from domain.lawful_basis import LawfulBasis
from domain.plan import SHARED
from resources.operations import triggers
from resources.operations.schema import metadata

TABLES = sorted({guard.table for guard in triggers.GUARDS})
FRESH = {"epoch": 99, "tries": 99}


def keys(name):
    """Every unique key of a table as the schema declares it, and SQLite's own row number."""
    table = metadata.tables[name]
    found = [[c.name for c in table.primary_key]]
    found += [
        [c.name for c in u.columns] for u in table.constraints if isinstance(u, sa.UniqueConstraint)
    ]
    found += [[c.name for c in i.columns] for i in table.indexes if i.unique]
    serial = found[0] == ["id"] and isinstance(table.c.id.type, sa.BigInteger)
    return found if serial else [*found, ["rowid"]]


VERBS = ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL", "INSERT OR ROLLBACK")


@pytest.fixture
def database_url(tmp_path):
    """OR REPLACE is SQLite's own, so no other database is asked."""
    return f"sqlite:///{tmp_path / 'operations.db'}"


@pytest.fixture
def full(world, another_draft):
    """At least two rows in every guarded table."""
    other = another_draft(title="Baker")
    world.store.ads.save_drafts(world.team.id, [other])
    user = world.store.teams.system_user(world.team.id)
    for job in (str(other.id), str(world.job.id)):
        plan = replace(world.plan(), job_id=job)
        world.accept(plan)
        world.store.approvals.withdraw(plan.team_id, job, plan.network, plan.digest, user_id=user)
        world.store.ads.edit(world.team.id, job, title="Chef")
        world.store.ads.set_status(world.team.id, job, "scheduled")
        world.accept(plan)
        world.let_go()
        for arm in (SHARED, "broad"):
            world.run(plan, arm)
        world.let_go()
    for purpose in ("one", "two"):
        world.store.lawful_bases.set(world.team.id, purpose, "ann")
    yield world


def plain(world):
    connection = sqlite3.connect(world.url.removeprefix("sqlite:///"), isolation_level=None)
    assert connection.execute("PRAGMA recursive_triggers").fetchone() == (0,)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (0,)
    return connection


def everything(connection):
    return {
        name: connection.execute(f"SELECT rowid, * FROM {name} ORDER BY rowid").fetchall()
        for name in TABLES
    }


def copied(connection, name, key):
    """A row that only shares `key` with the first row of the table: its other keys are new."""
    cursor = connection.execute(f"SELECT rowid AS rowid, * FROM {name} ORDER BY 1 LIMIT 1")
    row = dict(zip([c[0] for c in cursor.description], cursor.fetchone(), strict=True))
    taken = set(itertools.chain.from_iterable(keys(name)))
    for column in taken - set(key) - {"team_id", "job_id", "network"}:
        row[column] = 10**6 if isinstance(row[column], int) else str(uuid4())
    if "rowid" not in key:
        del row["rowid"]
    if "status" in row:
        row["status"] = "draft"
    if "state" in row:
        row["state"] = "planned"
    row |= {column: value for column, value in FRESH.items() if column in row}
    if name == "leases" and "job_id" not in key:
        row["job_id"] = str(uuid4())
    return row


def test_every_guarded_table_has_its_keys_named():
    """The guards know each unique key of each table that they guard."""
    partial = {"slots": {("team_id", "job_id", "network", "account_id", "arm")}}
    for name in TABLES:
        named = {tuple(sorted(key)) for key in triggers.KEYS[name]}
        wanted = {tuple(sorted(key)) for key in keys(name)}
        own = {tuple(sorted(key)) for key in partial.get(name, ())}
        covered = {key for key in wanted if any(set(k) <= set(key) for k in named)}
        assert wanted - own == covered - own, name


@pytest.mark.parametrize("name", TABLES)
def test_no_insert_replaces_a_row(full, name):
    """Whatever key of another row it has, the row stays, and nothing else goes."""
    connection = plain(full)
    before = everything(connection)
    for key, verb in itertools.product(keys(name), VERBS):
        row = copied(connection, name, key)
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(f"{verb} INTO {name} ({columns}) VALUES ({marks})", [*row.values()])
        assert everything(connection) == before, (key, verb)
    connection.close()


@pytest.mark.parametrize("name", TABLES)
def test_no_update_replaces_a_row(full, name):
    """A row that takes the key of another one would delete it."""
    connection = plain(full)
    before = everything(connection)
    for key in keys(name):
        query = f"SELECT rowid, {', '.join(key)} FROM {name} ORDER BY rowid "
        first, last = (
            connection.execute(query + way).fetchone() for way in ("LIMIT 1", "DESC LIMIT 1")
        )
        assert first[1:] != last[1:]
        changes = ", ".join(f"{column} = ?" for column in key)
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(
                f"UPDATE OR REPLACE {name} SET {changes} WHERE rowid = ?", [*last[1:], first[0]]
            )
        assert everything(connection) == before, key
    connection.close()


@pytest.mark.parametrize(
    "change",
    [
        "slots SET epoch = NULL",
        "leases SET epoch = NULL",
        "slots SET plan_digest = NULL",
        "slots SET ordinal = 9",
    ],
)
def test_a_column_that_is_replaced_by_its_default_is_guarded(full, change):
    """OR REPLACE stores the default of a column that may not be NULL, after the triggers ran."""
    connection = plain(full)
    before = everything(connection)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(f"UPDATE OR REPLACE {change}")
    assert everything(connection) == before
    connection.close()


def test_a_rejection_cannot_be_replaced_by_an_approval(full):
    """The one decision about an acceptance stays, under whatever number the other comes."""
    connection = plain(full)
    before = everything(connection)
    for number in (9_000, "9000", 9000.0, None):
        with pytest.raises(sqlite3.IntegrityError, match="never replaced"):
            connection.execute(
                "REPLACE INTO approvals SELECT ?, team_id, acceptance_id, job_id, network, "
                "account_id, digest, 'rejected', rule, user_id, role, reason, at FROM approvals "
                "WHERE acceptance_id = (SELECT min(acceptance_id) FROM approvals)",
                [number],
            )
    assert everything(connection) == before
    connection.close()


def test_a_basis_is_still_revoked_and_a_lease_still_taken_renewed_and_given_back(full):
    """What our own code stores passes: the rest of the tests store everything else."""
    world = full
    assert isinstance(world.store.lawful_bases.in_force(world.team.id), LawfulBasis)
    assert world.store.lawful_bases.revoke(world.team.id, "ann")
    plan = world.plan()
    epoch = world.lease(plan).epoch
    world.store.leases.renew(world.lease(plan), 60)
    world.let_go()
    assert world.lease(plan).epoch == epoch + 1
