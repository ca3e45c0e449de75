"""What must hold before anything downstream may use a table."""

import dagster as dg

from assets.resources import Clock
from domain.plain_text import plain
from resources.operations.store import OperationsStore
from resources.warehouse.ducklake import Warehouse

SEVERITY = dg.AssetCheckSeverity


@dg.asset_check(asset="job_ads", blocking=True)
def no_contact_data(
    store: dg.ResourceParam[OperationsStore], warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    """No redacted text shows an address for e-mail."""
    return _judged(store, warehouse, "no_contact_data", "job_ads")


@dg.asset_check(asset="embeddings", blocking=True)
def unit_vectors(
    store: dg.ResourceParam[OperationsStore], warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    """Every vector has 384 numbers and length 1: cosine is then a plain product."""
    return _judged(store, warehouse, "unit_vectors", "job_ads")


@dg.asset_check(asset="clusters", blocking=True)
def silhouettes_in_range(
    store: dg.ResourceParam[OperationsStore], warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    return _judged(store, warehouse, "silhouettes_in_range", "clusters")


@dg.asset_check(asset="audience_primitives", blocking=True)
def shares_sum_to_one(
    store: dg.ResourceParam[OperationsStore], warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    """Each ad's arms spend its whole budget, and one of them is broad."""
    return _judged(store, warehouse, "shares_sum_to_one", "audience_primitives")


def _judged(
    store: OperationsStore, warehouse: Warehouse, check: str, table: str
) -> dg.AssetCheckResult:
    """Failed for some teams it warns and names them: what reads the table leaves these teams out
    (`assets.gates`). Failed for every team it blocks the rest of the run."""
    from assets.gates import faults

    bad = faults(warehouse, check)
    teams = warehouse.sql(f"SELECT count(DISTINCT team_id) AS n FROM {table}").item()
    names = {str(t.id): t.name for t in store.teams.all()}
    return dg.AssetCheckResult(
        passed=not bad,
        severity=SEVERITY.ERROR if len(bad) >= teams else SEVERITY.WARN,
        metadata={"bad_rows": sum(bad.values()), "teams": [plain(names.get(t, t)) for t in bad]},
    )


@dg.asset_check(asset="due_ads")
def connections_last(
    store: dg.ResourceParam[OperationsStore], clock: dg.ResourceParam[Clock]
) -> dg.AssetCheckResult:
    """No account needs a person's new login within a week, and none failed when it was asked last:
    ads that are due could not be posted."""
    from assets.isolation import ACCOUNT
    from assets.publishing.expiring_logins import expiring

    now = clock.now()
    due = [
        said
        for t in store.teams.all()
        for said in expiring(t.name, store.connections.of_team(t.id), now)
    ]
    failing = [
        f"{n.subject.network} {n.subject.account_id}: {n.text}"
        for n in store.notes.read()
        if n.subject.stage == ACCOUNT
    ]
    return dg.AssetCheckResult(
        passed=not (due or failing),
        severity=SEVERITY.WARN,
        metadata={"to_renew": [*map(plain, due[:20])], "failing": [*map(plain, failing[:20])]},
    )
