"""`%sql` and `%%sql`: one query of the workbench from a notebook's cell, answered as a frame."""

import sys
from typing import Any

import polars as pl

from domain.errors import InputError
from jobads.workbench import Workbench

NAME = "sql"


def offer(workbench: Workbench) -> None:
    """Register the magic where IPython runs; another package's `%sql` is left alone.

    `$name` in a query is the notebook's variable of that name, bound as a value and never pasted
    into the text:

    >>> %sql SELECT title FROM job_ads WHERE job_id = $job_id
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return
    other = shell.find_line_magic(NAME)
    if other is None or getattr(other, "_jobads", False):
        shell.register_magic_function(_magic(workbench, shell), "line_cell", NAME)


def _magic(workbench: Workbench, shell: Any) -> Any:
    from IPython.core.magic import no_var_expand

    @no_var_expand  # IPython would paste the variable's text for `$name`
    def sql(line: str, cell: str = "") -> pl.DataFrame:
        """Read the warehouse: `%sql SELECT …`, or `%%sql` above a longer query."""
        query = f"{line}\n{cell}"
        names = workbench.warehouse.parameters(query)
        if missing := sorted(names - shell.user_ns.keys()):
            raise InputError(f"no variable is named {', '.join(missing)}", where="%sql")
        return workbench.sql(query, **{name: shell.user_ns[name] for name in names})

    sql._jobads = True  # type: ignore[attr-defined]
    return sql
