"""What a notebook holds: every table as a frame, plans as records, and the usual questions."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from assets.publishing.compiled_plans import stored_plans
from domain.errors import NotFound
from domain.plan import Plan
from domain.platform import Network
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.tables import TABLES
from resources.warehouse import Warehouse


@dataclass(frozen=True)
class Workbench:
    settings: Settings
    warehouse: Warehouse

    @classmethod
    def of(cls, home: str | Path | None = None) -> "Workbench":
        """The workbench of a home; NotFound when nothing has been made there yet. Where nobody says
        which, that of the folder or of the nearest above: a kernel's folder is its notebook's."""
        here = Path.cwd()
        near = (p / ".jobads" for p in (here, *here.parents))
        said = home or os.environ.get("JOBADS_HOME") or next(filter(Path.is_dir, near), None)
        settings = Settings.from_env({**os.environ, "JOBADS_HOME": str(said or "")})
        if not settings.home.is_dir():
            raise NotFound(
                f"{settings.home} is no workbench, nor is a .jobads in a folder above",
                mend="run jobads demo, or set JOBADS_HOME to the workbench's folder",
            )
        return cls(settings, checked(settings))

    def table(self, name: str) -> pl.DataFrame:
        """A whole table of the warehouse; `tables()` lists them."""
        return self.warehouse.table(name)

    def sql(self, query: str, *parameters: Any) -> pl.DataFrame:
        """The answer of a query; `?` stands for each parameter."""
        return self.warehouse.sql(query, list(parameters))

    def tables(self) -> pl.DataFrame:
        """Every table with what one row of it is."""
        return pl.DataFrame([{"table": t.name, "one row is": t.row} for t in TABLES.values()])

    def plan(self, job_id: str, network: str = Network.META) -> Plan:
        """The newest compiled plan of an ad on a network; an unambiguous beginning of its id is
        enough."""
        found = stored_plans(
            self.warehouse.sql,
            "starts_with(p.job_id, ?) AND p.network = ?",
            [job_id, str(network)],
        )
        if len(found) != 1:
            raise NotFound(
                f"{len(found)} plans on {network} have an id that begins with {job_id!r}"
            )
        return found[0]

    def accepted(self, team: str, job_id: str, network: str = Network.META) -> Plan:
        """What a person accepted, which is what was posted."""
        store = OperationsStore.open(self.settings)
        return store.accepted_plan(str(store.team(team).id), job_id, Network(network))

    def __repr__(self) -> str:
        return f"Workbench({self.settings.home})"


def checked(settings: Settings) -> Warehouse:
    """The lake; SetupError when it or the operations store is of another version."""
    from resources.versions import Standing

    store = OperationsStore.open(settings)
    if store.standing()[0] is not Standing.EMPTY:
        store.check()
    store.close()
    warehouse = Warehouse(settings.home, settings.lake_url)
    warehouse.check()
    return warehouse
