"""The resources of the graph: opened once for a run, and by what names them alone."""

import dagster as dg
import pytest

from assets.definitions import defs
from assets.resources import Encoder
from jobads.home import prepare
from resources.encoders.minilm_encoder import VectorCache
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse


@pytest.fixture
def opened(tmp_path, monkeypatch) -> list[str]:
    """A home with one team, and what is opened from now on."""
    monkeypatch.setenv("JOBADS_HOME", str(tmp_path / "home"))
    settings = Settings.from_env()
    prepare(settings)
    store = OperationsStore.open(settings)
    store.teams.add("Acme", "acme.example", "USD", "Acme", "Acme")
    seen: list[str] = []

    def noted(kind: type) -> None:
        made = kind.__init__

        def init(self, *given, **named):
            seen.append(kind.__name__)
            made(self, *given, **named)

        monkeypatch.setattr(kind, "__init__", init)

    for kind in (OperationsStore, Warehouse, Encoder, VectorCache):
        noted(kind)
    return seen


def ran(job: str, partition: str | None = None) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        if partition:
            instance.add_dynamic_partitions("teams", [partition])
        return defs.resolve_job_def(job).execute_in_process(
            instance=instance, partition_key=partition
        )


def test_assets_and_resources_of_a_run_share_one_store(opened):
    """The networks get the store that the assets get; no encoder is made where none is named."""
    team = str(OperationsStore.open(Settings.from_env()).teams.get("Acme").id)
    opened.clear()
    assert ran("planning", team).success
    assert sorted(opened) == ["OperationsStore", "Warehouse"]


def test_several_assets_of_a_run_share_one_encoder(opened):
    """Résumés and ads are encoded into one cache of vectors."""
    assert ran("texts").success
    assert sorted(opened) == ["Encoder", "OperationsStore", "VectorCache", "Warehouse"]


def test_a_run_without_the_store_opens_none(opened):
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey("warehouse_maintenance")]
        )
    assert result.success and opened == ["Warehouse"]
