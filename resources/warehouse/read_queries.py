"""Which SQL a reader may run: queries, and temporary tables and views made of queries.

DuckDB's own parser says what a text is. A read-only attachment alone is not enough: extensions
bring functions that write or read files past it (`sqlite_query`, `postgres_execute`,
`ducklake_cleanup_old_files`), and ATTACH of a further SQLite file is never refused.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb
from duckdb import StatementType

from domain.errors import InputError

TABLE_FUNCTIONS = frozenset(
    (
        "current_snapshot",
        "duckdb_columns",
        "duckdb_constraints",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_schemas",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "ducklake_current_snapshot",
        "ducklake_list_files",
        "ducklake_snapshots",
        "ducklake_table_changes",
        "ducklake_table_deletions",
        "ducklake_table_info",
        "ducklake_table_insertions",
        "generate_series",
        "histogram",
        "histogram_values",
        "json_each",
        "json_tree",
        "pg_timezone_names",
        "pragma_show",
        "pragma_table_info",
        "pragma_version",
        "range",
        "repeat",
        "repeat_row",
        "snapshots",
        "table_changes",
        "table_deletions",
        "table_info",
        "table_insertions",
        "unnest",
    )
)
"""Functions that a query may read from; any other one is refused, also one that does not exist."""

MEND = "sql() only reads and makes TEMP tables and views; wb.admin() writes"
_NAME = r'(?:temp\s*\.\s*)?(?:\w+|"[^"]+")'
_EXPLAIN = re.compile(r"\s*explain(?:\s+analyze)?\b(?P<query>.*)", re.I | re.S)
_TEMPORARY = re.compile(
    r"\s*create\s+(?:or\s+replace\s+)?temp(?:orary)?\s+(?:table|view)\s+"
    rf"(?:if\s+not\s+exists\s+)?{_NAME}\s+as\b(?P<query>.*)",
    re.I | re.S,
)
_DROP = re.compile(r"\s*drop\s+(?:table|view)\b", re.I)


def check_read(connection: duckdb.DuckDBPyConnection, text: str) -> set[str]:
    """The names of the text's parameters ("1" for the first `?`).

    Raises:
        InputError: a statement is not a query, or reads from a function that is not listed.
        duckdb.ParserException: the text is not SQL.

    >>> connection = duckdb.connect()
    >>> check_read(connection, "SELECT * FROM range(?)")
    {'1'}
    >>> check_read(connection, "DELETE FROM job_ads")
    Traceback (most recent call last):
        ...
    domain.errors.InputError: sql: DELETE is refused - ...
    """
    statements = connection.extract_statements(text)
    if not statements:
        raise InputError("there is no statement", where="sql")
    names: set[str] = set()
    for statement in statements:
        if statement.type != StatementType.DROP or not _DROP.match(statement.query):
            _check_query(connection, statement.type, statement.query)
        names |= statement.named_parameters
    return names


def refused(what: str) -> InputError:
    return InputError(what, where="sql", mend=MEND)


def _check_query(
    connection: duckdb.DuckDBPyConnection, kind: StatementType, statement: str
) -> None:
    shapes = {StatementType.EXPLAIN: _EXPLAIN, StatementType.CREATE: _TEMPORARY}
    query: str | None = statement if kind == StatementType.SELECT else None
    if kind in shapes and (found := shapes[kind].match(statement)):
        query = found["query"]
    if query is None:
        raise refused(f"{kind.name} is refused")
    if not query.strip():  # the parser made several statements of one
        mend = f"a PIVOT names its values: PIVOT … ON column IN ('a', 'b'); {MEND}"
        raise InputError("what is rewritten when it is read is refused", where="sql", mend=mend)
    (tree,) = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchone() or ("{}",)
    answer = json.loads(tree)
    if answer.get("error", True):
        raise refused(f"{kind.name} is refused: {answer.get('error_message')}")
    for name in _table_functions(answer):
        if name.casefold() not in TABLE_FUNCTIONS:
            raise refused(f"the function {name} is refused")


def _table_functions(node: Any) -> Iterator[str]:
    """Of every function in FROM, however deep it stands."""
    if isinstance(node, dict):
        if node.get("type") == "TABLE_FUNCTION":
            yield str(node["function"].get("function_name", ""))
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _table_functions(child)
