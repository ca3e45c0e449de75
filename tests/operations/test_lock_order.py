"""PostgreSQL locks rows: whoever changes teams, leases and ads locks them in one order."""

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from domain.errors import HouseFault, Retryable
from domain.lifecycle import AdStatus
from resources.operations.database import Database
from resources.operations.schema import teams

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

PRELUDE = """
import sys, time
from domain.errors import IllegalMove, InputError, LeaseLost, Retryable
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.platform import Network
from resources.operations.store import OperationsStore
url, team, job = sys.argv[1:4]
store, rounds, until = OperationsStore(url), 0, time.monotonic() + 4
user = store.teams.system_user(team)
while time.monotonic() < until:
    rounds += 1
"""
BESIDE = {
    "pauses": """
    try:
        store.ads.set_status(team, job, (AdStatus.PAUSED, AdStatus.LIVE)[rounds % 2])
    except IllegalMove as error:
        assert "live" in str(error) or "paused" in str(error), error
    """,
    "edits": """
    store.ads.edit(team, job, budget_daily=Money(1500 + rounds % 2, "EUR"))
    """,
    "accepts and withdraws": """
    plan = store.plans.accepted(team)[0].plan
    version = store.ads.get(team, job).version
    try:
        store.plans.accept(plan, ad_version=version, rule="race")
        store.approvals.withdraw(team, job, plan.network, plan.digest, user_id=user)
    except IllegalMove:
        pass
    """,
    "renews its lease": """
    try:
        with store.leases.acquire(team, job, Network.META, "act_1", ttl_s=30) as lease:
            for _ in range(5):
                lease = store.leases.renew(lease, 30)
                store.ledger.adopt(lease)
                store.ledger.settle(lease)
    except LeaseLost:
        pass
    except Retryable as error:
        assert "another process is posting" in str(error), error
    """,
}


def start(world, what):
    command = [sys.executable, "-c", PRELUDE + textwrap.indent(textwrap.dedent(what), "    ")]
    command += [world.url, str(world.team.id), str(world.job.id)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("beside", BESIDE)
def test_a_stop_of_everything_takes_effect_whatever_goes_on_beside_it(world, beside):
    """Two processes change the ad all the time: no stop fails, nor anything of theirs."""
    world.store.teams.add("Other", "other.example", "EUR")
    world.post(world.accepted())
    world.let_go()
    processes = [start(world, BESIDE[beside]) for _ in range(2)]
    stops, times = world.store.stops, 0
    while any(process.poll() is None for process in processes):
        assert stops.add(None, "ann", "wrong pay in every ad")
        assert stops.release(None, "ann")
        times += 1
    assert times > 10
    assert [process.communicate()[1] for process in processes] == ["", ""]


def test_stops_and_releases_of_a_team_and_of_everything_never_wait_for_each_other(world):
    """Three processes at once, on two teams."""
    world.store.teams.add("Other", "other.example", "EUR")
    what = """
    whom = (team, None)[rounds % 2]
    store.stops.add(whom, "ann", "wait")
    store.stops.release(whom, "ann")
    """
    processes = [start(world, what) for _ in range(3)]
    assert [process.communicate(timeout=120)[1] for process in processes] == [""] * 3


def test_a_transaction_undone_by_a_deadlock_may_be_tried_again_and_ends_no_run(world):
    """Two transactions wait for each other's team; the one that PostgreSQL undoes is told so."""
    other = world.store.teams.add("Other", "other.example", "EUR")
    ids, both = (str(world.team.id), str(other.id)), Barrier(2)

    def change(order):
        database = Database(world.url)
        try:
            with database.write() as connection:
                for team in order:
                    row = sa.select(teams.c.id).where(teams.c.id == team).with_for_update()
                    connection.execute(row)
                    if team == order[0]:
                        both.wait(timeout=60)
        except Retryable as error:
            return error
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        (undone,) = filter(None, pool.map(change, (ids, ids[::-1])))
    assert "deadlock" in str(undone) and not isinstance(undone, HouseFault)
    world.status(AdStatus.SCHEDULED)
