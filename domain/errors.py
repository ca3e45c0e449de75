"""Every error that jobads raises on purpose, drawn in one place.

JobadsError
├── InputError          a person or file gave something unusable          exit 2
├── NotFound            the named thing does not exist in this team       exit 3
├── IllegalMove         the lifecycle forbids this step                   exit 4
├── PolicyRefusal       the law or a network's rule forbids the payload   exit 5
├── SetupError          this machine or configuration lacks something     exit 6
│   └── HouseBroken     our own disk, database or warehouse fails
├── PlatformError       a network answered, or failed to                  exit 7
│   ├── Retryable       nothing was changed there; try again
│   │   ├── LeaseLost   another may hold the place now: stop, the work goes on elsewhere
│   │   ├── AccountBusy another run posts on the account
│   │   ├── Unreachable no answer came: no such host, no connection, no time
│   │   └── HouseBusy   our own database or warehouse stays locked
│   ├── Throttled       wait `wait_s` seconds first
│   ├── Ambiguous       it may have happened; look before trying again
│   │   └── Unanswered  the request was sent and no answer came
│   ├── NeedsReauth     the connection must be renewed by a person
│   └── Refused         fatal for this payload; a person must change something
└── Unexpected          a fault of the program; its traceback is in the log  exit 1

Two marks lie across it. HouseFault (HouseBroken, HouseBusy) stops a whole run: nobody's work can
go on. Silent (Unreachable, Unanswered) lets an account rest for the rest of a run.
"""

from domain.plain_text import printable


class JobadsError(Exception):
    """What went wrong, where, and how to mend it: one line for a person. Names and answers of
    networks may stand in it, so that it is told without control characters.

    >>> print(JobadsError("is empty", where="ads.csv", mend="give a file with rows"))
    ads.csv: is empty - give a file with rows
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what, self.where, self.mend = what, where, mend
        super().__init__(what, where, mend)

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        return printable(f"{line} - {self.mend}" if self.mend else line)


class HouseFault(JobadsError):
    """The store, the warehouse or the disk fails: no team's work can go on."""


class Unexpected(JobadsError):
    """An exception that nobody foresaw, kept to the ad or team that it met."""


class InputError(JobadsError):
    exit_code = 2


class NotFound(JobadsError):
    exit_code = 3


class IllegalMove(JobadsError):
    exit_code = 4


class PolicyRefusal(JobadsError):
    exit_code = 5


class SetupError(JobadsError):
    exit_code = 6


class HouseBroken(SetupError, HouseFault):
    """Our own disk, database or warehouse does not work."""


class PlatformError(JobadsError):
    exit_code = 7


class Silent(PlatformError):
    """No answer came at all. Asking the same account again costs the same time again."""


class Retryable(PlatformError):
    """The network did not act; the same call may be sent again."""


class LeaseLost(Retryable):
    """The lease ended or another took it. Nothing was written; nothing more may be sent under it,
    so it is never tried again on the spot: the ad is due again and a new lease resumes it."""


class AccountBusy(Retryable):
    """Another run posts on the account; nothing was begun."""


class Unreachable(Retryable, Silent):
    """The host has no address, takes no connection, or gave no answer to a question in time."""


class HouseBusy(Retryable, HouseFault):
    """Another process kept our database or warehouse locked for too long."""


class Throttled(PlatformError):
    """The network asks for `wait_s` seconds of silence."""

    def __init__(self, what: str, *, wait_s: float, where: str = "", mend: str = "") -> None:
        super().__init__(what, where=where, mend=mend)
        self.wait_s = wait_s


class Ambiguous(PlatformError):
    """The request was sent and the answer lost: reconcile before sending again."""


class Unanswered(Ambiguous, Silent):
    """A write was sent and no answer came in time."""


class NeedsReauth(PlatformError):
    """The token is dead; only a person can renew the connection."""


class Refused(PlatformError):
    """The network will never accept this request as it stands."""
