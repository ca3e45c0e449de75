import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

import jobads
from domain.caps import worst_day
from domain.networks import FACTS
from domain.platform import Network
from resources.operations.store import OperationsStore
from resources.settings import Settings


def test_the_demo_posts_ads_and_says_what_they_cost(home):
    """Ads, segments, arms, differing fields, spend and cost per apply are printed."""
    said = re.search(
        r"484 ads \(484 new\), [1-9]\d+ texts encoded, (\d+) segments; (\d+) ads\s+posted",
        home.first,
    )
    segments, ads = map(int, said.groups())
    assert 6 < segments < ads <= 2 * segments
    assert "Arms lawfully differ in: " in home.first
    assert re.search(r"broad .* USD .*\d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\)", home.first)


def posted(home) -> int:
    """How many ads the first demo said it had posted."""
    return int(re.search(r"(\d+) ads\s+posted", home.first)[1])


@pytest.mark.parametrize("network", Network)
def test_every_posted_object_is_made_once(home, network):
    """Each active slot owns the object that its network reports for, and no two share one."""
    wb = jobads.open(home.path)
    slots = wb.sql(
        "SELECT arm, objects->>? AS reported FROM posted_campaigns "
        "WHERE network = ? AND state = 'active'",
        FACTS[network].reported,
        str(network),
    )
    planned = wb.sql(
        "SELECT count(DISTINCT job_id) FROM audience_plans WHERE network = ? "
        "AND job_id IN (SELECT job_id FROM posted_campaigns)",
        str(network),
    ).item()  # a country that a network does not know has no plan there
    arms = slots.filter(slots["arm"] != "campaign")["reported"]
    assert slots.filter(slots["arm"] == "campaign").height == planned >= 20
    assert arms.null_count() == 0 and arms.n_unique() == len(arms) >= planned


def test_an_ad_spends_its_day_once_over_all_networks(home):
    """What the plans of one ad tell its networks to spend sums to the ad's own daily budget; where
    a network has no plan its part stays unspent."""
    store = OperationsStore.open(Settings.from_env({"JOBADS_HOME": str(home.path)}))
    team = store.teams.all()[0].id
    told: dict[str, list[int]] = {}
    for running in store.caps.budgets(team, datetime.now(UTC)):
        told.setdefault(running.job_id, []).append(running.daily_minor)
    assert len(told) == posted(home)
    for job_id, parts in told.items():
        budget = store.ads.get(team, job_id).budget_daily.minor
        assert sum(parts) == budget if len(parts) == len(Network) else sum(parts) < budget


def test_no_day_costs_more_than_the_worst_that_was_computed(home):
    """Each network's own delivery stays within its factor of the daily budget (domain.caps)."""
    days = jobads.open(home.path).sql(
        "SELECT l.network, l.job_id, l.day, sum(l.spend_micros) AS micros, "
        "any_value(j.budget_daily_minor) AS budget FROM performance_log AS l "
        "JOIN job_ads AS j USING (team_id, job_id) GROUP BY ALL"
    )
    assert set(days["network"]) == set(Network)
    for row in days.iter_rows(named=True):
        part = -(-row["budget"] // len(Network))
        assert 0 <= row["micros"] <= worst_day(Network(row["network"]), part) * 10_000


def test_dagster_keeps_runs_partitions_and_checks(home):
    """The persistent Dagster home holds what the demo ran, for the UI to show."""
    with dg.DagsterInstance.from_config(str(home.path / "dagster")) as instance:
        runs = instance.get_runs()
        assert sum(run.job_name == "posting" for run in runs) == posted(home)
        assert all(run.is_success for run in runs)
        assert len(instance.get_dynamic_partitions("ads")) == posted(home)


def test_publishing_by_hand_finds_nothing_left_to_do(home):
    """publish --due reads the same ledger that the sensor's runs wrote."""
    assert "0 posted, 0 failed, 0 taken off" in home.jobads("publish", "--due")


def shown(home, where: str) -> dict:
    """The first posted ad's arm of that kind."""
    found = jobads.open(home.path).sql(
        "SELECT * FROM audience_primitives SEMI JOIN posted_campaigns USING (job_id) "
        f"WHERE {where} ORDER BY job_id"
    )
    return found.row(0, named=True)


def test_explain_goes_from_words_to_postings(home):
    """One ad's text, primitives with their words, proof and postings are shown."""
    job = shown(home, "rank = 1 AND arm <> 'broad'")["job_id"]
    said = home.jobads("explain", job[:13])
    for part in ("· live", "silhouette", "locations", "meta-place-", "adset", "active"):
        assert part in said


def test_explain_says_why_an_ad_has_no_segment(home):
    """An ad that goes to everyone shows which number was too low, and is posted all the same."""
    arm = shown(home, "rank = 1 AND arm = 'broad'")
    said = " ".join(home.jobads("explain", arm["job_id"][:13]).split())
    assert "arm broad · 100% of the budget" in said
    assert arm["reason"] in said
    assert "0.25 < 0.25" not in said
    assert "x broad: active" in said


def test_the_workbench_opens_without_the_heavy_libraries(home):
    """The first table of a notebook needs neither torch nor Dagster."""
    code = (
        "import sys, jobads; wb = jobads.open(sys.argv[1]); print(len(wb.table('clusters')), "
        "{'torch', 'dagster', 'umap', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(home.path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.stdout.strip() == "484 set()"


def test_a_second_demo_changes_nothing_and_encodes_nothing(home):
    """Run again, it imports, encodes, accepts and posts nothing."""
    said = home.jobads("demo")
    assert "484 ads (0 new), 0 texts encoded" in said
    assert re.search(rf"{posted(home)} ads\s+posted \(0\s+now\)", said)
