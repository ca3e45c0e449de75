"""Resealing: every sealed value under the current key, while others go on reading and writing."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import sqlalchemy as sa

from domain.errors import InputError, SetupError
from resources.operations.database import Database
from resources.operations.resume_rows import fingerprint
from resources.operations.schema import resume_texts
from resources.operations.schema import social_platform_connections as connections
from resources.operations.sealer import KeyChanged, Sealer
from resources.operations.seals import CONTEXTS, SEALED, check_ring, counted
from resources.security.vault import Vault, head

BATCH = 200
"""Rows in one transaction: other writers wait some milliseconds, not for the whole table."""


class Resealed(NamedTuple):
    """`done` values are under the current key now; `closed` ones are damaged: their key is here and
    does not open them."""

    done: int
    closed: int


class Keys:
    """The keys of the vault, and what each has sealed in the database."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    @property
    def vault(self) -> Vault:
        return self._sealer.vault

    def sealed_by(self) -> Counter[str]:
        """How many values each version of the key has sealed."""
        with self._database.read() as connection:
            return counted(connection)

    def check(self) -> None:
        """SetupError while the ring lacks a key that something is sealed with."""
        with self._database.write() as connection:
            check_ring(connection, self.vault)

    def rotate(self) -> None:
        """Put a new key in front of the ring; SetupError, and nothing changed, while the ring lacks
        a key that something is sealed with."""
        with self._database.write() as connection:
            self._sealer.make_ready(connection)
            self.vault.ring.rotate()

    def create(self) -> None:
        """The first key of a ring that is empty because its keys are lost for good. SetupError
        while anything is sealed, or a key is there."""
        with self._database.write() as connection:
            check_ring(connection, self.vault)
            if self.vault.ring.entries():
                raise SetupError(
                    "there is a key",
                    where=self.vault.ring.where,
                    mend="jobads keys rotate puts a new one in front",
                )
            self.vault.ring.create()

    def reseal(self) -> Resealed:
        """Bring every value under the current key. SetupError, and nothing is resealed, while the
        ring lacks a key that something is sealed with.

        Each is written only if it still is what was read, so that a token that is renewed meanwhile
        stays; what does not open is left as it is. May be killed and run again at will."""
        self.check()
        if not self.vault.ring.entries():
            return Resealed(0, 0)
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

    def forget(self, version: str) -> None:
        """Drop an old key; InputError while anything is sealed with it, or when it seals.

        Whoever stores a value sealed with it at this moment holds the table first, and is counted,
        or comes after, and finds the key gone (`Sealer.check_opens`)."""
        with self._database.write() as connection:
            if connection.dialect.name == "postgresql":
                names = f"{connections.name}, {resume_texts.name}"
                connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
            held = counted(connection)[version]
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
            with self._database.read() as connection:
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
        with self._database.write() as connection:
            for row, values in fresh:
                mine = [key == row[key.name] for key in table.primary_key]
                update = sa.update(table).where(*mine, column == row[column.name]).values(values)
                moved += int(connection.execute(update).rowcount)
                self._sealer.check_opens(values[column.name])
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
