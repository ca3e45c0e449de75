"""Copies of the stores that lie in the home: nothing of ours writes there, and nothing erases."""

from collections.abc import Set
from datetime import UTC, datetime
from pathlib import Path


def copies(home: Path, ours: Set[str], since: datetime) -> list[str]:
    """Files under `home` that are none of the workbench's `ours` and were written since, by path
    and day: they may hold what the stores held then."""
    found = []
    for path in sorted(home.rglob("*")) if home.is_dir() else []:
        place = path.relative_to(home)
        if place.parts[0] in ours or not path.is_file():
            continue
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if written >= since:
            found.append(f"{place} ({written:%Y-%m-%d})")
    return found
