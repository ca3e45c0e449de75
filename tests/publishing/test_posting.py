"""Posting against an in-memory network that fails before and after each request."""

import pytest

from assets.publishing.posting.state_machine import post
from assets.publishing.posting.takedown import retire
from domain.errors import Ambiguous, Refused, Retryable, Throttled
from domain.lifecycle import SlotState
from domain.money import Money
from domain.plan import SHARED

NOW = None
EXPECTED = {"image": 1, "video": 0, "campaign": 1, "adset": 3, "creative": 3, "ad": 3}


def counts(platform):
    return {kind: len(platform.of(kind)) for kind in platform.kinds}


def run(plan, platform, ledger):
    return post(
        plan, platform=platform, leases=ledger, ledger=ledger, now=NOW, sleep=lambda _: None
    )


@pytest.fixture
def clean(fakes, ready):
    """How many requests and commits an undisturbed posting takes."""
    platform, ledger = fakes.FakePlatform(), fakes.MemoryLedger()
    run(ready(), platform, ledger)
    return len(platform.calls), ledger.commits


def test_a_plan_becomes_one_campaign_with_an_ad_set_for_each_arm(fakes, ready):
    """Two segments and broad: three ad sets, all delivering, every slot active."""
    platform, ledger = fakes.FakePlatform(), fakes.MemoryLedger()
    report = run(ready(), platform, ledger)
    assert counts(platform) == EXPECTED
    assert report.live and len(platform.delivering()) == 3
    assert {s.state for s in report.slots} == {SlotState.ACTIVE}


def test_posting_again_asks_the_network_nothing(fakes, ready):
    """A second call on a settled ad sends no request at all."""
    platform, ledger = fakes.FakePlatform(), fakes.MemoryLedger()
    run(ready(), platform, ledger)
    before = len(platform.calls)
    run(ready(), platform, ledger)
    assert len(platform.calls) == before


@pytest.mark.parametrize(
    ("when", "error"), [("before", Ambiguous), ("after", Ambiguous), ("before", Retryable)]
)
def test_every_lost_answer_leaves_each_object_exactly_once(fakes, ready, clean, when, error):
    """A fault at any request, before or after it took effect, duplicates and loses nothing."""
    for n in range(1, clean[0] + 1):
        platform, ledger = fakes.FakePlatform(faults={n: (when, error)}), fakes.MemoryLedger()
        run(ready(), platform, ledger)
        assert counts(platform) == EXPECTED, n
        assert len(platform.delivering()) == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_at_any_request_resumes(fakes, ready, clean, when):
    """Death before or after each request: the next run finishes with each object once."""
    for n in range(1, clean[0] + 1):
        platform, ledger = (
            fakes.FakePlatform(faults={n: (when, fakes.Crash)}),
            fakes.MemoryLedger(),
        )
        with pytest.raises(fakes.Crash):
            run(ready(), platform, ledger)
        assert platform.delivering() == [] or ledger.state("broad") != SlotState.SENDING
        run(ready(), platform, ledger)
        assert counts(platform) == EXPECTED, n
        assert len(platform.delivering()) == 3


def test_a_process_killed_after_any_commit_resumes(fakes, ready, clean):
    """Death right after each ledger commit: the next run finishes with each object once."""
    for n in range(1, clean[1] + 1):
        platform, ledger = fakes.FakePlatform(), fakes.MemoryLedger(crash_at=n)
        with pytest.raises(fakes.Crash):
            run(ready(), platform, ledger)
        run(ready(), platform, ledger)
        assert counts(platform) == EXPECTED, n


def test_without_the_look_a_lost_answer_duplicates(fakes, ready):
    """Negative control: a network whose search finds nothing ends with two campaigns."""
    n = first(fakes, ready, ("create", "campaign"))
    platform = fakes.FakePlatform(faults={n: ("after", Ambiguous)}, blind=True)
    run(ready(), platform, fakes.MemoryLedger())
    assert counts(platform)["campaign"] == 2


def first(fakes, ready, call):
    platform = fakes.FakePlatform()
    run(ready(), platform, fakes.MemoryLedger())
    return platform.calls.index(call) + 1


def test_nothing_is_switched_on_before_everything_is_verified(fakes, ready):
    """Every create and every first read of every object precedes the first activation."""
    platform, ledger = fakes.FakePlatform(), fakes.MemoryLedger()
    run(ready(), platform, ledger)
    verbs = [verb for verb, _ in platform.calls]
    start = verbs.index("activate")
    assert "create" not in verbs[start:]
    assert [k for v, k in platform.calls if v == "activate"][-1] == "campaign"
    states = [to for _, to in ledger.history]
    last_verified = len(states) - 1 - states[::-1].index(SlotState.VERIFIED)
    assert states.index(SlotState.ACTIVE) > last_verified


def test_the_intent_is_committed_before_the_first_request(fakes, ready):
    """When the very first request dies, the ledger already says that the slot is being sent."""
    platform = fakes.FakePlatform(faults={1: ("before", fakes.Crash)})
    ledger = fakes.MemoryLedger()
    with pytest.raises(fakes.Crash):
        run(ready(), platform, ledger)
    assert ledger.state(SHARED) == SlotState.SENDING


def test_a_refused_arm_fails_alone(fakes, ready):
    """One arm's refusal is in its row; the others run."""
    platform, ledger = fakes.FakePlatform(refuse="Spark"), fakes.MemoryLedger()
    report = run(ready(), platform, ledger)
    states = {s.arm: s.state for s in report.slots}
    assert states["c-b"] == SlotState.FAILED and states["c-a"] == SlotState.ACTIVE
    assert "forbidden" in ledger.slots("", plan_id(ready))[2].reason
    assert len(platform.delivering()) == 2


def plan_id(ready):
    return ready().job_id


def test_what_was_read_back_differently_never_runs(fakes, ready):
    """A network that changed the budget leaves the arms failed and nothing delivering."""
    platform, ledger = fakes.FakePlatform(spoil="daily_budget"), fakes.MemoryLedger()
    report = run(ready(), platform, ledger)
    assert not report.live and platform.delivering() == []
    assert "approved" in next(s.reason for s in report.slots if s.arm == "broad")


def test_throttling_leaves_the_ledger_to_be_resumed(fakes, ready):
    """Throttled is raised, nothing is failed, and the next run finishes."""
    n = first(fakes, ready, ("create", "adset"))
    ledger = fakes.MemoryLedger()

    class Slow(Throttled):
        def __init__(self, what):
            super().__init__(what, wait_s=60)

    platform = fakes.FakePlatform(faults={n: ("before", Slow)})
    with pytest.raises(Throttled):
        run(ready(), platform, ledger)
    assert SlotState.FAILED not in {s.state for s in ledger.rows.values()}
    run(ready(), platform, ledger)
    assert counts(platform) == EXPECTED


def changed(ready, parts):
    return ready(parts.job_ad(title="Python Developer", budget_daily=Money(5000, "EUR")))


def test_an_edit_changes_objects_in_place(fakes, ready, parts):
    """A new title and budget: same campaign, ad sets and ads, new creatives, the new sum."""
    platform, ledger = fakes.FakePlatform(), fakes.MemoryLedger()
    run(ready(), platform, ledger)
    report = run(changed(ready, parts), platform, ledger)
    assert counts(platform) == EXPECTED | {"creative": 6}
    assert sum(o["daily_budget"] for o in platform.of("adset")) == 5000
    assert report.live and len(platform.delivering()) == 3


def test_an_edit_pauses_the_campaign_before_it_changes_anything(fakes, ready, parts):
    """The running campaign is paused and read before the first write of a change."""
    platform, ledger = fakes.FakePlatform(), fakes.MemoryLedger()
    run(ready(), platform, ledger)
    start = len(platform.calls)
    run(changed(ready, parts), platform, ledger)
    writes = [c for c in platform.calls[start:] if c[0] in ("pause", "create", "update")]
    assert writes[0] == ("pause", "campaign")


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_edit_killed_anywhere_resumes_to_the_new_content(fakes, ready, parts, when):
    """Death at any request of an edit: afterwards the new content runs once, never both."""
    probe, ledger = fakes.FakePlatform(), fakes.MemoryLedger()
    run(ready(), probe, ledger)
    start = len(probe.calls)
    run(changed(ready, parts), probe, ledger)
    for n in range(start + 1, len(probe.calls) + 1):
        platform = fakes.FakePlatform(faults={n: (when, fakes.Crash)})
        ledger = fakes.MemoryLedger()
        run(ready(), platform, ledger)
        with pytest.raises(fakes.Crash):
            run(changed(ready, parts), platform, ledger)
        run(changed(ready, parts), platform, ledger)
        assert counts(platform) == EXPECTED | {"creative": 6}, n
        assert sum(o["daily_budget"] for o in platform.of("adset")) == 5000
        assert len(platform.delivering()) == 3


def test_an_arm_that_left_the_plan_is_paused_and_closed(fakes, ready, parts):
    """A plan without its second segment leaves that ad set paused and its slot closed."""
    platform, ledger = fakes.FakePlatform(), fakes.MemoryLedger()
    run(ready(), platform, ledger)
    smaller = ready(None, [parts.segment("c-a", 1, "Airflow"), parts.broad()])
    run(smaller, platform, ledger)
    assert ledger.state("c-b") == SlotState.CLOSED
    assert len(platform.delivering()) == 2


def test_retiring_stops_the_campaign_first_and_can_be_undone_or_final(fakes, ready):
    """A paused ad runs again with its objects; a closed one is paused for good."""
    platform, ledger, plan = fakes.FakePlatform(), fakes.MemoryLedger(), ready()
    run(plan, platform, ledger)
    place = (plan.team_id, plan.job_id, plan.account_id)
    doors = {"platform": platform, "leases": ledger, "ledger": ledger, "sleep": lambda _: None}
    retire(*place, **doors, close=False)
    assert next(c for c in platform.calls if c[0] == "pause") == ("pause", "campaign")
    assert platform.delivering() == []
    run(plan, platform, ledger)
    assert len(platform.delivering()) == 3 and counts(platform) == EXPECTED
    retire(*place, **doors, close=True)
    assert platform.delivering() == []
    assert {s.state for s in ledger.rows.values()} == {SlotState.CLOSED}


def test_of_two_campaigns_with_the_key_the_oldest_stays_and_the_other_rests(fakes, ready):
    """A duplicate that somebody switched on is paused; the older one is used."""
    plan, seen = ready(), fakes.FakePlatform()
    run(plan, seen, fakes.MemoryLedger())
    campaign = dict(seen.of("campaign")[0])
    platform = fakes.FakePlatform(
        objects={"old": {**campaign, "status": "PAUSED"}, "new": {**campaign, "status": "ACTIVE"}}
    )
    run(plan, platform, fakes.MemoryLedger())
    assert platform.objects["old"]["status"] == "ACTIVE"
    assert platform.objects["new"]["status"] == "PAUSED"


def test_two_posters_of_one_ad_cannot_both_send(fakes, ready):
    """While one holds the lease, the other is told to come back, and sends nothing."""
    plan, platform, ledger = ready(), fakes.FakePlatform(), fakes.MemoryLedger()
    place = (plan.team_id, plan.job_id, plan.network, plan.account_id)
    with ledger.acquire(*place, ttl_s=60), pytest.raises(Retryable):
        run(plan, platform, ledger)
    assert platform.calls == []


@pytest.mark.parametrize("gone", [False, True])
def test_a_refused_edit_never_leaves_older_words_running(fakes, ready, parts, gone):
    """The network refuses the new content and then the pause: the slot stays open until a person
    has paused it there. An ad set that somebody deleted needs no pause."""
    platform, ledger = fakes.FakePlatform(), fakes.MemoryLedger()
    run(ready(), platform, ledger)
    arm = ready().arms[0].arm
    slot = next(s for s in ledger.rows.values() if s.arm == arm)
    adset = ledger.posted(slot)["adset"].object_id
    paused = platform.pause

    def pause(kind, object_id):
        if object_id == adset:
            raise Refused("not now")
        return paused(kind, object_id)

    platform.pause, platform.refuse = pause, "Kubernetes"
    if gone:
        platform.objects[adset]["status"] = "DELETED"
    arms = [parts.segment(arm, 1, "Kubernetes"), parts.segment("c-b", 2, "Spark"), parts.broad()]
    edited = ready(None, arms)
    if gone:
        run(edited, platform, ledger)
    else:
        with pytest.raises(Retryable, match="network's own tool"):
            run(edited, platform, ledger)
        assert platform.delivering() == []
    assert (ledger.rows[slot.id].state is SlotState.FAILED) == gone
