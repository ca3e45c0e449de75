"""Why ads and accounts are left out for now, as lines for a terminal."""

from domain.plain_text import plain
from resources.operations.notes import Note


def line(note: Note) -> str:
    """Whose it is, at which stage of the work, since when, and why.

    >>> from datetime import datetime
    >>> from resources.operations.notes import Subject
    >>> noon = datetime(2026, 12, 1, 12)
    >>> line(Note(Subject("t1", "posting", "meta", "act_7"), "no connection", True, noon, noon))
    'meta act_7: posting fails since 2026-12-01 12:00Z: no connection'
    """
    of = note.subject
    whose = " ".join(filter(None, (of.network, of.account_id, of.job_id[:8])))
    return plain(
        f"{whose or 'team'}: {of.stage} fails since {note.since:%Y-%m-%d %H:%MZ}: {note.text}"
    )
