"""What the documents name is there: files, tests, modules, commands. Pages are short."""

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
TYPED = re.compile(r"^(?:\.venv/bin/)?jobads ([a-z]+)(?: ([a-z]+))?", re.MULTILINE)
PROSE = [page for page in PAGES if page.parent.name in ("guides", "explanation", "adr")]
EXPLANATIONS = sorted((ROOT / "docs" / "explanation").glob("*.md"))
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"^```mermaid$|^!\[", re.MULTILINE)
MOST_WORDS = 900
MOST_LETTERS = 120


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
    typed = [call for block in FENCED.findall(text) for call in TYPED.findall(block)]
    assert {command for command, _ in (*COMMAND.findall(text), *typed)} - known == set()


@pytest.mark.parametrize("page", EXPLANATIONS, ids=lambda page: page.stem)
def test_an_explanation_is_short_and_has_one_picture(page):
    """Words of prose and tables; a picture in the text is no prose."""
    text = page.read_text("utf-8")
    words = [word for word in FENCED.sub("", text).split() if re.search(r"\w", word)]
    assert len(words) <= MOST_WORDS
    assert len(PICTURE.findall(text)) == 1


def test_the_readme_is_one_screen_with_its_pictures():
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 60
    assert len(PICTURE.findall(text)) == 2


def test_every_page_is_reachable_from_the_readme():
    """By links; a link to a folder reaches the pages in it."""
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for to in LINK.findall(page.read_text("utf-8")):
            found = (page.parent / to).resolve()
            waiting += found.glob("*.md") if found.is_dir() else [found]
    assert set((ROOT / "docs").rglob("*.md")) - reached == set()


@pytest.mark.parametrize("page", PROSE, ids=lambda page: str(page.relative_to(ROOT)))
def test_lines_of_prose_are_no_longer_than_a_reader_can_follow(page):
    """Rows of tables cannot be wrapped, and what a command prints is as it is."""
    lines = FENCED.sub("", page.read_text("utf-8")).splitlines()
    assert [n for n in lines if len(n) > MOST_LETTERS and not n.startswith("|")] == []
