"""Why ads and accounts are left out for now, as lines for a terminal."""

from domain.plain_text import plain
from resources.operations.notes import Note


def line(note: Note) -> str:
    """Whose it is, at which stage of the work, since when, and why."""
    of = note.subject
    whose = " ".join(filter(None, (of.network, of.account_id, of.job_id[:8])))
    return plain(
        f"{whose or 'team'}: {of.stage} fails since {note.since:%Y-%m-%d %H:%MZ}: {note.text}"
    )
