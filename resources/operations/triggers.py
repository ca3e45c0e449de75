"""Triggers: a step that the lifecycle forbids cannot be stored, whoever writes the SQL.

They are generated from `domain.lifecycle` at every migration, never written by hand, so the moves
stay a table in one place. A trigger's name ends in its content's hash: an old one is replaced.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

import sqlalchemy as sa

from domain.approval import Decision
from domain.lifecycle import MOVES, SLOT_MOVES, SlotState

PREFIX = "guard_"


class Guard(NamedTuple):
    """Refuse `event` on `table` when `when` holds, and the query `unless` does not, saying `why`.

    Only `unless` may look at other rows: PostgreSQL takes no query in a trigger's condition."""

    name: str
    table: str
    event: str
    when: str
    why: str
    unless: str = ""


def _quoted(values: Set[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _illegal(column: str, moves: Mapping[Any, Set[Any]]) -> str:
    legal = " OR ".join(
        f"(OLD.{column} = '{before}' AND NEW.{column} IN ({_quoted(after)}))"
        for before, after in moves.items()
        if after
    )
    return f"(NEW.{column} = OLD.{column} OR {legal}) IS NOT TRUE"


def _differs(*columns: str) -> str:
    """Also when the new value is NULL: OR REPLACE puts the column's default in its place, after
    the triggers."""
    return " OR ".join(f"(NEW.{column} = OLD.{column}) IS NOT TRUE" for column in columns)


_ENDED = _quoted({str(state) for state, after in SLOT_MOVES.items() if not after})
_ACTIVATED = f"NEW.state = 'active' AND (OLD.state <> 'active' OR {_differs('plan_digest')})"
# The last word about a digest counts, and what was withdrawn brings no older plan back in force.
_LAST_WORD = (
    "(SELECT CASE WHEN EXISTS (SELECT 1 FROM withdrawals w "
    "WHERE w.acceptance_id = a.acceptance_id) THEN 'withdrawn' ELSE a.decision END "
    "FROM approvals a WHERE a.team_id = NEW.team_id "
    "AND a.job_id = NEW.job_id AND a.network = NEW.network AND {which} "
    "ORDER BY a.acceptance_id DESC LIMIT 1)"
)
_APPROVED = " AND ".join(
    f"'{Decision.APPROVED}' = {_LAST_WORD.format(which=which)}"
    for which in ("a.digest = NEW.plan_digest", f"a.decision = '{Decision.APPROVED}'")
)
_FREE = "NOT EXISTS (SELECT 1 FROM stops WHERE team_id IN (NEW.team_id, '*'))"
_UNSENT = _quoted({SlotState.PLANNED, SlotState.SENDING})

GUARDS = (
    Guard("ad_move", "job_ads", "UPDATE", _illegal("status", MOVES), "illegal move of an ad"),
    Guard("ad_birth", "job_ads", "INSERT", "NEW.status <> 'draft'", "an ad starts as a draft"),
    Guard("ad_name", "job_ads", "UPDATE", _differs("id", "team_id"), "an ad keeps its id and team"),
    Guard("ad_kept", "job_ads", "DELETE", "1 = 1", "ads are archived, never deleted"),
    Guard("slot_move", "slots", "UPDATE", _illegal("state", SLOT_MOVES), "illegal move of a slot"),
    Guard("slot_birth", "slots", "INSERT", "NEW.state <> 'planned'", "a slot starts planned"),
    Guard(
        "slot_place",
        "slots",
        "UPDATE",
        _differs("id", "team_id", "job_id", "network", "account_id", "arm", "mode", "ordinal"),
        "a slot keeps its place",
    ),
    Guard(
        "slot_revision",
        "slots",
        "UPDATE",
        f"({_differs('revision')}) AND NEW.state NOT IN ({_UNSENT})",
        "a new revision goes back to sending",
    ),
    Guard(
        "slot_approved",
        "slots",
        "UPDATE",
        _ACTIVATED,
        "the plan of the slot is not approved",
        _APPROVED,
    ),
    Guard("slot_stopped", "slots", "UPDATE", _ACTIVATED, "the team is stopped", _FREE),
    Guard(
        "slot_epoch", "slots", "UPDATE", "(NEW.epoch >= OLD.epoch) IS NOT TRUE", "epochs only grow"
    ),
    Guard(
        "lease_place",
        "leases",
        "UPDATE",
        _differs("team_id", "job_id", "network", "account_id"),
        "a lease keeps its place",
    ),
    Guard(
        "lease_epoch",
        "leases",
        "UPDATE",
        "(NEW.epoch >= OLD.epoch) IS NOT TRUE OR (NEW.epoch = OLD.epoch "
        "AND NEW.holder IS NOT NULL AND (OLD.holder IS NULL OR NEW.holder <> OLD.holder))",
        "every take has an epoch of its own",
    ),
    # Nobody could take a place again whose epoch is text, or the greatest number there is.
    Guard(
        "lease_step",
        "leases",
        "UPDATE",
        "(CAST(NEW.epoch AS BIGINT) = NEW.epoch AND NEW.epoch - 1 <= OLD.epoch) IS NOT TRUE",
        "an epoch is the one before or the next",
    ),
    Guard("lease_kept", "leases", "DELETE", "1 = 1", "leases are never deleted"),
    Guard("approval_kept", "approvals", "DELETE", "1 = 1", "approvals are never deleted"),
    Guard("approval_frozen", "approvals", "UPDATE", "1 = 1", "approvals are frozen"),
    Guard("withdrawal_kept", "withdrawals", "DELETE", "1 = 1", "withdrawals are never deleted"),
    Guard("withdrawal_frozen", "withdrawals", "UPDATE", "1 = 1", "withdrawals are frozen"),
    Guard("version_kept", "ad_versions", "DELETE", "1 = 1", "older versions are never deleted"),
    Guard("version_frozen", "ad_versions", "UPDATE", "1 = 1", "older versions are frozen"),
    Guard("slot_kept", "slots", "DELETE", "1 = 1", "slots are never deleted"),
    Guard("plan_kept", "accepted_plans", "DELETE", "1 = 1", "accepted plans are never deleted"),
    Guard("plan_frozen", "accepted_plans", "UPDATE", "1 = 1", "accepted plans are frozen"),
    Guard("basis_kept", "lawful_bases", "DELETE", "1 = 1", "lawful bases are never deleted"),
    Guard(
        "basis_frozen",
        "lawful_bases",
        "UPDATE",
        f"OLD.revoked_at IS NOT NULL OR {_differs('id', 'team_id', 'purpose', 'author', 'set_at')} "
        "OR coalesce(NEW.until, NEW.set_at) <> coalesce(OLD.until, OLD.set_at)",
        "a lawful basis is only ever revoked, once",
    ),
    Guard("audit_kept", "audit_log", "DELETE", "1 = 1", "the audit log is append-only"),
    Guard("audit_frozen", "audit_log", "UPDATE", "1 = 1", "the audit log is append-only"),
)

# INSERT OR REPLACE and UPDATE OR REPLACE delete the row in their way, and fire no delete trigger on
# a connection that did not ask for it. So SQLite also refuses a row that has a key of another one:
# its own keys, and the row number that SQLite gives to a row.
_ROWID = "rowid"
_HISTORY = ("team_id", "job_id", "network", "account_id", "arm", "ordinal")
KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "job_ads": (("id",), (_ROWID,)),
    "slots": (("id",), (_ROWID,), _HISTORY),
    "leases": (("team_id", "job_id", "network", "account_id"), (_ROWID,)),
    "accepted_plans": (("id",),),
    "approvals": (("id",), ("acceptance_id",)),
    "withdrawals": (("id",), ("acceptance_id",)),
    "ad_versions": (("team_id", "job_id", "ad_version"), (_ROWID,)),
    "lawful_bases": (("id",),),
    "audit_log": (("id",),),
}


def _taken(table: str, *keys: Sequence[str]) -> str:
    """Whether a row has one of the new row's keys."""
    same = (" AND ".join(f"{column} = NEW.{column}" for column in key) for key in keys)
    return " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {where})" for where in same)


SQLITE_ONLY = (
    *(
        Guard(f"{table}_replace", table, "INSERT", _taken(table, *keys), "rows are never replaced")
        for table, keys in KEYS.items()
    ),
    *(
        Guard(
            f"{table}_number", table, "UPDATE", "NEW.rowid <> OLD.rowid", "a row keeps its number"
        )
        for table, keys in KEYS.items()
        if (_ROWID,) in keys
    ),
    Guard(
        "slot_replace",
        "slots",
        "INSERT",
        "EXISTS (SELECT 1 FROM slots WHERE team_id = NEW.team_id AND job_id = NEW.job_id AND "
        "network = NEW.network AND account_id = NEW.account_id AND arm = NEW.arm AND "
        f"state NOT IN ({_ENDED}))",
        "the place has an open slot",
    ),
)


def _postgres_only() -> Iterator[Guard]:
    """TRUNCATE fires no trigger of DELETE. With CASCADE it also empties the tables that refer to
    this one, and fires theirs."""
    for guard in GUARDS:
        if guard.event == "DELETE":
            yield guard._replace(name=f"{guard.table}_truncate", event="TRUNCATE")


def _sql(guard: Guard, dialect: str) -> tuple[str, list[str]]:
    """The trigger's name and the statements that create it."""
    digest = hashlib.sha256(repr(guard).encode()).hexdigest()[:8]
    name = f"{PREFIX}{guard.name}_{digest}"
    each = "STATEMENT" if guard.event == "TRUNCATE" else "ROW"
    head = f"CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table} FOR EACH {each}"
    if dialect == "sqlite":
        raised = f"SELECT RAISE(ABORT, '{guard.why}')"
        if guard.unless:
            raised += f" WHERE ({guard.unless}) IS NOT TRUE"
        return name, [f"{head} WHEN {guard.when} BEGIN {raised}; END"]
    raised = f"RAISE EXCEPTION '{guard.why}' USING ERRCODE = 'check_violation'"
    if guard.unless:
        raised = f"IF ({guard.unless}) IS NOT TRUE THEN {raised}; END IF; RETURN NEW"
    body = f"BEGIN {raised}; END"
    return name, [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"{head} WHEN ({guard.when}) EXECUTE FUNCTION {name}()",
    ]


def _wanted(dialect: str) -> Iterator[tuple[Guard, str, list[str]]]:
    for guard in (*GUARDS, *(SQLITE_ONLY if dialect == "sqlite" else _postgres_only())):
        yield guard, *_sql(guard, dialect)


def _present(connection: sa.Connection) -> dict[str, str]:
    """Our triggers now in the database: name → table."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        )
    rows = connection.exec_driver_sql(query)
    return {name: table for name, table in rows if name.startswith(PREFIX)}


def installed(connection: sa.Connection) -> bool:
    return set(_present(connection)) == {name for _, name, _ in _wanted(connection.dialect.name)}


def install(connection: sa.Connection) -> None:
    """Make the database's triggers exactly the ones of today's lifecycle."""
    present = _present(connection)
    wanted = {name: statements for _, name, statements in _wanted(connection.dialect.name)}
    remove(connection, keep=wanted.keys())
    for name in wanted.keys() - present.keys():
        for statement in wanted[name]:
            connection.exec_driver_sql(statement)
    if connection.dialect.name != "sqlite":
        _look_here(connection, wanted)


def _look_here(connection: sa.Connection, names: Iterable[str]) -> None:
    """PostgreSQL's functions ask the tables of our schema: a temporary table of the same name,
    which would come first in a writer's session, deceives none of them."""
    schema = connection.scalar(sa.select(sa.func.quote_ident(sa.func.current_schema())))
    for name in names:
        path = f"pg_catalog, {schema}, pg_temp"
        connection.exec_driver_sql(f"ALTER FUNCTION {name}() SET search_path = {path}")


def remove(connection: sa.Connection, keep: Set[str] = frozenset()) -> None:
    """Drop our triggers but those in `keep`: a migration that fills frozen rows does it first."""
    sqlite = connection.dialect.name == "sqlite"
    for name, table in _present(connection).items():
        if name not in keep:
            connection.exec_driver_sql(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}"))
            if not sqlite:
                connection.exec_driver_sql(f"DROP FUNCTION {name}()")
