"""Posting to the shapes of X and Google, against an in-memory network that fails everywhere."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest

from assets.publishing.posting.state_machine import post
from assets.publishing.posting.takedown import retire
from domain.errors import Ambiguous, Refused
from domain.lifecycle import SlotState
from domain.networks import FACTS
from domain.platform import Created, Found, Network, ReadBack

NETWORKS = [Network.X, Network.GOOGLE]
EXPECTED = {
    Network.X: {
        "image": 1,
        "video": 0,
        "campaign": 1,
        "line_item": 3,
        "targeting": 3,
        "card": 3,
        "tweet": 3,
        "promoted_tweet": 3,
    },
    Network.GOOGLE: {"campaign": 1, "ad_group": 3},
}


@pytest.fixture
def shaped(fakes):
    """A network that keeps held kinds at their parent and takes Google's bundles apart."""

    @dataclass
    class Shaped(fakes.FakePlatform):
        def find(self, account_id, kind, key, parent=""):
            if kind not in FACTS[self.network].held:
                return super().find(account_id, kind, key, parent)
            with self._request("find", kind):
                there = f"{kind}:{parent}" in self.objects and not self.blind
                return Found(kind, (parent,) if there else ())

        def create(self, account_id, kind, body):
            if kind in FACTS[self.network].held:
                return self._hold(kind, body)
            if self.network is not Network.GOOGLE:
                return super().create(account_id, kind, body)
            return self._mutate(kind, body)

        def _hold(self, kind, body):
            with self._request("create", kind):
                parent = body.get("line_item_id") or body["operations"][0]["params"]["line_item_id"]
                assert f"{kind}:{parent}" not in self.objects, "held twice"
                self.objects[f"{kind}:{parent}"] = {**body, "kind": kind, "name": kind}
            return Created(kind, parent)

        def _mutate(self, kind, body):
            """All operations or none; a name that is there is refused as a duplicate."""
            with self._request("create", kind):
                if self.refuse and self.refuse in str(body):
                    raise Refused(f"{self.refuse} is forbidden")
                parts = taken_apart(body["mutate_operations"])
                for what, name, _, _ in parts:
                    if any(o["name"] == name for o in self.of(what)):
                        raise Ambiguous("DUPLICATE NAME")
                ids = {}
                for what, name, temporary, operations in parts:
                    own = f"{what}-{len(self.objects) + 1}"
                    ids.setdefault(temporary if what == "campaign" else "", own)
                    text = json.dumps(operations)
                    if what == "ad_group":  # as it would be read: its own id temporary, no other
                        text = text.replace(temporary, temporary.rpartition("/")[0] + "/-3")
                        for old, new in ids.items():
                            text = text.replace(old, new) if old else text
                    self.objects[own] = {
                        "kind": what,
                        "name": name,
                        "status": "PAUSED",
                        "mutate_operations": json.loads(text),
                    }
            return Created(kind, next(iter(ids.values())))

        def read(self, kind, object_id):
            if kind in FACTS[self.network].held:
                with self._request("read", kind):
                    return ReadBack(kind, object_id, dict(self.objects[f"{kind}:{object_id}"]), "")
            found = super().read(kind, object_id)
            status = found.status
            return ReadBack(
                kind, object_id, found.fields, found.fields.get("entity_status", status)
            )

        def update(self, kind, object_id, body):
            place = f"{kind}:{object_id}" if kind in FACTS[self.network].held else object_id
            with self._request("update", kind):
                self.objects[place].update(body)
            return self.read(kind, object_id)

        def _switch(self, verb, kind, object_id, status):
            with self._request(verb, kind):
                field = "entity_status" if self.network is Network.X else "status"
                self.objects[object_id][field] = status

    return Shaped


def taken_apart(operations):
    """(kind, name, temporary resource name, operations) of campaign and ad groups."""
    found = []
    for operation in operations:
        ((name, action),) = operation.items()
        made = action["create"]
        if name in ("campaign_operation", "ad_group_operation"):
            found.append((name.removesuffix("_operation"), made["name"], made["resource_name"], []))
    for operation in operations:
        ((name, action),) = operation.items()
        made = action["create"]
        own = made.get("resource_name") if name == "ad_group_operation" else None
        owner = made.get("ad_group") or own
        part = next(p for p in found if p[2] == owner or (not owner and p[0] == "campaign"))
        part[3].append(operation)
    return found


def run(plan, platform, ledger, now):
    return post(
        plan, platform=platform, leases=ledger, ledger=ledger, now=now, sleep=lambda _: None
    )


def counts(platform):
    return {kind: len(platform.of(kind)) for kind in FACTS[platform.network].kinds}


@pytest.mark.parametrize("network", NETWORKS)
def test_a_plan_becomes_one_campaign_with_a_part_for_each_arm(shaped, fakes, ready, network, now):
    """Every object once, and the slots active."""
    platform, ledger = shaped(network=network), fakes.MemoryLedger()
    report = run(ready(network=network), platform, ledger, now)
    assert counts(platform) == EXPECTED[network], [s.reason for s in report.slots]
    assert {s.state for s in report.slots} == {SlotState.ACTIVE}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("death", [False, True])
def test_a_fault_or_a_death_at_any_request_leaves_each_object_once(
    shaped, fakes, ready, network, when, death, now
):
    """Lost answers are looked for, and a killed process is resumed."""
    platform, ledger = shaped(network=network), fakes.MemoryLedger()
    run(ready(network=network), platform, ledger, now)
    error = fakes.Crash if death else Ambiguous
    for n in range(1, len(platform.calls) + 1):
        platform, ledger = shaped(network=network, faults={n: (when, error)}), fakes.MemoryLedger()
        with suppress(fakes.Crash):
            run(ready(network=network), platform, ledger, now)
        report = run(ready(network=network), platform, ledger, now)
        assert counts(platform) == EXPECTED[network], n
        assert report.live, [s.reason for s in report.slots]


def test_google_gets_a_whole_ad_in_one_request(shaped, fakes, ready, now):
    """Campaign and ad groups stand or fall together: one Mutate, no other create."""
    platform = shaped(network=Network.GOOGLE)
    report = run(ready(network=Network.GOOGLE), platform, fakes.MemoryLedger(), now)
    assert [kind for verb, kind in platform.calls if verb == "create"] == ["campaign"]
    assert (report.created, report.adopted) == (4, 0)


def test_one_refused_ad_group_does_not_cost_the_others(shaped, fakes, ready, now):
    """The whole is refused, so each arm is sent alone and only the wrong one fails."""
    platform = shaped(network=Network.GOOGLE, refuse="airflow")
    report = run(ready(network=Network.GOOGLE), platform, fakes.MemoryLedger(), now)
    states = {s.arm: s.state for s in report.slots}
    assert states.pop("c-a") == SlotState.FAILED
    assert set(states.values()) == {SlotState.ACTIVE}


def test_an_edit_of_the_budget_keeps_the_tweet(shaped, fakes, ready, parts, now):
    """X refuses the same text twice, so what an edit left alone is used again."""
    from domain.money import Money

    platform, ledger = shaped(network=Network.X), fakes.MemoryLedger()
    run(ready(network=Network.X), platform, ledger, now)
    dearer = parts.job_ad(budget_daily=Money(5002, "EUR"))
    report = run(ready(dearer, network=Network.X), platform, ledger, now)
    assert counts(platform) == EXPECTED[Network.X] and report.live
    assert (report.created, report.updated) == (0, 4)


def test_an_open_ended_ad_ends_far_enough_ahead_on_x(shaped, fakes, ready, now):
    """A line item must end: 30 days from the day of posting, and never in the past."""
    later = now + timedelta(days=100)
    platform = shaped(network=Network.X)
    report = run(ready(network=Network.X), platform, fakes.MemoryLedger(), later)
    ends = {o["end_time"][:10] for o in platform.of("line_item")}
    assert report.live and ends == {(later + timedelta(days=30)).date().isoformat()}


@pytest.mark.parametrize("network", NETWORKS)
def test_retiring_pauses_what_can_be_paused(shaped, fakes, ready, network, now):
    """Campaign and parts say PAUSED afterwards, and the slots are closed."""
    plan, platform, ledger = ready(network=network), shaped(network=network), fakes.MemoryLedger()
    run(plan, platform, ledger, now)
    retire(
        plan.team_id,
        plan.job_id,
        plan.account_id,
        platform=platform,
        leases=ledger,
        ledger=ledger,
        sleep=lambda _: None,
        close=True,
    )
    for kind in FACTS[network].switched:
        said = {o.get("entity_status") or o["status"] for o in platform.of(kind)}
        assert said == {"PAUSED"}
    assert {s.state for s in ledger.rows.values()} == {SlotState.CLOSED}


def test_an_open_ended_ad_that_died_is_resumed_on_another_day(shaped, fakes, ready, now):
    """Its end has moved on since, so the line item is brought there instead of failing its arm."""
    plan = ready(network=Network.X)
    late = now + timedelta(days=100)  # the end of the plan itself has passed by then
    quiet = shaped(network=Network.X)
    run(plan, quiet, fakes.MemoryLedger(), late)
    for n in range(1, len(quiet.calls) + 1):
        platform = shaped(network=Network.X, faults={n: ("after", fakes.Crash)})
        ledger = fakes.MemoryLedger()
        with suppress(fakes.Crash):
            run(plan, platform, ledger, late)
        run(plan, platform, ledger, late + timedelta(days=1))
        assert {s.state for s in ledger.rows.values()} == {SlotState.ACTIVE}, n
