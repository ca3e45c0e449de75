"""Copies of the stores that lie in the home: nothing of ours writes there, and nothing erases."""

from datetime import UTC, datetime
from pathlib import Path

from resources.retention import FILE
from resources.settings import OURS


def copies(home: Path, since: datetime) -> list[str]:
    """Files under `home` that are none of the workbench's own and were written since, by path and
    day: they may hold what the stores held then."""
    found = []
    for path in sorted(home.rglob("*")) if home.is_dir() else []:
        place = path.relative_to(home)
        if place.parts[0] in (*OURS, FILE) or not path.is_file():
            continue
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if written >= since:
            found.append(f"{place} ({written:%Y-%m-%d})")
    return found
