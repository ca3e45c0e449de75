"""How long a class of data is kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.errors import InputError


@dataclass(frozen=True, slots=True)
class Kept:
    """One class: `days` (None: for ever) from what `counted_from` says; the rule holds `since` a
    day, for a `reason`."""

    name: str
    days: int | None
    counted_from: str
    since: date
    reason: str

    def __post_init__(self) -> None:
        if self.days is not None and (isinstance(self.days, bool) or self.days < 1):
            raise InputError(
                f"days is {self.days!r}", where=self.name, mend="give whole days from 1, or null"
            )
        if not self.reason.strip():
            raise InputError("has no reason", where=self.name, mend="say why it is kept so long")

    def before(self, now: datetime) -> datetime | None:
        """What is older than this has to go; None: nothing has.

        >>> kept = Kept("backups", 30, "their making", date(2026, 1, 1), "a month to go back")
        >>> kept.before(datetime(2026, 3, 31))
        datetime.datetime(2026, 3, 1, 0, 0)
        """
        return None if self.days is None else now - timedelta(days=self.days)
