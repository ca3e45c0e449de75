"""A sample of the crash harness: real processes killed between real requests to the twins.

The whole of it is `python -m benchmarks.crash -n 10000` (docs/results/posting.md)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# X made the campaign, and its answer was lost.
LOSES_AN_ANSWER = 30_000_028

pytestmark = pytest.mark.timeout(900)


def played(out: Path, *asked: str) -> tuple[int, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "benchmarks.crash", "--out", str(out), *asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=800)
    lines = [json.loads(line) for path in out.glob("*.jsonl") for line in path.open()]
    rows = [row for row in lines if "seed" in row]
    assert rows, done.stdout + done.stderr
    return done.returncode, rows


def test_killed_processes_post_each_ad_once(tmp_path):
    """48 schedules over three networks: nothing twice, nothing lost, nothing unapproved."""
    code, rows = played(tmp_path, "-n", "48", "--seed", "41000000")
    assert [row for row in rows if row["duplicates"] or row["lost"] or row["unapproved"]] == []
    assert [row for row in rows if not row["finished"]] == []
    assert code == 0 and len(rows) == 48
    assert sum(-9 in row["codes"] for row in rows) >= 20  # so many are drawn to be killed


def test_without_the_look_before_a_create_the_same_lost_answer_doubles(tmp_path):
    """The negative control: what finds nothing must be able to find something."""
    one = ("-n", "1", "--seed", str(LOSES_AN_ANSWER))
    _, [looked] = played(tmp_path / "looked", *one)
    _, [blind] = played(tmp_path / "blind", *one, "--blind")
    assert looked["duplicates"] == [] and looked["finished"]
    assert blind["duplicates"]
