"""Review of ads: under way for a while, then approved unless something else was planted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from google.ads.googleads.v26.enums.types import policy_approval_status, policy_review_status

from sandbox.google.payload import texts
from sandbox.google.state import State, Stored
from sandbox.google.world import World

Approval: Any = policy_approval_status.PolicyApprovalStatusEnum.PolicyApprovalStatus
Status: Any = policy_review_status.PolicyReviewStatusEnum.PolicyReviewStatus
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What review says of an ad at a moment, in the names of PolicyReviewStatus and
    PolicyApprovalStatus."""

    status: str
    approval: str
    topic: str = ""


class Review:
    def __init__(self, state: State, world: World) -> None:
        self._state = state
        self._length = timedelta(minutes=world.behaviour["review_minutes"])

    def plant(self, resource: str, words: str, approval: str, topic: str) -> None:
        """Decide about one ad, or about every ad whose text holds `words`.

        ValueError for an approval that v26 has not; LookupError when there is no such ad.
        """
        if approval not in Approval.__members__:
            raise ValueError(f"approval is one of {', '.join(Approval.__members__)}")
        if not words:
            stored = self._state.get(resource)
            if stored is None or stored.kind != "ad_group_ad":
                raise LookupError(f"ad {resource}")
        with self._state.change():
            self._state.db.execute(
                "INSERT INTO verdicts (resource, words, at, approval, topic) "
                "VALUES (?, ?, ?, ?, ?)",
                (resource, words, self._state.now().isoformat(), approval, topic),
            )

    def of(self, ad: Stored, now: datetime) -> Verdict:
        decided = [v for at, v in self._decisions(ad) if at <= now]
        return decided[-1] if decided else Verdict("REVIEW_IN_PROGRESS", "UNKNOWN")

    def serving(self, ad: Stored, now: datetime) -> list[Span]:
        """When the ad was allowed to serve, until `now`."""
        decisions = self._decisions(ad)
        ends: Sequence[datetime] = [at for at, _ in decisions[1:]] + [now]
        return [
            (at, min(end, now))
            for (at, verdict), end in zip(decisions, ends, strict=True)
            if verdict.approval != "DISAPPROVED" and at < now
        ]

    def _decisions(self, ad: Stored) -> list[tuple[datetime, Verdict]]:
        ready = ad.created + self._length
        found = [(ready, Verdict("REVIEWED", "APPROVED"))]
        text = " ".join(texts(ad.message())).casefold()
        with self._state.lock:
            rows = self._state.db.execute(
                "SELECT at, words, approval, topic FROM verdicts "
                "WHERE resource = ? OR words > '' ORDER BY seq",
                (ad.resource,),
            ).fetchall()
        for at, words, approval, topic in rows:
            if not words or words.casefold() in text:
                moment = max(ready, datetime.fromisoformat(at))
                found.append((moment, Verdict("REVIEWED", approval, topic)))
        return found
