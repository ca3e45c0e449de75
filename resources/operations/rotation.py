"""Resealing: every sealed value under the current key, while others go on reading and writing."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import sqlalchemy as sa

from domain.errors import InputError, SetupError
from domain.platform import Network
from resources.operations.schema import resume_texts
from resources.operations.schema import social_platform_connections as connections
from resources.operations.sealed import KeyChanged, Sealed, about, fingerprint
from resources.vault import HEAD_BYTES, head, sealed_with

BATCH = 200
"""Rows in one transaction: other writers wait some milliseconds, not for the whole table."""

SEALED = (
    connections.c.access_token_sealed,
    connections.c.refresh_token_sealed,
    resume_texts.c.text_sealed,
)


class Resealed(NamedTuple):
    """`done` values are under the current key now; `closed` ones no key of the ring opens."""

    done: int
    closed: int


class Rotation(Sealed):
    def sealed_by(self) -> Counter[str]:
        """How many values each version of the key has sealed."""
        with self._read() as connection:
            return _counted(connection)

    def reseal(self) -> Resealed:
        """Bring every value under the current key.

        Each is written only if it still is what was read, so that a token that is renewed meanwhile
        stays; what does not open is left as it is. May be killed and run again at will."""
        done = 0
        while True:
            moved = closed = 0
            for column in SEALED:
                for batch in self._batches(column):
                    with suppress(KeyChanged):  # another rotation overtook this one: look again
                        moved_, closed_ = self._reseal(column, batch)
                        moved, closed = moved + moved_, closed + closed_
            done += moved
            current = self.vault.ring.current().version
            if not moved and closed == sum(n for v, n in self.sealed_by().items() if v != current):
                return Resealed(done, closed)

    def forget_key(self, version: str) -> None:
        """Drop an old key; InputError while anything is sealed with it, or when it seals.

        Whoever stores a value sealed with it at this moment holds the table first, and is counted,
        or comes after, and finds the key gone (`Sealed._still_opens`)."""
        with self._write() as connection:
            if connection.dialect.name == "postgresql":
                names = f"{connections.name}, {resume_texts.name}"
                connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
            held = _counted(connection)[version]
            if held or version == self.vault.ring.current().version:
                raise InputError(
                    f"key {version!r} is in use by {held} values", mend="run jobads keys rotate"
                )
            self.vault.ring.forget(version)

    def _batches(self, column: sa.Column[bytes]) -> Iterator[list[Any]]:
        """Rows whose value another key sealed, in order of their primary key."""
        keys = tuple(column.table.primary_key)
        start = head(self.vault.ring.current().version)
        other = sa.func.substr(column, 1, len(start)) != start
        query = sa.select(column.table).where(other).order_by(*keys).limit(BATCH)
        after: tuple[Any, ...] | None = None
        while True:
            page = query.where(sa.tuple_(*keys) > after) if after else query
            with self._read() as connection:
                rows = list(connection.execute(page).mappings())
            if not rows:
                return
            yield rows
            after = tuple(rows[-1][key.name] for key in keys)

    def _reseal(self, column: sa.Column[bytes], rows: list[Any]) -> tuple[int, int]:
        """(moved, closed) of one batch, in one transaction."""
        fresh, closed, table = [], 0, column.table
        for row in rows:
            try:
                fresh.append((row, self._renewed(column, row)))
            except SetupError:
                closed += 1
        moved = 0
        with self._write() as connection:
            for row, values in fresh:
                mine = [key == row[key.name] for key in table.primary_key]
                update = sa.update(table).where(*mine, column == row[column.name]).values(values)
                moved += int(connection.execute(update).rowcount)
                self._still_opens(values[column.name])
        return moved, closed

    def _renewed(self, column: sa.Column[bytes], row: Any) -> dict[str, Any]:
        """The new values of a row: the text under the current key, and what depends on the key."""
        context = CONTEXTS[column.name](row)
        text = self.vault.open(row[column.name], context)
        renewed: dict[str, Any] = {column.name: self.vault.seal(text, context)}
        if column.table is resume_texts:
            mark = fingerprint(self.vault, row["team_id"], row["resume_key"], text)
            renewed["fingerprint"] = mark
        return renewed


def _account(row: Any) -> str:
    return about(row["team_id"], Network(row["platform_name"]), row["platform_account_id"])


CONTEXTS: dict[str, Callable[[Any], str]] = {
    "access_token_sealed": lambda row: _account(row) + ":access",
    "refresh_token_sealed": lambda row: _account(row) + ":refresh",
    "text_sealed": lambda row: f"resume:{row['team_id']}:{row['resume_key']}",
}


def _counted(connection: sa.Connection) -> Counter[str]:
    counts: Counter[str] = Counter()
    for column in SEALED:
        start = sa.func.substr(column, 1, HEAD_BYTES)
        for (value,) in connection.execute(sa.select(start).where(column.is_not(None))):
            counts[sealed_with(bytes(value))] += 1
    return counts
