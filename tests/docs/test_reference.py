"""The generated pages of docs/reference say what the code says."""

import re
from pathlib import Path

import pytest

from resources.environment import VARIABLES
from tools import reference

ROOT = Path(__file__).resolve().parents[2]
PAGES = reference.pages()
FIXED = {"JOBADS_"}
TOY = "JOBADS_TOY_"  # the network that tests/publishing adds to a copy of the tree


@pytest.mark.parametrize("page", PAGES)
def test_a_generated_page_is_as_new_as_the_code(page):
    """Run `python -m tools.reference` where this fails."""
    assert (reference.FOLDER / page).read_text("utf-8") == PAGES[page]


def test_every_environment_variable_of_the_code_is_described():
    sources = [
        path.read_text("utf-8")
        for room in ("assets", "benchmarks", "domain", "jobads", "loopback", "resources", "tests")
        for path in (ROOT / room).rglob("*.py")
        if path != ROOT / "resources" / "environment.py" and "toy" not in path.parts
    ]
    read = {name for source in sources for name in re.findall(r"JOBADS_[A-Z_]+", source)}
    read = {name for name in read if not name.startswith(TOY)}
    assert read - FIXED == {variable.name for variable in VARIABLES}


def test_every_number_of_the_segmentation_is_described():
    found = reference.fields()
    assert found and [name for name, f in found.items() if not f.description] == []


def test_every_argument_and_option_has_a_help_text():
    rows = re.findall(r"^\| (`.*`) \| (.*) \| .* \|$", PAGES["commands.md"], re.M)
    assert rows and [option for option, means in rows if not means.strip()] == []
