"""What has been kept long enough goes at night, by class."""

from datetime import date, timedelta

import dagster as dg
import numpy as np
import pytest

from assets.persons.retention_run import retain
from assets.retention import drop_runs
from domain.errors import InputError
from resources.files.retention_rules import load_retention
from tests.persons.conftest import KEY, OTHERS, rows_of, the_vector
from tests.persons.searching import left

SHORTER = """
resume_texts:
  days: {days}
  counted_from: the last import
  since: 2026-11-25
  reason: our own rule
"""


def rules(home):
    return load_retention(home.path)


def aged(home, key, days):
    """The résumé as if it had last been imported so many days ago."""
    import sqlite3
    from contextlib import closing

    when = (home.at - timedelta(days=days)).replace(tzinfo=None).isoformat(" ") + ".000000"
    with closing(sqlite3.connect(home.path / "operations.db")) as database, database:
        database.execute("UPDATE resume_texts SET updated_at = ?", (home.at.isoformat(" ")[:19],))
        database.execute("UPDATE resume_texts SET updated_at = ? WHERE resume_key = ?", (when, key))


@pytest.mark.parametrize(("days", "gone"), [(729, 0), (731, 1)])
def test_a_resume_is_forgotten_at_the_end_of_its_time(home, days, gone):
    """With rows, files and vectors, as by the command; a day before, nothing happens."""
    vector = the_vector(home)
    aged(home, KEY, days)
    assert retain(home, rules(home))["resume_texts"] == gone
    assert (left(home, vector) == []) == bool(gone)
    assert len(rows_of(home, "resumes")) == len(OTHERS) + 1 - gone


def test_a_cached_vector_of_no_stored_text_goes_after_its_time(home):
    """Those of stored texts stay however old; one of unknown age counts from the first night."""
    home.vectors.save({"from-a-file": np.ones(384, np.float32)})
    kept = rules(home)
    home.at += timedelta(days=4_000)
    aged(home, KEY, 0)
    assert retain(home, kept)["vectors"] == 1
    assert home.vectors.of_text("from-a-file") == {}
    assert len(the_vector(home)) == 384


def test_numbers_go_after_three_years(home):
    """Whole days, counted from the day that the row is about."""
    from resources.warehouse.tables import TABLES

    for day in (date(2023, 4, 30), date(2024, 5, 1)):
        row = dict.fromkeys(TABLES["performance_log"].columns) | {
            "team_id": "t",
            "network": "meta",
            "day": day,
            "as_of": day,
            "impressions": 3,
        }
        home.write("performance_log", [row])
    assert retain(home, rules(home))["performance_log"] == 1
    assert rows_of(home, "performance_log")["day"].to_list() == [date(2024, 5, 1)]


def test_a_home_may_have_rules_of_its_own(home):
    """By class, with a reason; what it does not name stays ours."""
    (home.path / "retention.yaml").write_text(SHORTER.format(days=30))
    found = rules(home)
    assert found["resume_texts"].days == 30 and found["vectors"].days == 90
    assert found["audit_log"].before(home.at) is None
    aged(home, KEY, 31)
    assert retain(home, found)["resume_texts"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SHORTER.format(days=0), "whole days"),
        (SHORTER.format(days="soon"), "whole number or null"),
        (SHORTER.format(days=9).replace("resume_texts", "cvs"), "no class is called cvs"),
        (SHORTER.format(days=9).replace("  reason: our own rule\n", ""), "other fields"),
        ("- 1", "not a mapping"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(home, text, said):
    """Silently keeping the default would keep people longer than was promised."""
    (home.path / "retention.yaml").write_text(text)
    with pytest.raises(InputError, match=said):
        rules(home)


def test_old_runs_go_but_for_the_newest_of_an_asset(home):
    """Their events and records go too; what the graph still reads stays."""

    @dg.asset
    def thing() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(3):
            dg.materialize([thing], instance=instance)
        runs = [run.run_id for run in instance.get_runs()]
        assert drop_runs(instance, home.settings, home.at) == 0
        later = home.at + timedelta(days=365_0)
        assert drop_runs(instance, home.settings, later) == 2
        assert [run.run_id for run in instance.get_runs()] == runs[:1]
        assert instance.get_latest_materialization_event(thing.key).run_id == runs[0]
        assert list(instance.all_logs(runs[1])) == []
