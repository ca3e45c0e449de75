"""What the networks' reviews say of our ads."""

from collections.abc import Sequence
from dataclasses import replace

from domain.ledger import Slot
from domain.platform import Review
from resources.operations import slot_rows
from resources.operations.audit import note
from resources.operations.database import Database
from resources.operations.schema import slots
from resources.operations.slot_rows import REASON_MAX


class Reviews:
    """The newest word of a network's review about each slot."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, slot: Slot, review: Review, issues: Sequence[str] = ()) -> Slot:
        """Remember what the network's review says, in its own words; the same changes nothing.
        Needs no lease, because nothing is sent by it."""
        reason = "; ".join(issues)[:REASON_MAX]
        with self._database.write() as connection:
            before, now = slot_rows.current(connection, slot), self._database.now()
            if (before.review, before.review_reason) == (review, reason):
                return before
            connection.execute(
                slots.update()
                .where(slots.c.id == slot.id)
                .values(
                    review=str(review),
                    review_reason=reason,
                    reviewed_at=now,
                    version=slots.c.version + 1,
                )
            )
            detail = {
                "job_id": slot.job_id,
                "network": str(slot.network),
                "arm": slot.arm,
                "from": str(before.review),
                "to": str(review),
                "reason": reason,
            }
            note(connection, slot.team_id, "slot.reviewed", slot.id, detail, now=now)
        return replace(before, review=review, review_reason=reason, reviewed_at=now)
