"""Real processes on one database: leases, slots, migrations and kill -9."""

import os
import signal
import subprocess
import sys
import textwrap
import uuid

import pytest

from domain.errors import IllegalMove, Retryable
from domain.lifecycle import SlotState
from domain.plan import SHARED
from domain.platform import Network
from resources.operations.store import OperationsStore

PRELUDE = """
import sys, time, os
from pathlib import Path
from domain.errors import JobadsError, Retryable
from domain.lifecycle import SlotState
from domain.platform import Mode, Network
from datetime import datetime
from domain.ledger import Lease, Posted
from resources.operations.store import OperationsStore
url, team, job = sys.argv[1:4]
store = OperationsStore(url)
place = (team, job, Network.META, "act_1")
"""


def start(world, code):
    program = PRELUDE + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", program, world.url, str(world.team.id), str(world.job.id)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def test_two_processes_never_hold_one_lease_at_once(world, tmp_path):
    """Each holder makes a file that must not exist yet; the lease is what keeps them apart."""
    marker = tmp_path / "held"
    code = f"""
    won, until = 0, time.monotonic() + 4
    while time.monotonic() < until:
        try:
            with store.leases.acquire(*place, ttl_s=30):
                handle = os.open({str(marker)!r}, os.O_CREAT | os.O_EXCL)
                os.close(handle); time.sleep(0.01); os.unlink({str(marker)!r})
                won += 1
        except Retryable:
            time.sleep(0.005)
    print(won)
    """
    wins = [int(finish(p)) for p in [start(world, code) for _ in range(3)]]
    assert sum(wins) > 20 and sum(win > 0 for win in wins) >= 2


def test_processes_that_open_the_same_slots_make_one_open_row_each(world):
    """Three processes open every arm at once; the ids they get are the same."""
    held = world.lease(world.accepted())
    code = f"""
    plan = store.plans.in_force(team, job, Network.META)
    held = Lease(*place, {held.holder!r}, {held.epoch}, datetime.max)
    arms = ("campaign", "broad", "cooks")
    ids = [store.ledger.open_slot(plan, arm, Mode.SANDBOX, held).id for arm in arms]
    print(",".join(ids))
    """
    answers = {finish(p) for p in [start(world, code) for _ in range(3)]}
    assert len(answers) == 1
    assert len(world.store.ledger.slots(world.team.id)) == 3


def test_of_two_processes_that_move_one_slot_one_wins(world):
    """The loser is told that the slot is no longer what it read."""
    slot = world.open(world.accepted(), "broad")
    code = """
    slot = store.ledger.slots(team)[0]
    time.sleep(0.5)
    try:
        store.ledger.move(slot, SlotState.SENDING); print("won")
    except JobadsError:
        print("lost")
    """
    answers = sorted(finish(p).strip() for p in [start(world, code) for _ in range(3)])
    assert answers == ["lost", "lost", "won"]
    with pytest.raises(IllegalMove):
        world.store.ledger.move(slot, SlotState.SENDING)


def test_kill_9_keeps_what_was_committed_and_frees_the_lease_in_time(world):
    """The dead holder's rows stay, its lease runs out, and that counts as a try."""
    world.accepted()
    code = """
    plan = store.plans.in_force(team, job, Network.META)
    with store.leases.acquire(*place, ttl_s=60) as lease:
        slot = store.ledger.open_slot(plan, "campaign", Mode.SANDBOX, lease)
        slot = store.ledger.move(slot, SlotState.SENDING)
        store.ledger.record(slot, Posted("campaign", "123", "aa-key"))
        print("ready", flush=True); time.sleep(60)
    """
    process = start(world, code)
    assert process.stdout and process.stdout.readline().strip() == "ready"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    slot = world.store.ledger.slots(world.team.id)[0]
    assert (slot.arm, slot.state) == (SHARED, SlotState.SENDING)
    assert world.store.ledger.posted(slot)["campaign"].object_id == "123"
    place = (slot.team_id, slot.job_id, Network.META, "act_1")
    with pytest.raises(Retryable), world.store.leases.acquire(*place, ttl_s=5):
        pass
    from datetime import UTC, datetime, timedelta

    world.clock.at = datetime.now(UTC) + timedelta(seconds=61)
    assert world.store.schedule.due(world.clock())[0].attempt == 1
    with world.store.leases.acquire(*place, ttl_s=5):
        assert world.store.schedule.due(world.clock())[0].attempt == 1


def test_a_transaction_killed_half_way_leaves_nothing(world):
    """Drafts are stored all or none: a kill inside the transaction stores none."""
    code = """
    import dataclasses, uuid, signal
    from resources.operations import ads
    ad = store.ads.get(team, job)
    note_all = ads.note_all
    def dying(*what, **named):
        note_all(*what, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    ads.note_all = dying
    store.ads.save_drafts(team, [dataclasses.replace(ad, id=uuid.uuid4()) for _ in range(5)])
    """
    process = start(world, code)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    assert len(world.store.ads.of_team(world.team.id)) == 1


def test_processes_that_migrate_at_once_do_not_disturb_each_other(database_url):
    """The first creates, the others find it done."""
    code = (
        "import sys; from resources.operations.store import OperationsStore;"
        "OperationsStore(sys.argv[1]).schema.migrate()"
    )
    command = [sys.executable, "-c", code, database_url]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        finish(process)
    assert OperationsStore(database_url).schema.is_migrated()


def test_two_processes_that_meet_a_new_home_read_one_key(tmp_path):
    """The key file is made once; what one seals the other opens."""
    code = (
        "import sys; from pathlib import Path; from resources.security.vault import Vault;"
        "vault = Vault(Path(sys.argv[1])); vault.ring.create(); print(vault.derive('x').hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / uuid.uuid4().hex / "vault.key")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({p.communicate()[0] for p in processes}) == 1


def test_processes_that_post_two_ads_never_hold_one_account_at_once(world, another_draft, tmp_path):
    """Three processes take turns at two ads of one account; the file is there for one at a time."""
    other = another_draft(title="Baker")
    world.store.ads.save_drafts(world.team.id, [other])
    marker = tmp_path / "held"
    code = f"""
    ads, won, until = (job, {str(other.id)!r}), 0, time.monotonic() + 4
    while time.monotonic() < until:
        try:
            with store.leases.acquire(team, ads[won % 2], Network.META, "act_1", ttl_s=30):
                handle = os.open({str(marker)!r}, os.O_CREAT | os.O_EXCL)
                os.close(handle); time.sleep(0.01); os.unlink({str(marker)!r})
                won += 1
        except Retryable:
            time.sleep(0.005)
    print(won)
    """
    wins = [int(finish(p)) for p in [start(world, code) for _ in range(3)]]
    assert sum(wins) > 10 and sum(win > 0 for win in wins) >= 2
