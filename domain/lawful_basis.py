"""Why a team may use people's résumés: without such a row they are kept, and used for nothing."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import InputError

PURPOSE_MAX, AUTHOR_MAX = 1000, 200


@dataclass(frozen=True, slots=True)
class LawfulBasis:
    """What a person states at `set_at`: the purpose, and until when it is to hold (None: until it
    is revoked or another takes its place)."""

    team_id: str
    purpose: str
    author: str
    set_at: datetime
    until: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str = ""
    id: int = 0

    def __post_init__(self) -> None:
        for name, most in (("purpose", PURPOSE_MAX), ("author", AUTHOR_MAX)):
            value = getattr(self, name)
            if not value.strip() or len(value) > most:
                raise InputError(
                    f"{name} has {len(value.strip())} characters",
                    where="lawful basis",
                    mend=f"use 1 to {most}",
                )
        if self.until is not None and self.until <= self.set_at:
            raise InputError(
                f"until {self.until.isoformat()} is not after {self.set_at.isoformat()}",
                where="lawful basis",
                mend="give a day to come",
            )

    def holds(self, at: datetime) -> bool:
        """Whether résumés may be used at this moment.

        >>> day = datetime.fromisoformat
        >>> start, end = day("2026-01-01T00:00Z"), day("2026-07-01T00:00Z")
        >>> basis = LawfulBasis("t1", "consent", "ann", start, end)
        >>> basis.holds(day("2026-06-30T23:59Z")), basis.holds(end)
        (True, False)
        """
        ended = [end for end in (self.until, self.revoked_at) if end is not None]
        return self.set_at <= at and all(at < end for end in ended)
