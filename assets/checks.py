"""What must hold before anything downstream may use a table."""

import dagster as dg

from assets.outside import Outside
from domain.plain_text import plain


@dg.asset_check(asset="job_ads", blocking=True)
def no_contact_data(outside: Outside) -> dg.AssetCheckResult:
    """No redacted text shows an address for e-mail."""
    shown = outside.warehouse.sql(
        r"SELECT count(*) AS n FROM job_ads WHERE regexp_matches(text, '[\w.]+@[\w-]+\.\w+')"
    ).item()
    return dg.AssetCheckResult(passed=shown == 0, metadata={"texts_with_email": shown})


@dg.asset_check(asset="embeddings", blocking=True)
def unit_vectors(outside: Outside) -> dg.AssetCheckResult:
    """Every vector has 384 numbers and length 1: cosine is then a plain product."""
    odd = outside.warehouse.sql(
        "SELECT count(*) AS n FROM embeddings WHERE len(vector) <> 384 "
        "OR abs(list_dot_product(vector, vector) - 1) > 1e-3"
    ).item()
    return dg.AssetCheckResult(passed=odd == 0, metadata={"odd_vectors": odd})


@dg.asset_check(asset="clusters", blocking=True)
def silhouettes_in_range(outside: Outside) -> dg.AssetCheckResult:
    odd = outside.warehouse.sql(
        "SELECT count(*) AS n FROM clusters WHERE cluster_silhouette NOT BETWEEN -1 AND 1"
    ).item()
    return dg.AssetCheckResult(passed=odd == 0, metadata={"out_of_range": odd})


@dg.asset_check(asset="audience_primitives", blocking=True)
def shares_sum_to_one(outside: Outside) -> dg.AssetCheckResult:
    """Each ad's arms spend its whole budget, and one of them is broad."""
    odd = outside.warehouse.sql(
        "SELECT count(*) AS n FROM (SELECT team_id, job_id FROM audience_primitives "
        "GROUP BY ALL HAVING abs(sum(budget_share) - 1) > 1e-4 "
        "OR count(*) FILTER (WHERE arm = 'broad') <> 1)"
    ).item()
    return dg.AssetCheckResult(passed=odd == 0, metadata={"ads_out_of_balance": odd})


@dg.asset_check(asset="due_ads")
def connections_last(outside: Outside) -> dg.AssetCheckResult:
    """No account needs a person's new login within a week: ads that are due could not be posted."""
    from assets.publishing.expiring import expiring

    store, now = outside.store, outside.now()
    due = [said for t in store.teams() for said in expiring(t.name, store.connections(t.id), now)]
    return dg.AssetCheckResult(
        passed=not due,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"to_renew": [*map(plain, due[:20])]},
    )
