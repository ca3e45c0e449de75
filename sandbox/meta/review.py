"""Review of ads: half an hour after creation and after each change of the creative; then what was
planted for the ad, or approval."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.meta.state import State, Stored

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reviews (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, ad TEXT NOT NULL, at TEXT NOT NULL, decision TEXT);
CREATE INDEX IF NOT EXISTS reviews_of ON reviews (ad, seq);
"""
REVIEW = timedelta(minutes=30)
DECISIONS = ("APPROVED", "DISAPPROVED", "WITH_ISSUES")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What counts from a moment on; `reasons`: title to text, as a recruiter would read it."""

    status: str
    reasons: Mapping[str, str]

    @property
    def shown(self) -> dict[str, Any]:
        """Graph's fields for it; nothing for an ad that is well."""
        if self.status not in ("DISAPPROVED", "WITH_ISSUES"):
            return {}
        issues = [
            {
                "level": "AD",
                "error_code": 1815869,
                "error_type": "HARD_ERROR",
                "error_summary": title,
                "error_message": text,
            }
            for title, text in self.reasons.items()
        ]
        shown: dict[str, Any] = {"issues_info": issues}
        if self.status == "DISAPPROVED":
            shown["ad_review_feedback"] = {"global": dict(self.reasons)}
        return shown


_PENDING, _APPROVED = Verdict("PENDING_REVIEW", {}), Verdict("APPROVED", {})


class Review:
    """Rounds of review: a row without a decision opens one, a row with one is its outcome."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.prepare(_SCHEMA)

    def plant(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """{"id": ad, "decision": …, "reasons": {title: text}}: the outcome of the present round.

        It shows when the round ends, at once where it has ended; a new creative voids it.
        LookupError without such an ad, ValueError for another decision.
        """
        ad = self._state.get(str(body.get("id", "")))
        if ad is None or ad.kind != "ad":
            raise LookupError(f"no ad {body.get('id')}")
        if body.get("decision") not in DECISIONS:
            raise ValueError(f"decision must be one of {', '.join(DECISIONS)}")
        reasons = body.get("reasons") or {"Ad policy": "This ad does not comply with our policies."}
        if not isinstance(reasons, Mapping):
            raise ValueError("reasons map a title to a text")
        self._write(ad.id, json.dumps([body["decision"], dict(reasons)]))
        return {"ok": True, "effective": self.verdict(ad).status}

    def begin(self, ad_id: str) -> None:
        """A new round, for a new creative."""
        self._write(ad_id, None)

    def verdict(self, ad: Stored) -> Verdict:
        """What counts now."""
        return self.timeline(ad, self._state.now())[-1][1]

    def timeline(self, ad: Stored, until: datetime) -> list[tuple[datetime, Verdict]]:
        """Since when which verdict counts, oldest first, up to `until`."""
        found: list[tuple[datetime, Verdict]] = [(ad.created, _PENDING)]
        end, outcome = ad.created + REVIEW, _APPROVED
        rows = self._state.rows("SELECT at, decision FROM reviews WHERE ad = ? ORDER BY seq", ad.id)
        for at, decision in ((datetime.fromisoformat(at), d) for at, d in rows):
            if at >= end:
                found.append((end, outcome))
            if decision is None:
                found.append((at, _PENDING))
                end, outcome = at + REVIEW, _APPROVED
            else:
                outcome = Verdict(*json.loads(decision))
                end = max(end, at)
        found.append((end, outcome))
        return found[:1] + [(at, verdict) for at, verdict in found[1:] if at <= until]

    def _write(self, ad_id: str, decision: str | None) -> None:
        self._state.rows(
            "INSERT INTO reviews (ad, at, decision) VALUES (?, ?, ?)",
            ad_id,
            self._state.now().isoformat(),
            decision,
        )
