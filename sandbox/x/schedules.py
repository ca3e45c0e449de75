"""When line items may run: their schedules over time, so that a moved end rewrites no past."""

from datetime import datetime

from sandbox.history import Moments
from sandbox.x.state import State, Stored

_SCHEMA = """
CREATE TABLE IF NOT EXISTS schedules (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT NOT NULL, at TEXT NOT NULL,
    start TEXT NOT NULL, finish TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS schedules_of ON schedules (item, seq);
"""


class Schedules:
    def __init__(self, state: State) -> None:
        self._state = state
        state.prepare(_SCHEMA)

    def note(self, item: Stored) -> None:
        """The item's schedule counts from now on."""
        self._state.rows(
            "INSERT INTO schedules (item, at, start, finish) VALUES (?, ?, ?, ?)",
            item.id,
            self._state.now().isoformat(),
            item.fields["start_time"],
            item.fields["end_time"],
        )

    def spans(self, item: Stored, now: datetime) -> list[Moments]:
        """When it was within the schedule that counted at the time, oldest first."""
        rows = [
            [datetime.fromisoformat(text) for text in row]
            for row in self._state.rows(
                "SELECT at, start, finish FROM schedules WHERE item = ? ORDER BY seq", item.id
            )
        ]
        ends = [row[0] for row in rows[1:]] + [now]
        found = [
            (max(at, start), min(until, finish))
            for (at, start, finish), until in zip(rows, ends, strict=True)
        ]
        return [(start, finish) for start, finish in found if start < finish]
