"""The doors: `import jobads; wb = jobads.open()` for notebooks, and the command line."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobads.workbench import Workbench


def open(home: str | Path | None = None) -> "Workbench":
    """The workbench of `home`: tables as polars frames. The default is JOBADS_HOME, else .jobads
    in this folder or in the nearest above.

    It may stay open all day: it only reads, and never keeps Dagster from writing. In IPython and
    Jupyter, `%sql` and `%%sql` ask the one that was opened last.

    >>> from tempfile import TemporaryDirectory
    >>> from resources.warehouse.ducklake import Warehouse
    >>> with TemporaryDirectory() as home:
    ...     with Warehouse(Path(home)) as lake:  # what the graph does
    ...         found = lake.table("job_ads")
    ...     open(home).sql("SELECT title FROM job_ads WHERE status = $status", status="live").rows()
    []
    """
    from jobads.magic import offer
    from jobads.workbench import Workbench

    workbench = Workbench.of(home)
    offer(workbench)
    return workbench


__all__ = ["open"]
