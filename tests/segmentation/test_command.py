"""`jobads segment` as people run it: a file in, two files out, errors in one line."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"job_key", "template", "reason", "fit", "cluster_key", "silhouette", "primitives"}


def segment(tmp_path: Path, text: str | bytes, *options: str, name: str = "ads.csv"):
    file = tmp_path / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return subprocess.run(
        [
            str(Path(sys.executable).parent / "jobads"),
            "segment",
            "--jobs",
            str(file),
            "--out",
            str(tmp_path / "out"),
            *options,
        ],
        env={**os.environ, "JOBADS_HOME": str(tmp_path / "home")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=250,
    )


def lines(tmp_path: Path) -> list[dict]:
    text = (tmp_path / "out" / "audiences.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_hostile_texts_are_read_and_nothing_is_lost(tmp_path):
    """HTML, emoji, right-to-left text and a megabyte each give one line with the agreed names."""
    rows = [
        {"job_key": "html", "title": "Nurse", "description": "<p>Care for <b>patients</b></p>"},
        {"job_key": "emoji", "title": "Cook 🍳", "description": "🥘 meals and menus"},
        {"job_key": "rtl", "title": "ممرضة", "description": "رعاية المرضى \u202eneilc"},
        {"job_key": "long", "title": "Clerk", "description": "file the records " * 65_000},
    ]
    text = "\n".join(json.dumps(row) for row in rows)
    done = segment(tmp_path, text, name="ads.jsonl")
    assert done.returncode == 0, done.stderr[-2000:]
    found = {line["job_key"]: line for line in lines(tmp_path)}
    assert set(found) == {"html", "emoji", "rtl", "long"}
    assert all(set(line) == NAMES for line in found.values())
    assert all(line["fit"] == "reference" for line in found.values())
    assert set(found["html"]["primitives"]) == {
        "industries",
        "skills_keywords",
        "locations",
        "seniority",
        "occupation",
    }
    segments = json.loads((tmp_path / "out" / "segments.json").read_text())
    assert {s["cluster_key"] for s in segments} >= {line["cluster_key"] for line in found.values()}
    assert set(segments[0]) >= {"cluster_key", "size", "silhouette", "terms", "labels", "medoids"}


def test_an_output_folder_that_cannot_be_is_refused_before_the_work(tmp_path):
    """`out` is a file: one line, and the file stays."""
    (tmp_path / "out").write_text("mine")
    done = segment(tmp_path, "job_key,title,description\n1,Nurse,Care for patients\n")
    assert done.returncode == 2 and "cannot be a folder" in done.stderr
    assert done.stderr.count("\n") == 1 and (tmp_path / "out").read_text() == "mine"
    assert not (tmp_path / "home" / "cache").exists()


def test_adding_ads_encodes_exactly_those(tmp_path):
    """Two ads are known from the first run; the second encodes the third alone."""
    text = "job_key,title,description\n1,Nurse,Care for patients\n2,Cook,Prepare meals\n"
    assert "2 new texts encoded" in segment(tmp_path, text).stdout
    assert "1 new texts encoded" in segment(tmp_path, text + "3,Clerk,File records\n").stdout


def test_it_says_why_ads_are_broad(tmp_path):
    """The same reasons as in the file, each with its number of ads, the commonest first."""
    rows = [f"{i},Thing {i % 3},{'x ' * (1 + i % 3)}" for i in range(6)]
    done = segment(tmp_path, "\n".join(["job_key,title,description", *rows]) + "\n")
    said = re.findall(r"^  broad, (\d+): (.+)$", done.stdout, re.MULTILINE)
    broad = Counter(a["reason"] for a in lines(tmp_path) if a["template"] == "broad")
    assert broad
    assert {reason: int(many) for many, reason in said} == dict(broad.most_common(5))
    assert [int(many) for many, _ in said] == sorted(broad.values(), reverse=True)[:5]


def test_bad_rows_are_named_and_good_ones_kept(tmp_path):
    """A row without words and a repeated key are left out by line, and the exit code says so."""
    text = "job_key,title,description\n1,Nurse,Care\n2,Cook,\n1,Again,Twice\n"
    done = segment(tmp_path, text)
    assert done.returncode == 2
    assert "line 3: description: is empty" in done.stderr
    assert "line 4: job_key: '1' stands twice" in done.stderr
    assert [line["job_key"] for line in lines(tmp_path)] == ["1"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("ads.csv", b"", "is empty"),
        ("ads.csv", b"job_key,title\n1,x\n", "description"),
        ("ads.csv", b"job_key,title,description\n1,x,caf\xe9\xff\n", "UTF-8"),
        ("ads.xlsx", b"PK", "format"),
        ("ads.json", b"{", "JSON"),
    ],
)
def test_an_unusable_file_is_one_line_that_says_why(tmp_path, name, text, said):
    """No traceback: the file, the fault and how to mend it."""
    done = segment(tmp_path, text, name=name)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_an_unknown_setting_is_refused_by_name(tmp_path):
    """A misspelt setting would otherwise be silently its default."""
    config = tmp_path / "k.yaml"
    config.write_text("silhouete_floor: 0.3\n")
    done = segment(tmp_path, "job_key,title,description\n1,a,b\n", "--config", str(config))
    assert done.returncode == 2
    assert "silhouete_floor" in done.stderr and "silhouette_floor" in done.stderr
