"""What a notebook holds: every table as a frame, plans as records, and the usual questions."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from assets.publishing.planning.stored_plans import stored_plans
from domain.errors import InputError, NotFound
from domain.networks import DEFAULT_NETWORK, named
from domain.plan import Plan
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.versions import SchemaStatus
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.lake_reader import LakeReader
from resources.warehouse.tables import TABLES


@dataclass(frozen=True)
class Workbench:
    """One home. `warehouse`, and with it `sql`, `table` and `plan`, can only read."""

    settings: Settings
    warehouse: LakeReader

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
        store = OperationsStore.open(settings)
        if store.schema.status()[0] is not SchemaStatus.EMPTY:
            store.schema.check()
        store.close()
        reader = LakeReader(settings.home, settings.lake_url)
        reader.check()
        return cls(settings, reader)

    def table(self, name: str) -> pl.DataFrame:
        """A whole table of the warehouse; `tables()` lists them."""
        return self.warehouse.table(name)

    def sql(self, query: str, *parameters: Any, **named: Any) -> pl.DataFrame:
        """The answer of a query, on the newest commit; `?` or `$name` stands for a parameter.

        It changes nothing but TEMP tables and views of its own: InputError otherwise.

        >>> wb.sql("SELECT title FROM job_ads WHERE status = $status", status="live")
        """
        if parameters and named:
            raise InputError("parameters are given by order and by name", mend="use one way")
        return self.warehouse.sql(query, named or parameters)

    def admin(self) -> Warehouse:
        """The warehouse with leave to write: its `sql` may insert, delete, drop and call DuckLake.

        The tables are copies that the graph computes. What is changed here by hand stays until the
        asset is materialized again, what depends on it is not told, and nothing is noted in the
        audit log. A deleted table loses every performance number that networks no longer give.

        >>> with wb.admin() as lake:
        ...     lake.sql("DELETE FROM due_ads WHERE team_id = ?", [team])
        """
        return Warehouse(self.settings.home, self.settings.lake_url)

    def tables(self) -> pl.DataFrame:
        """Every table with what one row of it is."""
        return pl.DataFrame([{"table": t.name, "one row is": t.row} for t in TABLES.values()])

    def plan(self, job_id: str, network: str = DEFAULT_NETWORK) -> Plan:
        """The newest compiled plan of an ad on a network; an unambiguous beginning of its id is
        enough."""
        found = stored_plans(
            self.warehouse.sql,
            "starts_with(p.job_id, ?) AND p.network = ?",
            [job_id, str(named(network))],
        )
        if len(found) != 1:
            raise NotFound(
                f"{len(found)} plans on {network} have an id that begins with {job_id!r}"
            )
        return found[0]

    def accepted(self, team: str, job_id: str, network: str = DEFAULT_NETWORK) -> Plan:
        """What a person accepted, which is what was posted."""
        store = OperationsStore.open(self.settings)
        return store.plans.in_force(str(store.teams.get(team).id), job_id, named(network))

    def __repr__(self) -> str:
        return f"Workbench({self.settings.home})"
