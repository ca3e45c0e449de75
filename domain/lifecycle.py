"""What states an ad may be in and which moves are legal: the only place that says so."""

from enum import StrEnum

from domain.errors import IllegalMove


class AdStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"
    PAUSED = "paused"
    ARCHIVED = "archived"
    FAILED = "failed"


MOVES: dict[AdStatus, frozenset[AdStatus]] = {
    AdStatus.DRAFT: frozenset({AdStatus.SCHEDULED, AdStatus.ARCHIVED}),
    AdStatus.SCHEDULED: frozenset(
        {AdStatus.DRAFT, AdStatus.LIVE, AdStatus.FAILED, AdStatus.ARCHIVED}
    ),
    AdStatus.LIVE: frozenset({AdStatus.PAUSED, AdStatus.FAILED, AdStatus.ARCHIVED}),
    AdStatus.PAUSED: frozenset({AdStatus.LIVE, AdStatus.FAILED, AdStatus.ARCHIVED}),
    AdStatus.FAILED: frozenset({AdStatus.SCHEDULED, AdStatus.ARCHIVED}),
    AdStatus.ARCHIVED: frozenset(),
}


def check_move(before: AdStatus, after: AdStatus) -> None:
    """Raise IllegalMove unless the table allows `before` → `after`."""
    if after not in MOVES[before]:
        allowed = ", ".join(sorted(MOVES[before])) or "nothing"
        raise IllegalMove(f"an ad that is {before} cannot become {after}", mend=f"allowed: {allowed}")


class SlotState(StrEnum):
    """A slot's way to delivery; only ACTIVE spends."""

    PLANNED = "planned"  # frozen plan exists, nothing sent
    SENDING = "sending"  # intent committed; objects may exist, all paused
    CREATED = "created"  # every object exists, paused
    VERIFIED = "verified"  # read back and equal to the approved payload
    ACTIVE = "active"
    PAUSED = "paused"
    FAILED = "failed"  # refused; a person must change something
    CLOSED = "closed"  # archived, or replaced and confirmed paused


TERMINAL = frozenset({SlotState.FAILED, SlotState.CLOSED})
