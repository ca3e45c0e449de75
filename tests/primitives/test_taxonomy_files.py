"""A wrong entry of the taxonomy is told by file and line; the commands say what the tables hold."""

import shutil

import pytest
from typer.testing import CliRunner

from assets.segmentation.primitives.coverage import coverage
from assets.segmentation.primitives.extraction import extract
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from domain.errors import SetupError
from jobads.cli.taxonomy import app
from resources.files.bundled import ROOT


@pytest.fixture
def broken(tmp_path):
    """A copy of the taxonomy in which one file's words are replaced; the load's error."""
    shutil.copytree(ROOT / "taxonomy", tmp_path / "taxonomy")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "reference").symlink_to(ROOT / "data" / "reference")

    def load(file, old, new):
        path = tmp_path / "taxonomy" / file
        text = path.read_text("utf-8")
        line = text[: text.index(old)].count("\n") + 1
        path.write_text(text.replace(old, new, 1), "utf-8")
        load_taxonomy.cache_clear()
        with pytest.raises(SetupError) as error:
            load_taxonomy(tmp_path)
        return str(error.value), f"taxonomy/{file}:{line}"

    yield load
    load_taxonomy.cache_clear()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("industries.yaml", 'id: "naics:21"', 'id: "naics:20"', "no id of NAICS"),
        ("industries.yaml", 'id: "naics:21"', 'id: "naics:11"', "stands already at"),
        ("industries.yaml", 'label: "Utilities", ', "", "label missing"),
        ("seniority.yaml", "{id: senior, label", "{id: senior, lable", "'lable' is not a field"),
        (
            "seniority.yaml",
            "{id: senior, label: Senior, rank: 4",
            "{id: senior, label: S, rank: x",
            "not a whole number",
        ),
        (
            "seniority.yaml",
            "{id: lead, label: Lead or principal, rank: 5, job_zones: [4, 5]",
            "{id: lead, label: L, rank: 5, job_zones: [9]",
            "job_zones: 9",
        ),
        ("occupations.yaml", '{onet: "15-1243.00"', '{onet: "15-9999.00"', "no O*NET-SOC code"),
        ("skills.yaml", 'label: "think analytically"', 'label: "think"', "is called"),
        ("guards.yaml", "never:", "never: 3\nonce:", "is not a list"),
        ("work_modes.yaml", "{id: remote, label: Remote", "{id: remote, label: [", "work_modes"),
    ],
)
def test_a_wrong_entry_is_told_by_file_and_line(broken, file, old, new, said):
    """An unknown id, one that stands twice, a wrong type, a misspelt field, broken YAML."""
    error, where = broken(file, old, new)
    assert said in error
    assert error.startswith(where)


def test_check_reads_every_table():
    """The shipped taxonomy is sound, and says how much it holds."""
    done = CliRunner().invoke(app, ["check"])
    assert done.exit_code == 0
    assert "38 industries" in done.output and "22,180 skills" in done.output


def test_coverage_says_which_ads_get_what(tmp_path, taxonomy):
    """Shares of ads, and the languages they are in."""
    file = tmp_path / "ads.csv"
    file.write_text(
        "job_key,title,description,location\n"
        'a,Senior Nurse,"Care for the patients of our hospital with Python.","Leeds, UK"\n'
        'b,?,"Something that is said to you and to nobody else.",\n'
    )
    done = CliRunner().invoke(app, ["coverage", str(file)])
    assert done.exit_code == 0
    assert "languages: en 2" in done.output
    found = [extract("Senior Nurse", "Python", "", taxonomy), extract("?", "", "", taxonomy)]
    shares = {row.kind: row.share for row in coverage(found)}
    assert shares["skills, technologies"] == shares["seniority"] == 0.5
    assert shares["place"] == 0
    assert coverage([]) == []
