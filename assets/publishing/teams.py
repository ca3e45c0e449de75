"""What one ad's posting needs from the outside, brought together."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assets.publishing.posting import PostReport, post
from assets.publishing.retiring import retire
from domain.errors import JobadsError
from domain.ledger import DueAd
from domain.lifecycle import AdStatus

if TYPE_CHECKING:
    from assets.outside import Outside


def post_job(job_id: str, outside: "Outside", say: Callable[[str], None]) -> list[PostReport]:
    """Post what is due of an ad on every network, and write the ledger's slots to the warehouse.
    One network's failure does not stop the others; the first is raised at the end."""
    due = [d for d in outside.store.due(outside.now()) if d.job_id == job_id]
    reports: list[PostReport] = []
    failures: list[JobadsError] = []
    for d in due:
        try:
            reports.append(post_due(d, outside, say))
        except JobadsError as error:
            say(f"{d.network}: {error}")
            failures.append(error)
    for team_id in {d.team_id for d in due}:
        record(team_id, outside)
    if failures:
        raise failures[0]
    return reports


def post_due(due: DueAd, outside: "Outside", say: Callable[[str], None]) -> PostReport:
    plan = outside.store.accepted_plan(due.team_id, due.job_id, due.network)
    for edition in outside.store.editions(due.team_id, due.job_id):
        if edition.network is due.network:
            say(f"{due.network}: posts {edition}")
    with _noting(due, outside):
        return post(
            plan, platform=outside.platform(due.team_id, due.network), ledger=outside.store,
            now=outside.now(), sleep=outside.sleep, progress=say,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken off a network and confirmed, and what was not, with the reason."""

    off: tuple[DueAd, ...]
    unconfirmed: tuple[tuple[DueAd, JobadsError], ...]


def retire_stale(outside: "Outside", job_id: str = "") -> Taken:
    """Take off the network what is paused, stopped, ended or archived here but may still run there:
    one ad, or all of them. One that fails does not stop the others."""
    off: list[DueAd] = []
    unconfirmed: list[tuple[DueAd, JobadsError]] = []
    for d in outside.store.stale(outside.now()):
        if job_id not in ("", d.job_id):
            continue
        try:
            _retire(d, outside)
            off.append(d)
        except JobadsError as error:
            unconfirmed.append((d, error))
    for team_id in {d.team_id for d in off}:
        record(team_id, outside)
    return Taken(tuple(off), tuple(unconfirmed))


def _retire(d: DueAd, outside: "Outside") -> None:
    """What may run again is only paused; what is over is closed."""
    ad = outside.store.job_ad(d.team_id, d.job_id)
    stopped = {s.team_id for s in outside.store.stops()} & {None, d.team_id}
    waits = ad.status is AdStatus.PAUSED or (bool(stopped) and ad.due(outside.now()))
    with _noting(d, outside):
        retire(
            d.team_id, d.job_id, d.account_id, platform=outside.platform(d.team_id, d.network),
            ledger=outside.store, sleep=outside.sleep, close=not waits,
        )  # fmt: skip


def _noting(due: DueAd, outside: "Outside") -> AbstractContextManager[None]:
    """A token that died while we worked is noted at its connection."""
    from resources.platforms import reauth_noted

    return reauth_noted(
        outside.store, due.team_id, due.network, due.account_id, outside.settings
    )  # fmt: skip


def record(team_id: str, outside: "Outside") -> None:
    """The team's slots as the table posted_campaigns."""
    import json

    import polars as pl

    rows = [
        {
            "team_id": s.team_id, "job_id": s.job_id, "network": str(s.network),
            "account_id": s.account_id, "arm": s.arm, "cluster_key": s.arm,
            "state": str(s.state), "revision": s.revision, "mode": str(s.mode),
            "reason": s.reason, "posted_at": outside.now(),
            "objects": json.dumps(
                {k: p.object_id for k, p in sorted(outside.store.posted(s).items())}
            ),
        }
        for s in outside.store.slots(team_id)
    ]  # fmt: skip
    # A slot that was closed and opened again has an older row: the newest is what stands.
    newest = {(r["job_id"], r["network"], r["account_id"], r["arm"]): r for r in rows}
    if newest:
        frame = pl.DataFrame(list(newest.values()), infer_schema_length=None)
        outside.warehouse.replace("posted_campaigns", frame, {"team_id": team_id})
