"""What the networks' reviews say of our ads."""

from collections.abc import Sequence
from dataclasses import replace

from domain.ledger import Slot
from domain.platform import Review
from resources.operations.ledger import REASON_MAX, Ledger
from resources.operations.schema import slots


class Reviews(Ledger):
    def note_review(self, slot: Slot, review: Review, issues: Sequence[str] = ()) -> Slot:
        """Remember what the network's review says, in its own words; the same changes nothing."""
        reason = "; ".join(issues)[:REASON_MAX]
        with self._write() as connection:
            now = self._current(connection, slot)
            after = replace(now, review=review, review_reason=reason, reviewed_at=self._now())
            if (now.review, now.review_reason) == (review, reason):
                return now
            connection.execute(
                slots.update()
                .where(slots.c.id == slot.id)
                .values(
                    review=str(review),
                    review_reason=reason,
                    reviewed_at=after.reviewed_at,
                    version=slots.c.version + 1,
                )
            )
            detail = {
                "job_id": slot.job_id,
                "network": str(slot.network),
                "arm": slot.arm,
                "from": str(now.review),
                "to": str(review),
                "reason": reason,
            }
            self._note(connection, slot.team_id, "slot.reviewed", slot.id, detail)
        return after
