"""What a change of an ad, a plan or a cap means for what runs on the networks at this moment."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from domain.errors import InputError, JobadsError, Retryable
from domain.lifecycle import TERMINAL
from jobads.output import say
from resources.operations.records import Team
from resources.operations.store import OperationsStore
from resources.settings import Settings

if TYPE_CHECKING:
    from assets.outside import Outside
    from assets.publishing.service import TakedownReport
    from domain.job_ad import JobAd
    from domain.ledger import DueAd, Slot

# A posting that is under way ends with the request that it is in; then its place is free.
PATIENCE_S = (5.0, 15.0, 30.0, 60.0)
SHORT_PATIENCE_S = (5.0, 15.0)
WHO = (
    "posting_sensor takes it off at its next look, if it is switched on (Dagster, Automation); "
    "by hand: jobads publish --due"
)


def take_off(team: Team, jobs: Collection[str], *, later: bool) -> bool:
    """Take what these ads should not run any more off the networks, and print what was confirmed.

    With `later`, or where a network does not answer, print what still runs and who will stop it;
    False then. Nothing is started or asked where nothing runs."""
    settings = Settings.from_env()
    store = OperationsStore.open(settings)
    listed = _stale(store, team, jobs)
    if not listed:
        return True
    if later:
        _say_running(store, listed, "still runs")
        return False
    from assets.outside import Outside
    from jobads.twins import twins

    try:
        with twins(settings):
            taken = retire_patiently(Outside.from_env(), sorted({d.job_id for d in listed}))
    except JobadsError as error:
        _say_running(store, listed, f"NOT CONFIRMED, may still run: {error}")
        return False
    for d in taken.off:
        say(f"{d.job_id} {d.network} {d.account_id}: taken off, confirmed paused")
    for d, why in taken.unconfirmed:
        _say_running(store, [d], f"NOT CONFIRMED, may still run: {why}")
    if not isinstance(taken.fault, JobadsError):
        taken.raise_fault()
    return not taken.unconfirmed


def retire_patiently(
    outside: "Outside",
    jobs: Sequence[str] = (),
    patience_s: Sequence[float] = SHORT_PATIENCE_S,
    at_once: int = 1,
) -> "TakedownReport":
    """Take off what is stale, of these ads or of all; tried again while a posting that was under
    way lets go of its place. A lake that cannot be written is told, and stops nothing; what else
    fails in the house is the answer's `fault`, for the caller to raise last."""
    from assets.publishing.service import record

    taken = _retired(outside, jobs, at_once)
    for wait in patience_s:
        if not any(isinstance(error, Retryable) for _, error in taken.unconfirmed):
            break
        outside.sleep(wait)
        try:
            again = _retired(outside, jobs, at_once)
        except Exception as error:
            taken = replace(taken, fault=error)
            break
        taken = replace(again, off=(*taken.off, *again.off))
    try:
        record(taken.off, outside)
    except JobadsError as error:
        say(f"taken off, but not in the table posted_campaigns yet: {error}", err=True)
    return taken


def close_unreachable(store: OperationsStore, slots: "Sequence[Slot]", who: str) -> None:
    """Close the open slots of one ad on one account, which no connection reaches any more, on the
    word of `who`. InputError while the team is connected to it."""
    from assets.outside import Outside
    from assets.publishing.posting import takedown
    from assets.publishing.service import record
    from resources.operations.notes import Subject

    of = slots[0]
    held = {(c.network, c.account_id) for c in store.connections.of_team(of.team_id)}
    if (of.network, of.account_id) in held:
        raise InputError(
            f"the team is connected to {of.network} {of.account_id}, and jobads itself takes off "
            "what runs there",
            mend="jobads ads pause or archive, then jobads publish --due; only an account that was "
            "removed needs a person's word",
        )
    place = (of.team_id, of.job_id, of.network, of.account_id)
    takedown.close_unreachable(place, who=who, leases=store.leases, ledger=store.ledger)
    note = Subject(of.team_id, "posting", of.network, of.account_id, of.job_id)
    store.notes.write((), [note])
    try:
        record(slots[:1], Outside.from_env())
    except JobadsError as error:
        say(f"closed, but not in the table posted_campaigns yet: {error}", err=True)


def _retired(outside: "Outside", jobs: Sequence[str], at_once: int) -> "TakedownReport":
    from assets.publishing.service import TakedownReport, retire_stale

    each = [retire_stale(outside, job, at_once=at_once) for job in jobs or ("",)]
    return TakedownReport(
        tuple(d for taken in each for d in taken.off),
        tuple(pair for taken in each for pair in taken.unconfirmed),
        next((taken.fault for taken in each if taken.fault), None),
    )


def _stale(store: OperationsStore, team: Team, jobs: Collection[str]) -> "list[DueAd]":
    return [
        d
        for d in store.schedule.stale(datetime.now(UTC))
        if d.team_id == str(team.id) and d.job_id in jobs
    ]


def _say_running(store: OperationsStore, listed: "Sequence[DueAd]", what: str) -> None:
    for d in listed:
        arms = sorted(
            s.arm
            for s in store.ledger.slots(d.team_id, d.job_id)
            if (s.network, s.account_id) == (d.network, d.account_id) and s.state not in TERMINAL
        )
        say(f"{d.job_id} on {d.network} {d.account_id} ({', '.join(arms)}): {what}. {WHO}")


def version_lines(store: OperationsStore, team: Team, ad: "JobAd") -> list[str]:
    """For each network of an ad, in words: which version of the ad is approved, whether that is the
    ad as it is now, or why no plan is in force."""
    ruling = {e.network: e for e in store.plans.editions(team.id, ad.id)}
    last = {a.plan.network: a for a in store.plans.accepted(team.id) if a.plan.job_id == str(ad.id)}
    lines = []
    for network in sorted(ad.platforms | ruling.keys()):
        edition, newest = ruling.get(network), last.get(network)
        if edition:
            lines.append(f"{network}: approved is {edition}")
        if newest and newest.waits:
            lines.append(f"{network}: plan {newest.digest} waits for an approval")
        elif not edition:
            why = f"; plan {newest.digest} is {newest.state}" if newest else ""
            lines.append(f"{network}: no approved plan{why}")
    return lines
