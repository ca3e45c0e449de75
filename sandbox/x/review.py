"""Review of promoted tweets: some simulated minutes, then what was planted, or acceptance."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.x.state import State, Stored
from sandbox.x.world import World

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reviews (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, ad TEXT NOT NULL, at TEXT NOT NULL,
    status TEXT NOT NULL, reasons TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS reviews_of ON reviews (ad, seq);
"""
DECISIONS = ("ACCEPTED", "REJECTED")
_USUAL = ["The post does not comply with the ads policies."]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What counts from a moment on; reasons as a recruiter would read them."""

    status: str
    reasons: tuple[str, ...] = ()


_WAITING = Verdict("UNDER_REVIEW")


class Review:
    def __init__(self, state: State, world: World) -> None:
        self._state = state
        self._lasts = timedelta(minutes=world.behaviour["review_minutes"])
        state.prepare(_SCHEMA)

    def plant(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """{"id": promoted tweet or its tweet, "decision": …, "reason": text}.

        It counts when the review ends, at once where it has ended. LookupError without such a
        promoted tweet, ValueError for another decision.
        """
        wanted = str(body.get("id", ""))
        ads = self._state.select(
            "kind = 'promoted_tweet' AND (id = ? OR json_extract(fields, '$.tweet_id') = ?)",
            [wanted, wanted],
        )
        if not ads:
            raise LookupError(f"no promoted tweet {wanted}")
        if body.get("decision") not in DECISIONS:
            raise ValueError(f"decision must be one of {', '.join(DECISIONS)}")
        rejected = body["decision"] == "REJECTED"
        reasons = [str(body["reason"])] if body.get("reason") else _USUAL
        with self._state.change():
            for ad in ads:
                self._state.rows(
                    "INSERT INTO reviews (ad, at, status, reasons) VALUES (?, ?, ?, ?)",
                    ad.id,
                    self._state.now().isoformat(),
                    body["decision"],
                    json.dumps(reasons if rejected else []),
                )
                self._state.note(ad.root, f"review {ad.id}", str(body["decision"]))
        return {"ok": True, "effective": self.verdict(ads[-1]).status}

    def verdict(self, ad: Stored) -> Verdict:
        """What counts now."""
        return self.timeline(ad)[-1][1]

    def timeline(self, ad: Stored) -> list[tuple[datetime, Verdict]]:
        """Since when which verdict counts, oldest first, up to now."""
        end, outcome = ad.created + self._lasts, Verdict("ACCEPTED")
        later: list[tuple[datetime, Verdict]] = []
        rows = self._state.rows(
            "SELECT at, status, reasons FROM reviews WHERE ad = ? ORDER BY seq", ad.id
        )
        for at, status, reasons in rows:
            verdict = Verdict(status, tuple(json.loads(reasons)))
            if datetime.fromisoformat(at) <= end:
                outcome = verdict
            else:
                later.append((datetime.fromisoformat(at), verdict))
        told = [(ad.created, _WAITING), (end, outcome), *later]
        return told[:1] + [(at, v) for at, v in told[1:] if at <= self._state.now()]
