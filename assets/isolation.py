"""Where one failure ends: kept to its ad, account or team, noted for people, counted for the run.

    with Isolation(store, "planning", settings) as guard:
        for team in store.teams.all():
            made = guard.attempt(lambda: compiled(team), team_id=str(team.id))  # None: it failed
    metadata = guard.metadata()

What fails in the house itself (disk, databases) is no team's failure and goes on to the caller.
"""

import errno
import logging
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeVar

import duckdb

from domain.errors import (
    AccountBusy,
    Ambiguous,
    HouseFault,
    JobadsError,
    LeaseLost,
    NeedsReauth,
    Retryable,
    SetupError,
    Silent,
    Throttled,
    Unexpected,
    Unreachable,
)
from domain.plain_text import plain
from domain.platform import Network

if TYPE_CHECKING:
    from resources.operations.notes import Subject
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

T = TypeVar("T")
Stage = Literal["planning", "posting", "review", "end", "caps", "numbers", "reading"]
ACCOUNT = "account"
"""The stage of notes about an account itself."""
SHOWN = 20
_LOG = logging.getLogger("jobads")
_DISK = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EACCES}
)
_HOUSE = (HouseFault, duckdb.Error, sqlite3.Error, MemoryError)
# Nothing that a person could mend: the next run goes on from the ledger.
_PASSING = (LeaseLost, AccountBusy, Throttled, Ambiguous)


class Failure(NamedTuple):
    """Whose failure it was, in words, and what it was."""

    whose: str
    error: JobadsError

    def __str__(self) -> str:
        return f"{self.whose}: {self.error}"


def of_the_house(error: BaseException) -> bool:
    """Whether the error stops everybody: our database, warehouse, memory or disk fails.

    >>> from domain.errors import HouseBroken, Refused
    >>> of_the_house(HouseBroken("the disk is full")), of_the_house(Refused("no such place"))
    (True, False)
    """
    return isinstance(error, _HOUSE) or (isinstance(error, OSError) and error.errno in _DISK)


class Isolation:
    """The boundary of one run of a `stage`. Notes are written when its block ends.

    An account that gave no answer once rests until then: a hung network costs a run one bounded
    time for each account, not for each ad. `settings` are needed for work with a network: without
    them a token that died is not noted."""

    def __init__(
        self, store: "OperationsStore", stage: Stage, settings: "Settings | None" = None
    ) -> None:
        self._store, self._stage, self._settings = store, stage, settings
        self.failures: list[Failure] = []
        self.unexpected = 0
        self._resting: set[tuple[str, str]] = set()
        self._failed: dict[Subject, tuple[str, bool]] = {}
        self._cleared: set[Subject] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        if error is None or not of_the_house(error):
            self.flush()

    def attempt(
        self,
        call: Callable[[], T],
        *,
        team_id: str,
        network: str = "",
        account_id: str = "",
        job_id: str = "",
    ) -> T | None:
        """What `call` answers, or None after a failure that is the ad's, account's or team's own,
        whatever its type. A token that died is noted at its connection."""
        if (network, account_id) in self._resting:
            text = f"{account_id} rests for this run: it gave no answer before"
            self._count(Unreachable(text, where=network), team_id, network, account_id, job_id)
            return None
        try:
            with self._reauth(team_id, network, account_id):
                answer = call()
        except Exception as error:
            if of_the_house(error):
                raise
            self.fail(error, team_id=team_id, network=network, account_id=account_id, job_id=job_id)
            return None
        self.succeed(team_id=team_id, network=network, account_id=account_id, job_id=job_id)
        return answer

    def fail(
        self,
        error: Exception,
        *,
        team_id: str,
        network: str = "",
        account_id: str = "",
        job_id: str = "",
    ) -> None:
        """Count and note a failure that was caught elsewhere."""
        known = error if isinstance(error, JobadsError) else self._foreign(error)
        self._count(known, team_id, network, account_id, job_id)
        if network and isinstance(known, Silent):
            self._resting.add((network, account_id))
        if job_id and isinstance(known, _PASSING) and not isinstance(known, Silent):
            return
        of_account = network and (
            not job_id or isinstance(known, Silent | NeedsReauth | SetupError)
        )
        subject = self._subject(team_id, network, account_id, "" if of_account else job_id)
        if of_account:
            subject = subject._replace(stage=ACCOUNT)
        self._failed[subject] = (plain(str(known)), isinstance(known, Retryable | Throttled))
        self._cleared.discard(subject)

    def succeed(
        self, *, team_id: str, network: str = "", account_id: str = "", job_id: str = ""
    ) -> None:
        """Forget the note of a failure before: what was asked elsewhere was answered."""
        done = [self._subject(team_id, network, account_id, job_id)]
        if network:
            done.append(done[0]._replace(stage=ACCOUNT, job_id=""))
        for subject in done:
            self._failed.pop(subject, None)
            if subject in self._known:
                self._cleared.add(subject)

    def flush(self) -> None:
        """Write what is to be noted, and forget what succeeded; the same again costs nothing."""
        new = [
            (subject, *said)
            for subject, said in self._failed.items()
            if self._known.get(subject) != said
        ]
        if new or self._cleared:
            self._store.notes.write(new, self._cleared)
        self._known.update(self._failed)
        for subject in self._cleared:
            self._known.pop(subject, None)
        self._failed, self._cleared = {}, set()

    def metadata(self) -> dict[str, Any]:
        """For an asset's materialization: how many failed, and the first of them in words."""
        shown = [plain(str(failure)) for failure in self.failures[:SHOWN]]
        return {"failed": len(self.failures), "unexpected": self.unexpected, "failures": shown}

    def _foreign(self, error: Exception) -> Unexpected:
        self.unexpected += 1
        _LOG.error("unexpected %s", type(error).__name__, exc_info=error)
        return Unexpected(
            f"unexpected {type(error).__name__}",
            mend="a fault of jobads: its traceback is in the log",
        )

    def _count(
        self, error: JobadsError, team_id: str, network: str, account_id: str, job_id: str
    ) -> None:
        parts = (self._teams.get(team_id, team_id), network, account_id, job_id)
        self.failures.append(Failure(" ".join(filter(None, parts)), error))

    def _subject(self, team_id: str, network: str, account_id: str, job_id: str) -> "Subject":
        from resources.operations.notes import Subject

        return Subject(team_id, self._stage, str(network), account_id, job_id)

    def _reauth(self, team_id: str, network: str, account_id: str) -> AbstractContextManager[None]:
        if self._settings is None or not (network and account_id):
            return nullcontext()
        from resources.platforms import reauth_noted

        connections = self._store.connections
        return reauth_noted(connections, team_id, Network(network), account_id, self._settings)

    @cached_property
    def _known(self) -> "dict[Subject, tuple[str, bool]]":
        return {note.subject: (note.text, note.passes) for note in self._store.notes.read()}

    @cached_property
    def _teams(self) -> dict[str, str]:
        return {str(team.id): team.name for team in self._store.teams.all()}
