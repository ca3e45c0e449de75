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
    """Raise IllegalMove unless the table allows `before` → `after`.

    >>> check_move(AdStatus.SCHEDULED, AdStatus.LIVE)
    >>> check_move(AdStatus.DRAFT, AdStatus.LIVE)
    Traceback (most recent call last):
        ...
    domain.errors.IllegalMove: an ad that is draft cannot become live - allowed: archived, scheduled
    """
    if after not in MOVES[before]:
        allowed = ", ".join(sorted(MOVES[before])) or "nothing"
        raise IllegalMove(
            f"an ad that is {before} cannot become {after}", mend=f"allowed: {allowed}"
        )


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

# A new revision of a slot that was posted before goes back to SENDING; everything may be closed.
SLOT_MOVES: dict[SlotState, frozenset[SlotState]] = {
    SlotState.PLANNED: frozenset({SlotState.SENDING, SlotState.FAILED, SlotState.CLOSED}),
    SlotState.SENDING: frozenset(
        {SlotState.CREATED, SlotState.PAUSED, SlotState.FAILED, SlotState.CLOSED}
    ),
    SlotState.CREATED: frozenset(
        {SlotState.VERIFIED, SlotState.SENDING, SlotState.FAILED, SlotState.CLOSED}
    ),
    SlotState.VERIFIED: frozenset(
        {SlotState.ACTIVE, SlotState.SENDING, SlotState.FAILED, SlotState.CLOSED}
    ),
    SlotState.ACTIVE: frozenset(
        {SlotState.PAUSED, SlotState.SENDING, SlotState.FAILED, SlotState.CLOSED}
    ),
    SlotState.PAUSED: frozenset(
        {SlotState.ACTIVE, SlotState.SENDING, SlotState.FAILED, SlotState.CLOSED}
    ),
    SlotState.FAILED: frozenset(),
    SlotState.CLOSED: frozenset(),
}


def check_slot_move(before: SlotState, after: SlotState) -> None:
    """Raise IllegalMove unless the table allows `before` → `after`; staying put is no move.

    >>> check_slot_move(SlotState.VERIFIED, SlotState.ACTIVE)
    >>> check_slot_move(SlotState.CLOSED, SlotState.ACTIVE)
    Traceback (most recent call last):
        ...
    domain.errors.IllegalMove: a slot that is closed cannot become active - allowed: nothing
    """
    if after not in SLOT_MOVES[before]:
        allowed = ", ".join(sorted(SLOT_MOVES[before])) or "nothing"
        raise IllegalMove(
            f"a slot that is {before} cannot become {after}", mend=f"allowed: {allowed}"
        )
