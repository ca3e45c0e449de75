"""Résumés from a file: an id and a text. They are sealed at once and redacted before other use."""

from collections.abc import Mapping
from pathlib import Path

from domain.job_ad import LONG_MAX
from resources.files.faults import Fault, Rows
from resources.files.markup import plain
from resources.files.table import read_table

KEY_MAX = 200
"""Most characters of a résumé's key."""


def read_resumes(path: Path, *, mapping: Mapping[str, str] | None = None) -> Rows[tuple[str, str]]:
    """(resume_key, text) pairs; faults never quote a text.

    >>> from resources.files.bundled import ROOT
    >>> rows = read_resumes(ROOT / "data/sample/resumes.jsonl")
    >>> len(rows.good), rows.faults
    (266, ())
    """
    table = read_table(path, required=("resume_key", "text"), mapping=mapping)
    good: list[tuple[str, str]] = []
    faults = list(table.faults)
    lines: dict[str, int] = {}
    for line, row in table.good:
        key = row["resume_key"].strip()
        fault = _fault(line, key, row["text"], lines)
        if fault is not None:
            faults.append(fault)
            continue
        lines[key] = line
        good.append((key, plain(row["text"])))
    return Rows(tuple(good), tuple(sorted(faults, key=lambda f: f.line)))


def _fault(line: int, key: str, text: str, lines: Mapping[str, int]) -> Fault | None:
    if not 1 <= len(key) <= KEY_MAX:
        return Fault(line, "resume_key", f"has {len(key)} characters; use 1 to {KEY_MAX}")
    if key in lines:
        return Fault(line, "resume_key", f"repeats line {lines[key]}")
    if not text.strip():
        return Fault(line, "text", "is empty")
    if len(text) > LONG_MAX:
        return Fault(line, "text", f"has {len(text)} characters; use at most {LONG_MAX}")
    return None
