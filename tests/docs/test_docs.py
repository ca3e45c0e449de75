"""What the documents name is there: files, tests, modules, commands."""

import pkgutil
import re
from pathlib import Path

import pytest

import jobads.cli
from jobads.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
)
ROOMS = (
    "assets|benchmarks|data|docs|domain|jobads|loopback|notebooks|resources|sandbox|taxonomy|tests"
    "|tools"
)
PLACE = re.compile(rf"`((?:{ROOMS})/[\w./-]+?)(?:::(\w+))?`")
TEST = re.compile(r"`((?:[a-z_0-9]+/)*test_\w+\.py)(?:::(\w+))?`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
MODULE = re.compile(r"python -m (benchmarks(?:\.\w+)+|tests(?:\.\w+)+)")
COMMAND = re.compile(r"`(?:\.venv/bin/)?jobads ([a-z]+)(?: ([a-z]+))?")


def there(place: str) -> bool:
    return any((base / place).exists() for base in (ROOT, ROOT / "tests"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page):
    """Paths in backticks, tests by their folder, and links."""
    text = page.read_text("utf-8")
    named = {place for place, _ in (*PLACE.findall(text), *TEST.findall(text))}
    assert [place for place in sorted(named) if not there(place)] == []
    assert [to for to in LINK.findall(text) if not (page.parent / to).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_a_page_names_is_there(page):
    """`file::test` names a function of that file."""
    for place, function in TEST.findall(page.read_text("utf-8")):
        if function:
            assert f"def {function}(" in (ROOT / "tests" / place).read_text("utf-8"), place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_and_command_that_a_page_names_is_there(page):
    text = page.read_text("utf-8")
    for module in MODULE.findall(text):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module
    groups = {m.name for m in pkgutil.iter_modules(jobads.cli.__path__)}
    jobads.cli._register()
    known = {g.name for g in app.registered_groups} | groups
    for group in app.registered_groups:
        known |= {c.name or c.callback.__name__ for c in group.typer_instance.registered_commands}
    assert {command for command, _ in COMMAND.findall(text)} - known == set()
