"""What one ad's posting needs from the outside, brought together."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from assets.isolation import Isolation
from assets.publishing import caps
from assets.publishing.posting.state_machine import PostReport, post
from assets.publishing.posting.takedown import confirm_off, retire
from domain.errors import (
    AccountBusy,
    InputError,
    JobadsError,
    NotFound,
    Retryable,
    Throttled,
    Unexpected,
)
from domain.ledger import DueAd, Slot
from domain.lifecycle import AdStatus
from domain.platform import AdPlatform, Network
from resources.warehouse.tables import frame

if TYPE_CHECKING:
    from assets.outside import Outside

T = TypeVar("T")
TURNS_S = (0.5, 1.0, 2.0, *[4.0] * 14)
"""Waits for another ad's posting to the same account, which takes seconds; a minute in all."""


def post_job(job_id: str, outside: "Outside", say: Callable[[str], None]) -> list[PostReport]:
    """Post what is due of an ad on every network, and write the ledger's slots to the warehouse.
    One network's failure does not stop the others; one is raised at the end, first of all one that
    may be tried again."""
    ready, held = caps.due(outside, job_id)
    for d, error in held:
        say(f"{d.network}: {error}")
    reports: list[PostReport] = []
    with Isolation(outside.store, "posting", outside.settings) as guard:
        for d, report in post_all(ready, outside, guard, say, say):
            if report is None:
                say(f"{d.network}: {guard.failures[-1].error}")
            else:
                reports.append(report)
    record(ready, outside)
    failures = [failure.error for failure in guard.failures]
    if failures:
        raise next((e for e in failures if isinstance(e, Retryable | Throttled)), failures[0])
    return reports


def post_all(
    dues: Iterable[DueAd],
    outside: "Outside",
    guard: Isolation,
    say: Callable[[str], None],
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[DueAd, PostReport | None]]:
    """Post each, with its report, or None where it failed, which `guard` keeps. Of one ad whose
    money moves the networks that get less come first. `say` is told what is posted before it is,
    `progress` each step."""
    for d in sorted(dues, key=lambda d: (d.team_id, d.job_id, bool(_waiting(d, outside)))):
        yield d, guard.attempt(partial(_post, d, outside, say, progress), **place_of(d))


def _post(
    d: DueAd, outside: "Outside", say: Callable[[str], None], progress: Callable[[str], None]
) -> PostReport:
    caps.check(d, outside)
    return post_due(d, outside, say, progress)


def _waiting(d: DueAd, outside: "Outside") -> bool:
    """Whether what runs of the ad elsewhere is in the way; what cannot be asked waits."""
    try:
        return bool(outside.store.caps.room(d).beside)
    except JobadsError:
        return True


def place_of(of: DueAd | Slot) -> dict[str, str]:
    """The arguments by which `Isolation` knows an ad on an account."""
    return {
        "team_id": of.team_id,
        "network": of.network,
        "account_id": of.account_id,
        "job_id": of.job_id,
    }


def wait_for_account(call: Callable[[], T], outside: "Outside") -> T:
    """Wait, for a minute at most, until no other run posts to the account: whoever starts it, one
    ad at a time is posted to an account. AccountBusy after that, and nothing was begun."""
    for wait in TURNS_S:
        try:
            return call()
        except AccountBusy:
            outside.sleep(wait)
    return call()


def post_due(
    due: DueAd,
    outside: "Outside",
    say: Callable[[str], None],
    progress: Callable[[str], None] = lambda _: None,
) -> PostReport:
    """Bring one ad on one account to what its plan in force says."""
    plan = outside.store.plans.in_force(due.team_id, due.job_id, due.network)
    for edition in outside.store.plans.editions(due.team_id, due.job_id):
        if edition.network is due.network:
            say(f"{due.job_id} {due.network}: posts {edition}")
    with _noting(due, outside):
        platform = outside.platform(due.team_id, due.network, due.account_id)
        return wait_for_account(
            lambda: post(
                plan,
                platform=platform,
                leases=outside.store.leases,
                ledger=outside.store.ledger,
                now=outside.now(),
                sleep=outside.sleep,
                progress=progress,
            ),
            outside,
        )


@dataclass(frozen=True, slots=True)
class TakedownReport:
    """What was taken off a network and confirmed, and what was not, with the reason; `fault` is
    what failed in the house itself meanwhile."""

    off: tuple[DueAd, ...]
    unconfirmed: tuple[tuple[DueAd, JobadsError], ...]
    fault: Exception | None = None

    def raise_fault(self) -> None:
        """For the caller's end, when what was taken off has been told."""
        if self.fault is not None:
            raise self.fault


def retire_stale(outside: "Outside", job_id: str = "", *, at_once: int = 1) -> TakedownReport:
    """Take off the network what is paused, stopped, ended or archived here but may still run there:
    one ad, or all of them. One that fails does not stop the others. Of each network `at_once`
    accounts are asked side by side, so that one network's silence delays no other's. The caller
    records what was taken off (`record`), last of all, so that a lake that cannot be written stops
    no takedown, and then raises the house's own fault (`TakedownReport.raise_fault`)."""
    by_account: dict[tuple[Network, str], list[DueAd]] = {}
    for d in outside.store.schedule.stale(outside.now()):
        if job_id in ("", d.job_id):
            by_account.setdefault((d.network, d.account_id), []).append(d)
    with ExitStack() as open_pools:
        pools = {
            network: open_pools.enter_context(ThreadPoolExecutor(at_once))
            for network in {network for network, _ in by_account}
        }
        begun = [
            pools[network].submit(_retire_all, outside, listed)
            for (network, _), listed in by_account.items()
        ]
        try:
            each = [one.result() for one in begun]
        finally:
            for one in begun:
                one.cancel()  # after ctrl-c no account is begun any more
    return TakedownReport(
        tuple(d for taken in each for d in taken.off),
        tuple(pair for taken in each for pair in taken.unconfirmed),
        next((taken.fault for taken in each if taken.fault), None),
    )


def _retire_all(outside: "Outside", listed: Sequence[DueAd]) -> TakedownReport:
    """One account's. What fails in the house ends it; what it had not reached is unconfirmed."""
    off: list[DueAd] = []
    unconfirmed: list[tuple[DueAd, JobadsError]] = []
    fault: Exception | None = None
    try:
        with Isolation(outside.store, "posting", outside.settings) as guard:
            for d in listed:
                if guard.attempt(partial(_retire, d, outside), **place_of(d)):
                    off.append(d)
                else:
                    unconfirmed.append((d, guard.failures[-1].error))
    except Exception as error:  # the caller raises it, once the other accounts were asked too
        fault = error
        told = error if isinstance(error, JobadsError) else Unexpected(type(error).__name__)
        unconfirmed += [(d, told) for d in listed[len(off) + len(unconfirmed) :]]
    return TakedownReport(tuple(off), tuple(unconfirmed), fault)


def _retire(d: DueAd, outside: "Outside") -> bool:
    """What may run again is only paused; what is over is closed."""
    waits = _waits(d, outside)
    with _noting(d, outside):
        platform = _reached(d, outside)
        wait_for_account(
            lambda: retire(
                d.team_id,
                d.job_id,
                d.account_id,
                platform=platform,
                leases=outside.store.leases,
                ledger=outside.store.ledger,
                sleep=outside.sleep,
                close=not waits,
            ),
            outside,
        )
    return True


def _reached(d: DueAd, outside: "Outside") -> AdPlatform:
    try:
        return outside.platform(d.team_id, d.network, d.account_id)
    except NotFound:
        raise NotFound(
            f"the team has no connection to {d.account_id}, and what runs there cannot be paused",
            where=str(d.network),
            mend=f"connect it again (jobads connect {d.network}); or end the ad in the network's "
            f"own tool and then say so: {confirm_off(d)}",
        ) from None


def _waits(d: DueAd, outside: "Outside") -> bool:
    """Whether the ad may run again: it is paused, stopped, or nobody can read what it is."""
    try:
        ad = outside.store.ads.get(d.team_id, d.job_id)
    except InputError:
        return True
    stopped = {s.team_id for s in outside.store.stops.active()} & {None, d.team_id}
    return ad.status is AdStatus.PAUSED or (bool(stopped) and ad.due(outside.now()))


def _noting(due: DueAd, outside: "Outside") -> AbstractContextManager[None]:
    """A token that died while we worked is noted at its connection."""
    from resources.platforms import reauth_noted

    return reauth_noted(
        outside.store.connections, due.team_id, due.network, due.account_id, outside.settings
    )


def record(dues: Iterable[DueAd | Slot], outside: "Outside") -> None:
    """The slots of these ads as rows of the table posted_campaigns; other ads' rows stay."""
    import json

    import polars as pl

    jobs = sorted({(d.team_id, d.job_id) for d in dues})
    if not jobs:
        return
    rows = [
        {
            "team_id": s.team_id,
            "job_id": s.job_id,
            "network": str(s.network),
            "account_id": s.account_id,
            "arm": s.arm,
            "cluster_key": s.arm,
            "state": str(s.state),
            "revision": s.revision,
            "mode": str(s.mode),
            "reason": s.reason,
            "posted_at": outside.now(),
            "objects": json.dumps(
                {k: p.object_id for k, p in sorted(outside.store.ledger.posted(s).items())}
            ),
        }
        for team_id, job_id in jobs
        for s in outside.store.ledger.slots(team_id, job_id)
    ]
    # A slot that was closed and opened again has an older row: the newest is what stands.
    newest = {(r["job_id"], r["network"], r["account_id"], r["arm"]): r for r in rows}
    named = pl.DataFrame(jobs, schema=["team_id", "job_id"], orient="row")
    table = frame(list(newest.values()), "posted_campaigns")
    outside.warehouse.exchange({"posted_campaigns": table}, named)
