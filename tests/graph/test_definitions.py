import json
import subprocess
import sys
from pathlib import Path

import dagster as dg

from assets.definitions import defs

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = Path(__file__).with_name("snapshot.json")


def op(key: dg.AssetKey) -> dg.OpDefinition:
    return defs.resolve_assets_def(key).op


def snapshot() -> dict[str, dict[str, object]]:
    """The graph as people rely on it. `python tests/graph/test_definitions.py` writes it anew: read
    the difference."""
    graph = defs.resolve_asset_graph()
    found: dict[str, dict[str, object]] = {}
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        found[key.to_user_string()] = {
            "deps": sorted(p.to_user_string() for p in node.parent_keys),
            "group": node.group_name,
            "owners": sorted(node.owners),
            "kinds": sorted(node.kinds),
            "partitions": getattr(node.partitions_def, "name", None)
            or type(node.partitions_def).__name__,
            "automatic": node.automation_condition is not None,
            "checks": sorted(c.name for c in node.check_keys),
            "resources": sorted(op(key).required_resource_keys),
        }
    return found


def test_the_graph_is_what_it_was():
    """Keys, dependencies, groups, owners, partitions, checks and the resources that an asset uses
    change only on purpose."""
    assert snapshot() == json.loads(SNAPSHOT.read_text())


def test_definitions_load_without_the_heavy_libraries():
    """A fresh interpreter loads the code location with none of torch, umap and the SDK."""
    heavy = {"torch", "openvino", "umap", "sklearn", "transformers", "facebook_business"}
    code = (
        "import sys, assets.definitions as d; d.defs.resolve_asset_graph(); "
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_workspace_loads_as_dagster_loads_it():
    """The code location validates the way the UI's server reads it, names and partitions too."""
    command = [str(Path(sys.executable).parent / "dagster"), "definitions", "validate"]
    done = subprocess.run(
        [*command, "-w", "workspace.yaml"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_everything_that_acts_by_itself_ships_stopped():
    """Sensors and schedules spend money or call networks: a person switches them on."""
    repository = defs.get_repository_def()
    sensors = {s.name: s.default_status for s in repository.sensor_defs}
    assert set(sensors) == {"posting_sensor", "default_automation_condition_sensor"}
    assert set(sensors.values()) == {dg.DefaultSensorStatus.STOPPED}
    schedules = {s.default_status for s in repository.schedule_defs}
    assert schedules == {dg.DefaultScheduleStatus.STOPPED}


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(snapshot(), indent=1) + "\n")
