"""The state machine on the real operations store: SQLite, a commit for every step."""

import pytest

from assets.publishing.posting.state_machine import post
from assets.publishing.posting.takedown import retire
from domain.lifecycle import AdStatus, SlotState
from domain.platform import Network
from resources.operations.store import OperationsStore
from resources.security.vault import Vault

EXPECTED = {"image": 1, "video": 0, "campaign": 1, "adset": 3, "creative": 3, "ad": 3}


@pytest.fixture
def world(tmp_path, parts, ready, now):
    """A fresh store with a scheduled ad and its accepted plan, for each call."""
    opened = []

    def make():
        store = OperationsStore(
            f"sqlite:///{tmp_path / f'{len(opened)}.db'}",
            now=lambda: now,
            vault=Vault(tmp_path / "vault.key"),
        )
        opened.append(store)
        store.schema.migrate()
        team = store.teams.add("Acme", "example.com", "EUR", "Acme", "Acme")
        user = store.teams.system_user(team.id)
        job = parts.job_ad(team_id=team.id, created_by_user_id=user)
        store.ads.save_drafts(team.id, [job])
        store.ads.set_status(team.id, job.id, AdStatus.SCHEDULED)
        store.plans.accept(ready(job), ad_version=job.version, rule="test")
        return store, team, job

    yield make
    for store in opened:
        store.close()


def run(store, team, job, platform, now):
    plan = store.plans.in_force(str(team.id), str(job.id), Network.META)
    return post(
        plan,
        platform=platform,
        leases=store.leases,
        ledger=store.ledger,
        now=now,
        sleep=lambda _: None,
    )


def counts(platform):
    return {kind: len(platform.of(kind)) for kind in platform.kinds}


def test_a_due_ad_is_posted_once_and_goes_live(fakes, world, now):
    """After posting nothing is due, the ad is live, and the slots know their objects."""
    store, team, job = world()
    platform = fakes.FakePlatform()
    assert [d.job_id for d in store.schedule.due(now)] == [str(job.id)]
    report = run(store, team, job, platform, now)
    assert report.live and counts(platform) == EXPECTED
    assert list(store.schedule.due(now)) == []
    assert store.ads.get(team.id, job.id).status == AdStatus.LIVE


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_every_third_request_resumes_from_the_rows(fakes, world, now, when):
    """The store's rows alone carry the posting over a crash: each object once."""
    store, team, job = world()
    probe = fakes.FakePlatform()
    run(store, team, job, probe, now)
    for n in range(1, len(probe.calls) + 1, 3):
        store, team, job = world()
        platform = fakes.FakePlatform(faults={n: (when, fakes.Crash)})
        with pytest.raises(fakes.Crash):
            run(store, team, job, platform, now)
        assert run(store, team, job, platform, now).live
        assert counts(platform) == EXPECTED, n


def test_a_posting_that_no_arm_survives_fails_the_ad_and_rests(fakes, world, now):
    """Everything refused: slots failed, ad failed, nothing due, nothing delivering."""
    store, team, job = world()
    platform = fakes.FakePlatform(refuse="daily_budget")
    report = run(store, team, job, platform, now)
    assert {s.state for s in report.slots} == {SlotState.FAILED}
    assert store.ads.get(team.id, job.id).status == AdStatus.FAILED
    assert list(store.schedule.due(now)) == [] and platform.delivering() == []


def test_an_archived_ad_is_taken_off_and_its_slots_closed(fakes, world, now):
    """stale() names it, retire() confirms, and then it is stale no more."""
    store, team, job = world()
    platform = fakes.FakePlatform()
    run(store, team, job, platform, now)
    store.ads.set_status(team.id, job.id, AdStatus.ARCHIVED)
    (stale,) = store.schedule.stale(now)
    retire(
        stale.team_id,
        stale.job_id,
        stale.account_id,
        platform=platform,
        leases=store.leases,
        ledger=store.ledger,
        sleep=lambda _: None,
        close=True,
    )
    assert platform.delivering() == [] and list(store.schedule.stale(now)) == []


def test_a_failed_arm_does_not_disturb_the_others_again(fakes, world, now):
    """Posting again after one arm failed asks the network nothing."""
    store, team, job = world()
    platform = fakes.FakePlatform(refuse="Spark")
    run(store, team, job, platform, now)
    before = len(platform.calls)
    run(store, team, job, platform, now)
    assert len(platform.calls) == before and len(platform.delivering()) == 2
