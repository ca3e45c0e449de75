"""What Dagster's daemon would start by itself, evaluated tick by tick on a home of our own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from assets.definitions import defs
from assets.resources import from_env
from domain.lifecycle import AdStatus
from domain.platform import Network
from resources.files.job_ads import read_job_ads
from resources.operations.store import OperationsStore
from resources.settings import Settings

ADS = """title,description_short,target_url,platforms,budget_daily,schedule_start,location
Nurse,Cares for patients on the ward,https://a.example/1,meta,20,2026-01-01T00:00:00Z,Boston
Welder,Welds steel frames to drawings,https://a.example/2,meta,20,2026-01-01T00:00:00Z,
"""


LOOKS = {"operations_store", "accounts", "due_ads"}


@dataclass
class Daemon:
    """Ticks of the automation sensor; what it requests is run at once, in this process."""

    instance: dg.DagsterInstance
    now: datetime = datetime(2026, 5, 1, 12, 1, tzinfo=UTC)
    cursor: Any = None
    log: list[str] = field(default_factory=list)

    def tick(self) -> set[str]:
        """Names of the assets that this tick asked for; the clock moves on by a minute."""
        answer = dg.evaluate_automation_conditions(
            defs, self.instance, evaluation_time=self.now, cursor=self.cursor
        )
        self.cursor, self.now = answer.cursor, self.now + timedelta(minutes=1)
        asked: dict[str | None, list[dg.AssetKey]] = {}
        graph = defs.resolve_asset_graph()
        for key in graph.get_all_asset_keys():
            if not answer.get_num_requested(key):
                continue
            for partition in sorted(answer.get_requested_partitions(key), key=str):
                asked.setdefault(partition, []).append(key)
        for partition, keys in asked.items():
            job = defs.resolve_implicit_global_asset_job_def()
            job.execute_in_process(
                instance=self.instance, partition_key=partition, asset_selection=keys
            )
        return {key.to_user_string() for keys in asked.values() for key in keys}

    def until_quiet(self) -> set[str]:
        """All that was asked for until five minutes and the runs after them asked for no more."""
        seen: set[str] = set()
        quiet = 0
        while quiet < 6:
            asked = self.tick()
            seen |= asked
            quiet = quiet + 1 if asked <= LOOKS else 0
        return seen


@pytest.fixture
def store(tmp_path, monkeypatch) -> OperationsStore:
    monkeypatch.setenv("JOBADS_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    store = OperationsStore.open(Settings.from_env())
    store.schema.migrate()
    return store


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Daemon(instance)


def test_new_ads_are_read_to_plans_by_themselves_and_nothing_is_computed_twice(
    daemon, store, tmp_path
):
    """The first tick with ads leads to plans; an ad's new status leads to nothing but a look; an
    account that is connected later leads to plans again."""
    assert daemon.tick() == set()
    team = store.teams.add("Acme", "a.example", "USD", "Acme", "Acme")
    (tmp_path / "ads.csv").write_text(ADS)
    found = read_job_ads(
        tmp_path / "ads.csv", team, user_id=store.teams.system_user(team.id), now=daemon.now
    )
    assert store.ads.save_drafts(team.id, found.good).new == 2
    assert daemon.until_quiet() == LOOKS | {
        "job_ads",
        "resumes",
        "embeddings",
        "segment_model",
        "reduced_vectors",
        "clusters",
        "profiles",
        "audience_primitives",
        "audience_plans",
    }
    assert from_env()["warehouse"].table("audience_primitives")["job_id"].n_unique() == 2
    store.ads.set_status(team.id, found.good[0].id, AdStatus.SCHEDULED)
    assert daemon.until_quiet() == LOOKS | {"job_ads", "resumes"}
    store.connections.connect(team.id, Network.META, "act_1", "token")
    store.connections.set_status(team.id, Network.META, "act_1", "needs_reauth")  # asks no network
    assert daemon.until_quiet() == LOOKS | {"audience_plans"}
