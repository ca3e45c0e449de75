"""Turns at the driver's own connections, and what the database refuses in our words."""

from types import TracebackType
from typing import Any

import sqlalchemy as sa

from domain.errors import HouseBroken, HouseBusy, IllegalMove, InputError, JobadsError
from resources.operations.direct import Direct
from resources.operations.engine import BEGIN_WRITING, STORE, not_migrated


class Turns:
    """Hands out connections of one engine. A file is always there: SQLite's are kept here, which
    costs less than a pool that looks after them."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.driver: Any = engine.dialect.dbapi
        self.sqlite = engine.dialect.name == "sqlite"
        self._spare: list[Direct] = []

    def take(self) -> Direct:
        try:
            return self._spare.pop()
        except IndexError:
            pooled = self.engine.raw_connection()
        raw: Any = pooled
        if self.sqlite:
            raw = pooled.driver_connection
            pooled.detach()
        return Direct(raw, self.engine.dialect)

    def give_back(self, used: Direct) -> None:
        """One without an open transaction."""
        if self.sqlite:
            self._spare.append(used)
        else:
            used.raw.close()  # into the pool

    def drop(self, used: Direct) -> None:
        """One on which something failed: what it had begun is rolled back."""
        try:
            used.raw.rollback()
        finally:
            used.raw.close()

    def close(self) -> None:
        while self._spare:
            self._spare.pop().raw.close()


class Turn:
    """One query, or one transaction that `writes`: committed at the end, or rolled back."""

    __slots__ = ("_direct", "_turns", "_writes")

    def __init__(self, turns: Turns, *, writes: bool) -> None:
        self._turns, self._writes = turns, writes

    def __enter__(self) -> Direct:
        try:
            self._direct = self._turns.take()
        except (sa.exc.DBAPIError, self._turns.driver.Error) as error:
            raise said(error, self._turns.driver) from None
        if self._writes and self._turns.sqlite:
            self._try(lambda: self._direct.run(BEGIN_WRITING))
        return self._direct

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            if self._writes:
                self._try(self._direct.raw.commit)
            self._turns.give_back(self._direct)
            return
        self._try(lambda: self._turns.drop(self._direct), drop=False)
        if isinstance(error, self._turns.driver.Error):
            raise said(error, self._turns.driver) from None

    def _try(self, call: Any, *, drop: bool = True) -> None:
        try:
            call()
        except self._turns.driver.Error as error:
            if drop:
                self._turns.drop(self._direct)
            raise said(error, self._turns.driver) from None


def said(error: BaseException, driver: Any) -> JobadsError:
    """What the database refused, without its statements and parameters, whether SQLAlchemy or the
    driver says it."""
    if isinstance(error, sa.exc.DBAPIError):
        error = error.orig or error
    why = str(error).splitlines()[0]
    if isinstance(error, driver.IntegrityError):
        return IllegalMove(f"refused: {why}", where=STORE)
    if isinstance(error, driver.DataError):
        return InputError(f"refused: {why}", where=STORE)
    if any(word in why for word in _FULL):
        return HouseBroken(
            f"has no space left: {why}",
            where=STORE,
            mend="free space on its disk and run it again; nothing that was stored is lost",
        )
    if "disk I/O error" in why or "could not write" in why:
        return HouseBroken(
            f"cannot write to its disk: {why}",
            where=STORE,
            mend="check the disk and run it again; nothing that was stored is lost",
        )
    if any(word in why for word in ("locked", "deadlock", "terminating connection")):
        return HouseBusy(
            f"is busy: {why}",
            where=STORE,
            mend="try again; if it stays, end the process that keeps it open",
        )
    if "no such table" in why or ("relation" in why and "does not exist" in why):
        return not_migrated()
    mend = "check JOBADS_DATABASE_URL, and that the server or the disk answers"
    return HouseBroken(f"did not answer: {why}", where=STORE, mend=mend)


_FULL = ("database or disk is full", "No space left on device", "could not extend file")
