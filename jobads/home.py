"""JOBADS_HOME made ready: folders, Dagster's settings, and the operations store."""

import shutil
from pathlib import Path

from resources.settings import Settings


def prepare(settings: Settings) -> None:
    """Create what is missing; running it again changes nothing that a person changed. SetupError,
    before that, for stores of another version: `jobads upgrade` changes them."""
    from resources.operations.store import OperationsStore
    from resources.security.home_folder import private
    from resources.warehouse.ducklake import Warehouse

    private(settings.home)
    OperationsStore(settings.database_url).schema.create()
    Warehouse(settings.home, settings.lake_url).check()
    dagster = settings.home / "dagster"
    dagster.mkdir(parents=True, exist_ok=True)
    if not (dagster / "dagster.yaml").exists():
        shutil.copyfile(Path(__file__).with_name("dagster.yaml"), dagster / "dagster.yaml")
