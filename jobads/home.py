"""JOBADS_HOME made ready: folders, Dagster's settings, and the migrated operations store."""

import shutil
from pathlib import Path

from resources.settings import Settings


def prepare(settings: Settings) -> None:
    """Create what is missing; running it again changes nothing that a person changed."""
    from resources.operations.store import OperationsStore

    dagster = settings.home / "dagster"
    dagster.mkdir(parents=True, exist_ok=True)
    if not (dagster / "dagster.yaml").exists():
        shutil.copy(Path(__file__).with_name("dagster.yaml"), dagster / "dagster.yaml")
    OperationsStore(settings.database_url).migrate()
