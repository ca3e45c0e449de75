"""What must hold before anything downstream may use a table."""

from typing import Any

import dagster as dg

from assets.outside import Outside

SEVERITY = dg.AssetCheckSeverity


@dg.asset_check(asset="job_ads", blocking=True)
def no_contact_data(outside: Outside) -> dg.AssetCheckResult:
    """No redacted text shows an address for e-mail."""
    return _judged(outside, "no_contact_data", "job_ads")


@dg.asset_check(asset="embeddings", blocking=True)
def unit_vectors(outside: Outside) -> dg.AssetCheckResult:
    """Every vector has 384 numbers and length 1: cosine is then a plain product."""
    return _judged(outside, "unit_vectors", "job_ads")


@dg.asset_check(asset="clusters", blocking=True)
def silhouettes_in_range(outside: Outside) -> dg.AssetCheckResult:
    return _judged(outside, "silhouettes_in_range", "clusters")


@dg.asset_check(asset="audience_primitives", blocking=True)
def shares_sum_to_one(outside: Outside) -> dg.AssetCheckResult:
    """Each ad's arms spend its whole budget, and one of them is broad."""
    return _judged(outside, "shares_sum_to_one", "audience_primitives")


def _judged(outside: Outside, check: str, table: str) -> dg.AssetCheckResult:
    """Failed for some teams it warns and names them: what reads the table leaves these teams out
    (`assets.gates`). Failed for every team it blocks the rest of the run."""
    from assets.gates import faults

    bad = faults(outside.warehouse, check)
    teams = outside.warehouse.sql(f"SELECT count(DISTINCT team_id) AS n FROM {table}").item()
    names = {str(t.id): t.name for t in outside.store.teams()}
    return dg.AssetCheckResult(
        passed=not bad, severity=SEVERITY.ERROR if len(bad) >= teams else SEVERITY.WARN,
        metadata={"bad_rows": sum(bad.values()), "teams": [names.get(t, t) for t in bad]},
    )  # fmt: skip


@dg.asset_check(asset="audience_plans", blocking=True)
def plans_pass_the_second_checker(outside: Outside) -> dg.AssetCheckResult:
    """The checker that shares no rule with the compiler accepts every body of every plan."""
    import json

    from assets.publishing.checking import check
    from domain.errors import PolicyRefusal

    refused = []
    for row in outside.warehouse.table("audience_plans").iter_rows(named=True):
        bodies = {**json.loads(row["plan"])["shared"], **json.loads(row["bodies"])}
        for kind, body in bodies.items():
            try:
                check(row["network"], kind, with_ids(body))
            except PolicyRefusal as error:
                refused.append(f"{row['job_id']} {row['arm']}: {error}")
    return dg.AssetCheckResult(passed=not refused, metadata={"refused": refused[:20]})


def with_ids(body: Any) -> Any:
    """The body with a number for each object that is not made yet, as it will be sent."""
    if isinstance(body, dict):
        if body.keys() == {"$id"}:
            return "1"
        return {key: with_ids(value) for key, value in body.items()}
    return [with_ids(value) for value in body] if isinstance(body, list) else body


@dg.asset_check(asset="due_ads")
def connections_last(outside: Outside) -> dg.AssetCheckResult:
    """No account needs a person's new login within a week, and none failed when it was asked last:
    ads that are due could not be posted."""
    from assets.publishing.expiring import expiring
    from assets.publishing.isolation import ACCOUNT

    store, now = outside.store, outside.now()
    due = [said for t in store.teams() for said in expiring(t.name, store.connections(t.id), now)]
    failing = [
        f"{n.subject.network} {n.subject.account_id}: {n.text}"
        for n in store.notes()
        if n.subject.stage == ACCOUNT
    ]
    return dg.AssetCheckResult(
        passed=not (due or failing), severity=SEVERITY.WARN,
        metadata={"to_renew": due[:20], "failing": failing[:20]},
    )  # fmt: skip
