import re
import subprocess
import sys
from pathlib import Path

import dagster as dg

import jobads


def test_the_demo_posts_ads_and_says_what_they_cost(home):
    """Ads, segments, arms, differing fields, spend and cost per apply are printed."""
    assert re.search(
        r"484 ads \(484 new\), [1-9]\d+ texts encoded, \d segments; 24 ads posted", home.first
    )
    assert "Arms lawfully differ in: " in home.first
    assert re.search(r"broad .* USD .*\d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\)", home.first)


def test_every_posted_object_is_made_once(home):
    """Each active slot owns one object of each kind, and no two slots share one."""
    wb = jobads.open(home.path)
    slots = wb.sql("SELECT * FROM posted_campaigns WHERE state = 'active'")
    assert slots.filter(slots["arm"] == "campaign").height == 24
    ads = wb.sql(
        "SELECT objects->>'$.ad' AS ad FROM posted_campaigns WHERE arm <> 'campaign' "
        "AND state = 'active'"
    )["ad"]
    assert ads.null_count() == 0
    assert ads.n_unique() == len(ads)


def test_spend_stays_within_what_was_approved(home):
    """No ad spends more in a day than its daily budget and the network's quarter on top."""
    worst = (
        jobads.open(home.path)
        .sql(
            "SELECT max(spent / budget) AS share FROM (SELECT l.job_id, l.day, "
            "sum(l.spend_micros) / 1e4 AS spent, any_value(j.budget_daily_minor) AS budget "
            "FROM performance_log AS l JOIN job_ads AS j USING (team_id, job_id) GROUP BY ALL)"
        )
        .item()
    )
    assert 0 < worst <= 1.25


def test_dagster_keeps_runs_partitions_and_checks(home):
    """The persistent Dagster home holds what the demo ran, for the UI to show."""
    with dg.DagsterInstance.from_config(str(home.path / "dagster")) as instance:
        runs = instance.get_runs()
        assert sum(run.job_name == "posting" for run in runs) == 24
        assert all(run.is_success for run in runs)
        assert len(instance.get_dynamic_partitions("ads")) == 24


def test_publishing_by_hand_finds_nothing_left_to_do(home):
    """publish --due reads the same ledger that the sensor's runs wrote."""
    assert "0 posted, 0 failed, 0 taken off" in home.jobads("publish", "--due")


def test_explain_goes_from_words_to_postings(home):
    """One ad's text, primitives with their words, proof and postings are shown."""
    job = jobads.open(home.path).table("posted_campaigns")["job_id"][0]
    said = home.jobads("explain", job[:13])
    for part in ("silhouette", "locations", "meta-employment", "adset", "active"):
        assert part in said


def test_the_workbench_opens_without_the_heavy_libraries(home):
    """The first table of a notebook needs neither torch nor Dagster."""
    code = (
        "import sys, jobads; wb = jobads.open(sys.argv[1]); "
        "assert len(wb.table('clusters')) == 484; "
        "assert not {'torch', 'dagster', 'umap', 'sklearn'} & set(sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code, str(home.path)], check=True, cwd=root)


def test_a_second_demo_changes_nothing_and_encodes_nothing(home):
    """Run again, it imports, encodes, accepts and posts nothing."""
    said = home.jobads("demo")
    assert "484 ads (0 new), 0 texts encoded" in said
    assert "24 ads posted (0 now)" in said
