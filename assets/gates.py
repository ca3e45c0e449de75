"""Which teams' rows are bad: asked by the checks after a table is written, and by every asset of
its own team's rows before it reads them.

A failed check blocks what follows in its own run only, and has one answer for all teams. So whoever
reads a table asks the same question of the rows themselves: it holds across runs, whoever starts
them, and one team's bad row keeps back that team alone.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import polars as pl

from domain.errors import InputError


class Reader(Protocol):
    def sql(self, query: str, parameters: list[Any] | None = None) -> pl.DataFrame: ...


# Each finds (team_id, n): how many bad rows of a team there are.
FAULTS: Mapping[str, tuple[str, str]] = {
    "no_contact_data": (
        "texts show an address for e-mail",
        # The sign is looked for first: the pattern alone takes milliseconds a text.
        r"SELECT team_id FROM job_ads WHERE contains(text, '@') "
        r"AND regexp_matches(text, '[\w.]+@[\w-]+\.\w+')",
    ),
    "unit_vectors": (
        "vectors are not 384 numbers of length 1",
        "SELECT team_id FROM embeddings JOIN job_ads USING (content_hash) "
        "WHERE len(vector) <> 384 OR NOT coalesce("
        "abs(list_dot_product(vector, vector) - 1) <= 1e-3, false)",
    ),
    "silhouettes_in_range": (
        "silhouettes lie outside -1 to 1",
        "SELECT team_id FROM clusters WHERE cluster_silhouette NOT BETWEEN -1 AND 1",
    ),
    "shares_sum_to_one": (
        "ads' arms do not spend the whole budget, or have no broad one",
        "SELECT team_id FROM audience_primitives GROUP BY team_id, job_id "
        "HAVING abs(sum(budget_share) - 1) > 1e-4 OR count(*) FILTER (WHERE arm = 'broad') <> 1",
    ),
}


def faults(warehouse: Reader, check: str, team_id: str | None = None) -> dict[str, int]:
    """Bad rows by team, of one team or of all."""
    query = f"SELECT team_id, count(*) AS n FROM ({FAULTS[check][1]}) "
    given = [] if team_id is None else [team_id]
    where = "WHERE team_id = ? " if given else ""
    rows = warehouse.sql(f"{query}{where}GROUP BY team_id ORDER BY team_id", given)
    return dict(rows.iter_rows())


def require(warehouse: Reader, team_id: str, *checks: str) -> None:
    """InputError when a check does not hold for the team's rows."""
    for check in checks:
        if bad := faults(warehouse, check, team_id).get(team_id):
            raise InputError(
                f"{bad} {FAULTS[check][0]}",
                where=f"check {check}",
                mend="mend the rows upstream, then run this again",
            )
