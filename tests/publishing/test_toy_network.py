"""Another network is added by the recipe of CONTRIBUTING.md alone, and ads are posted on it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOY = Path(__file__).with_name("toy")
PACKAGES = ("domain", "assets", "resources", "jobads", "loopback", "sandbox", "taxonomy")
DOOR = """

def _toy() -> Connector:
    from resources import toy
    from resources.oauth.toy import login

    return Connector(toy.connect, login)


CONNECTORS:"""
RULES = "".join(
    f"  - {{id: toy-{field}, network: toy, countries: all, field: {field}, fate: {fate}, "
    f"to: {to}, from: 2026-01-01, source: ours, reason: a toy}}\n"
    for field, fate, to in (
        ("locations.city", "keep", "place"),
        ("locations.country", "keep", "place"),
        ("skills_keywords", "keep", "keyword"),
        ("seniority", "rewrite", "keyword"),
    )
)
VARIABLES = "".join(
    f'    Variable("JOBADS_TOY_{name}", "", "A toy"),\n' for name in ("APP_ID", "APP_SECRET", "URL")
)
# What a person types into a file that is there: (file, before, after).
EDITS = (
    ("domain/platform.py", '    GOOGLE = "google"\n', '    GOOGLE = "google"\n    TOY = "toy"\n'),
    (
        "domain/networks/__init__.py",
        "from domain.networks.x import X\n",
        "from domain.networks.toy import TOY\nfrom domain.networks.x import X\n",
    ),
    ("domain/networks/__init__.py", "(META, X, GOOGLE)", "(META, X, GOOGLE, TOY)"),
    ("assets/publishing/networks/registry.py", "google, meta, x\n", "google, meta, toy, x\n"),
    (
        "assets/publishing/networks/registry.py",
        "    },\n)\n",
        '        Network.TOY: Entry(toy.TRANSLATOR, Twin("sandbox.toy", "toy.json"), '
        "CONNECTORS[Network.TOY]),\n    },\n)\n",
    ),
    (
        "assets/publishing/payload_validator/__init__.py",
        "import google, meta, x\n",
        "import google, meta, toy, x\n",
    ),
    (
        "assets/publishing/payload_validator/__init__.py",
        "Network.GOOGLE: google}",
        "Network.GOOGLE: google, Network.TOY: toy}",
    ),
    ("resources/networks.py", "\n\nCONNECTORS:", DOOR),
    (
        "resources/networks.py",
        "Network.GOOGLE: _google}",
        "Network.GOOGLE: _google, Network.TOY: _toy}",
    ),
    ("resources/environment.py", "VARIABLES = (\n", f"VARIABLES = (\n{VARIABLES}"),
    ("taxonomy/policy/rules.yaml", "rules:\n", f"rules:\n{RULES}"),
)


def recipe() -> tuple[set[str], set[str]]:
    """The files that the recipe edits, and those that it adds, as CONTRIBUTING.md lists them."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = text.partition("## Add a network\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (edit|new) \| `([^`]+)` \|", section, re.MULTILINE)
    return {f for how, f in rows if how == "edit"}, {f for how, f in rows if how == "new"}


@pytest.fixture
def tree(tmp_path) -> Path:
    """The tree with the toy network."""
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "_bundled")
        )
    shutil.copytree(TOY, tmp_path, dirs_exist_ok=True)
    for name in ("conftest.py", "fakes.py"):
        shutil.copy(Path(__file__).with_name(name), tmp_path / name)
    for file, before, after in EDITS:
        text = (tmp_path / file).read_text("utf-8")
        assert text.count(before) == 1, (file, before)
        (tmp_path / file).write_text(text.replace(before, after), "utf-8")
    return tmp_path


def run(tree: Path, *command: str) -> subprocess.CompletedProcess:
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=tree, env=env, capture_output=True, text=True
    )


def test_the_recipe_edits_few_files_and_names_them_all():
    """Everything else stands in new files beside."""
    edited, new = recipe()
    assert {file for file, _, _ in EDITS} == edited and len(edited) < 8
    added = {str(p.relative_to(TOY)) for p in TOY.rglob("*") if p.is_file()} - {"driver.py"}
    places = {file: file.replace("<network>", "toy") for file in new}
    assert [f for f in added if not any(f.startswith(place) for place in places.values())] == []
    shown = {file for file, place in places.items() if any(f.startswith(place) for f in added)}
    assert {Path(file).parent.name for file in new - shown} == {"versions"}  # no store is used here


def test_an_ad_is_posted_on_a_network_that_the_recipe_added(tree, tmp_path):
    """Compiled by the rules, read by the second checker, posted once, edited in place."""
    (tmp_path / "home").mkdir()
    done = run(tree, "driver.py", str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert said["module"] == "sandbox.toy" and said["health"]["world"] == "toy.json"
    assert said["settings"] == ["JOBADS_TOY_APP_ID", "JOBADS_TOY_APP_SECRET", "JOBADS_TOY_URL"]
    assert (said["daily"], said["worst"]) == (2501, 2501)
    created, again, edited = said["runs"]
    assert created == [True, 3, 0] and again == [True, 0, 0]
    assert edited[:2] == [True, 0] and edited[2] == 2
    kinds = [(kind, status) for kind, status, *_ in said["objects"]]
    assert kinds == [("campaign", "ACTIVE"), ("ad", "ACTIVE"), ("ad", "ACTIVE")]
    assert sum(cents or 0 for *_, cents, _ in said["objects"]) == 3000
    assert [places for *_, places in said["objects"]] == [None, ["Berlin"], ["Berlin"]]


@pytest.mark.parametrize(
    ("file", "line", "missing"),
    [
        ("domain/networks/__init__.py", "(META, X, GOOGLE, TOY)", "facts in domain/networks"),
        ("resources/networks.py", ", Network.TOY: _toy", "door in resources/networks.py"),
        (
            "assets/publishing/payload_validator/__init__.py",
            ", Network.TOY: toy",
            "validator in assets/publishing/payload_validator",
        ),
    ],
)
def test_a_step_that_was_forgotten_is_named_at_the_start(tree, file, line, missing):
    """Not when the first ad is planned."""
    text = (tree / file).read_text("utf-8")
    (tree / file).write_text(text.replace(line, "(META, X, GOOGLE)" if "META" in line else ""))
    done = run(tree, "-c", "import assets.publishing.planning.planner")
    assert done.returncode == 1 and f"the network toy has no {missing}" in done.stderr
