"""`jobads teams`, `ads` and `import`, as a person types them."""

import os
import re
import subprocess
import sys

import pytest

HEADER = "title,description_short,target_url,platforms,budget_daily,schedule_start,location\n"
GOOD = "Cook,Cooks food.,https://acme.com/1,meta,15.50,2026-03-01T09:00:00Z,Berlin\n"
BAD = "Baker,Bakes.,http://acme.com/2,meta,NaN,2026-03-01T09:00:00Z,Berlin\n"


@pytest.fixture
def jobads(tmp_path):
    """Run the command line in a home of its own: (exit code, output)."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JOBADS_")}
    env = kept | {"JOBADS_HOME": str(tmp_path / "home"), "COLUMNS": "160", "NO_COLOR": "1"}

    def run(*words):
        code = "from jobads.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    run("teams", "add", "Acme", "--domain", "acme.com", "--currency", "EUR")
    return run


@pytest.fixture
def ads_csv(tmp_path):
    path = tmp_path / "ads.csv"
    path.write_text(HEADER + GOOD)
    return path


def test_a_team_is_added_and_listed(jobads):
    """And a second one of the same name is refused with exit code 2."""
    code, said = jobads("teams", "list")
    assert code == 0 and re.search(r"Acme .*acme\.com .*EUR", said)
    code, said = jobads("teams", "add", "acme", "--domain", "x.com")
    assert code == 2 and "exists" in said and "Traceback" not in said


def test_importing_twice_changes_nothing(jobads, ads_csv):
    """The second report says so."""
    assert jobads("import", str(ads_csv), "--team", "Acme")[1].startswith("ads.csv: 1 new")
    code, said = jobads("import", str(ads_csv), "--team", "Acme")
    assert code == 0 and said.strip() == "ads.csv: 0 new, 0 changed, 1 unchanged, 0 refused"


def test_bad_rows_are_reported_and_good_ones_kept(jobads, ads_csv):
    """Exit code 2, the line, the field, the rule."""
    ads_csv.write_text(HEADER + BAD + GOOD)
    code, said = jobads("import", str(ads_csv), "--team", "Acme")
    assert code == 2 and "1 new" in said and "1 refused" in said
    assert re.search(r"refused .*2 .*budget_daily .*'NaN' is not a finite amount", said)
    assert "Cook" in jobads("ads", "list", "--team", "Acme")[1]


def test_columns_are_mapped_on_the_command_line(jobads, ads_csv):
    """--map field=column, and a broken one is refused."""
    ads_csv.write_text(HEADER.replace("title", "job_title") + GOOD)
    assert jobads("import", str(ads_csv), "--team", "Acme")[0] == 2
    mapped = jobads("import", str(ads_csv), "--team", "Acme", "--map", "title=job_title")
    assert mapped[0] == 0 and "1 new" in mapped[1]
    assert jobads("import", str(ads_csv), "--team", "Acme", "--map", "title")[0] == 2


def test_an_ad_goes_its_way_by_commands(jobads, ads_csv):
    """Schedule is legal, pause is not yet (exit 4), archive ends it."""
    jobads("import", str(ads_csv), "--team", "Acme")
    job = re.search(r"\b[0-9a-f]{8}\b", jobads("ads", "list", "--team", "Acme")[1]).group()
    assert jobads("ads", "schedule", job, "--team", "Acme")[0] == 0
    code, said = jobads("ads", "pause", job, "--team", "Acme")
    assert code == 4 and "cannot become paused - allowed" in said
    assert jobads("ads", "archive", job, "--team", "Acme")[0] == 0
    assert re.search(r"status +archived", jobads("ads", "show", job, "--team", "Acme")[1])


def test_every_draft_is_scheduled_at_once_only_when_asked(jobads, ads_csv):
    """Neither an id nor --drafts is a question, not a yes."""
    jobads("import", str(ads_csv), "--team", "Acme")
    assert jobads("ads", "schedule", "--team", "Acme")[0] == 2
    assert "1 drafts -> scheduled" in jobads("ads", "schedule", "--drafts", "--team", "Acme")[1]
    assert "scheduled" in jobads("ads", "list", "--team", "Acme")[1]


def test_a_changed_file_does_not_touch_a_scheduled_ad(jobads, ads_csv):
    """The report names the ad that was left alone."""
    ads_csv.write_text("job_key," + HEADER + "k1," + GOOD)
    jobads("import", str(ads_csv), "--team", "Acme")
    job = re.search(r"\b[0-9a-f]{8}\b", jobads("ads", "list", "--team", "Acme")[1]).group()
    jobads("ads", "schedule", job, "--team", "Acme")
    ads_csv.write_text("job_key," + HEADER + "k1," + GOOD.replace("Cook,", "Chef,"))
    said = jobads("import", str(ads_csv), "--team", "Acme")[1]
    assert f"left alone: ad {job}" in said
    assert re.search(r"title +Cook", jobads("ads", "show", job, "--team", "Acme")[1])


def test_what_does_not_exist_is_exit_3(jobads, ads_csv):
    """Unknown team, unknown ad: one line, no traceback."""
    for words in (
        ("ads", "list", "--team", "Nobody"),
        ("ads", "show", "zz", "--team", "Acme"),
        ("import", str(ads_csv), "--team", "Nobody"),
    ):
        code, said = jobads(*words)
        assert code == 3 and "does not exist" in said and said.count("\n") == 1


def test_a_home_without_a_store_says_how_to_get_one(jobads, tmp_path, monkeypatch):
    """No SQL error: exit code 6 and the mend."""
    for file in (tmp_path / "home").glob("operations.db*"):
        file.unlink()
    code, said = jobads("teams", "list")
    assert code == 6 and "not migrated - run jobads demo" in said


def test_resumes_are_imported_sealed(jobads, tmp_path):
    """The text is not readable in any file of the home."""
    path = tmp_path / "r.csv"
    path.write_text("resume_key,text\n1,Maria cooked at the Ritz\n")
    code, said = jobads("import", str(path), "--team", "Acme", "--resumes")
    assert code == 0 and "1 new" in said
    assert not any(b"Ritz" in f.read_bytes() for f in (tmp_path / "home").iterdir() if f.is_file())
