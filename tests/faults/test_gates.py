"""A bad row keeps back its own team, across runs and whoever starts them."""

import dagster as dg
import polars as pl
import pytest

from assets import checks, gates
from assets.definitions import defs
from assets.resources import Networks
from domain.errors import InputError
from resources.warehouse.tables import frame
from tests.faults.conftest import World


def text(team: str, job: str, content: str, words: str = "Cares for patients") -> dict:
    row = dict.fromkeys(frame([], "job_ads").columns)
    return {
        **row,
        "team_id": team,
        "job_id": job,
        "title": "Nurse",
        "text": words,
        "content_hash": content,
        "location": "",
        "platforms": ["meta"],
    }


@pytest.fixture
def lake(world: World) -> World:
    """An ad of each team with a vector; the sick team's has length 2."""
    rows = [text(world.team("Sick"), "s", "hs"), text(world.team("Well"), "w", "hw")]
    world.warehouse.replace("job_ads", frame(rows, "job_ads"), {})
    vectors = [
        {"content_hash": h, "model": "m", "vector": [length] + [0.0] * 383}
        for h, length in (("hs", 2.0), ("hw", 1.0))
    ]
    world.warehouse.replace("embeddings", pl.DataFrame(vectors), {})
    return world


def judge(check: dg.AssetChecksDefinition, world: World) -> dg.AssetCheckResult:
    return check.op.compute_fn.decorated_fn(world.store, world.warehouse)  # type: ignore[no-any-return, union-attr]


def test_a_bad_vector_is_its_teams_own(lake):
    """The other team passes; the check warns and names the team, so that nobody else is blocked."""
    with pytest.raises(InputError, match="unit_vectors"):
        gates.require(lake.warehouse, lake.team("Sick"), "unit_vectors")
    gates.require(lake.warehouse, lake.team("Well"), "unit_vectors")
    said = judge(checks.unit_vectors, lake)
    assert not said.passed and said.severity is dg.AssetCheckSeverity.WARN
    assert said.metadata["teams"].value == ["Sick"]


def test_a_check_that_fails_for_every_team_blocks_the_rest_of_its_run(lake):
    bad = pl.DataFrame({"content_hash": ["hs", "hw"], "model": "m", "vector": [[0.0], None]})
    lake.warehouse.replace("embeddings", bad, {})
    assert judge(checks.unit_vectors, lake).severity is dg.AssetCheckSeverity.ERROR


def test_segmenting_by_hand_in_a_later_run_refuses_the_bad_teams_vectors(lake, monkeypatch):
    """`unit_vectors` failed in one run; the job that a person starts next asks the rows again."""
    monkeypatch.setenv("JOBADS_HOME", str(lake.settings.home))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("teams", [lake.team("Sick")])
        result = defs.resolve_job_def("segments").execute_in_process(
            instance=instance, partition_key=lake.team("Sick"), raise_on_error=False
        )
    assert not result.success
    assert lake.warehouse.table("clusters").is_empty()
    assert "unit_vectors" in str([e for e in result.all_events if e.is_step_failure])


def test_planning_leaves_out_a_team_whose_arms_are_out_of_balance(world, monkeypatch):
    """Its own run fails and says why; the other team's plans are written."""
    monkeypatch.setenv("JOBADS_HOME", str(world.settings.home))
    sick, well = world.ad("Sick"), world.ad("Well")
    world.warehouse._open().execute(
        "UPDATE audience_primitives SET budget_share = 0.4 WHERE job_id = ?", [str(sick.id)]
    )
    monkeypatch.setattr(
        Networks,
        "platform",
        lambda _, team, network, account=None: world.platform(team, network, account),
    )
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("teams", [world.team(name) for name in world.teams])
        done = {
            name: defs.resolve_job_def("planning").execute_in_process(
                instance=instance, partition_key=world.team(name), raise_on_error=False
            )
            for name in world.teams
        }
    assert (done["Sick"].success, done["Well"].success) == (False, True)
    assert "shares_sum_to_one" in str([e for e in done["Sick"].all_events if e.is_step_failure])
    assert world.warehouse.table("audience_plans")["job_id"].to_list() == [str(well.id)]


def test_texts_with_contact_data_are_not_encoded_and_the_others_are(lake):
    rows = [
        text(lake.team("Sick"), "s", "hs", "write to a.b@c.example"),
        text(lake.team("Well"), "w", "hw"),
    ]
    lake.warehouse.replace("job_ads", frame(rows, "job_ads"), {})
    assert gates.faults(lake.warehouse, "no_contact_data") == {lake.team("Sick"): 1}
