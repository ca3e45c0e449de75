"""Drafts, edits, moves and the borders between teams."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import IllegalMove, InputError, LeaseLost, NotFound
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.plan import SHARED
from domain.platform import Mode, Network
from resources.operations.ads import _contents
from tests.operations.conftest import draft


def test_an_ad_comes_back_as_it_was_saved(world):
    """Every field survives the database, zones and money included."""
    assert world.store.ads.get(world.team.id, world.job.id) == world.job


def test_saving_the_same_drafts_twice_changes_nothing(world):
    """Not a row, not a time stamp, not the fingerprint, not the audit log."""
    before = (world.store.projections.fingerprint(), len(world.store.audit.entries(world.team.id)))
    world.clock.at += timedelta(hours=1)
    later = replace(world.job, created_at=world.clock(), updated_at=world.clock())
    assert world.store.ads.save_drafts(world.team.id, [later]) == (0, 0, 1, ())
    assert (
        world.store.projections.fingerprint(),
        len(world.store.audit.entries(world.team.id)),
    ) == before


def test_the_same_import_twice_at_once_stores_it_once(
    world, open_store, another_draft, monkeypatch
):
    """The second waits for the first and finds all of it: no duplicate key, nothing twice."""
    drafts, looked = [another_draft(title=f"Baker {n}") for n in range(3)], threading.Barrier(2)

    def both_have_looked(*args):
        found = _contents(*args)
        with suppress(threading.BrokenBarrierError):
            looked.wait(timeout=2)
        return found

    monkeypatch.setattr("resources.operations.ads._contents", both_have_looked)
    stores = [open_store(), open_store()]
    with ThreadPoolExecutor() as threads:
        saved = threads.map(lambda s: s.ads.save_drafts(world.team.id, drafts), stores)
        assert sorted(saved) == [(0, 0, 3, ()), (3, 0, 0, ())]
    assert len(world.store.ads.of_team(world.team.id)) == 4


def test_a_changed_draft_is_stored_and_keeps_its_birthday(world):
    """created_at stays, updated_at is the clock's."""
    world.clock.at += timedelta(hours=1)
    changed = replace(world.job, title="Chef", created_at=world.clock())
    assert world.store.ads.save_drafts(world.team.id, [changed])[:3] == (0, 1, 0)
    stored = world.store.ads.get(world.team.id, world.job.id)
    assert (stored.title, stored.created_at) == ("Chef", world.job.created_at)
    assert stored.updated_at == world.clock()


def test_an_import_leaves_an_ad_past_draft_alone_and_says_so(world):
    """What somebody already scheduled is not changed by a file."""
    world.status(AdStatus.SCHEDULED)
    saved = world.store.ads.save_drafts(world.team.id, [replace(world.job, title="Chef")])
    assert saved == (0, 0, 0, (world.job.id,))
    assert world.store.ads.get(world.team.id, world.job.id).title == "Cook"


def test_only_drafts_of_the_team_are_saved(world):
    """A batch with one wrong ad stores none of it."""
    fresh, live = replace(world.job, id=uuid.uuid4()), replace(world.job, status=AdStatus.LIVE)
    for wrong in (live, replace(world.job, team_id=uuid.uuid4())):
        with pytest.raises(InputError):
            world.store.ads.save_drafts(world.team.id, [fresh, wrong])
    assert len(world.store.ads.of_team(world.team.id)) == 1


def test_an_id_that_another_team_uses_is_refused(world):
    """Two teams cannot share one ad's id; the other team's ad stays as it is."""
    other = world.store.teams.add("Other", "other.example", "EUR")
    stolen = replace(world.job, team_id=other.id, title="Mine now")
    with pytest.raises(IllegalMove):
        world.store.ads.save_drafts(other.id, [stolen])
    assert world.store.ads.get(world.team.id, world.job.id).title == "Cook"


def test_another_teams_rows_are_not_found(world):
    """Every door is scoped: reading, moving, editing, plans, slots, leases, audit."""
    plan = world.accepted()
    slot, lease = world.run(plan, SHARED), world.lease(plan)
    other = world.store.teams.add("Other", "other.example", "EUR").id
    theirs = replace(plan, team_id=str(other))
    for attempt in (
        lambda: world.store.ads.get(other, world.job.id),
        lambda: world.store.ads.set_status(other, world.job.id, AdStatus.ARCHIVED),
        lambda: world.store.ads.edit(other, world.job.id, title="x"),
        lambda: world.store.plans.in_force(str(other), str(world.job.id), Network.META),
        lambda: world.accepts(theirs, rule="theirs"),
        lambda: world.store.ledger.open_slot(theirs, SHARED, Mode.SANDBOX, lease),
        lambda: world.store.ledger.settle(replace(lease, team_id=str(other))),
        lambda: world.store.ledger.adopt(replace(lease, team_id=str(other))),
        lambda: world.store.ledger.move(replace(slot, team_id=str(other)), "closed"),
        lambda: world.store.approvals.approve(
            other, world.job.id, Network.META, plan.digest, user_id=other
        ),
        lambda: world.store.leases.acquire(
            str(other), str(world.job.id), Network.META, "a", ttl_s=1
        ).__enter__(),
    ):
        with pytest.raises((NotFound, LeaseLost)):
            attempt()
    assert world.store.ads.of_team(other) == [] and world.store.ledger.slots(str(other)) == []
    assert (
        world.store.projections.job_ads(other) == []
        and world.store.projections.postings(other) == []
    )
    assert world.store.plans.accepted(other) == []
    assert [entry["action"] for entry in world.store.audit.entries(other)] == ["team.added"]


@pytest.mark.parametrize("garbage", ["", "nonsense", "'; DROP TABLE teams; --", "\x00"])
def test_an_id_that_is_no_id_is_not_found(world, garbage):
    """Text that names nothing is an ordinary miss."""
    for attempt in (
        lambda: world.store.ads.get(world.team.id, garbage),
        lambda: world.store.ads.of_team(garbage),
        lambda: world.store.teams.get(garbage),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_an_edit_obeys_the_records_rules(world):
    """What cannot be built cannot be edited in, and unknown fields are named."""
    for change in (
        {"title": "x" * 101},
        {"target_url": "http://x.example"},
        {"budget_daily": Money(1, "EUR")},
        {"status": "live"},
    ):
        with pytest.raises(InputError):
            world.store.ads.edit(world.team.id, world.job.id, **change)
    assert world.store.ads.get(world.team.id, world.job.id) == world.job


def test_an_archived_ad_is_not_edited(world):
    """Archived is the end."""
    world.status(AdStatus.ARCHIVED)
    with pytest.raises(IllegalMove, match="archived"):
        world.store.ads.edit(world.team.id, world.job.id, title="Chef")


def test_every_move_and_edit_is_in_the_audit_log(world):
    """Who did what to which ad, in order."""
    world.store.ads.set_status(world.team.id, world.job.id, AdStatus.SCHEDULED, actor="ann")
    world.store.ads.edit(world.team.id, world.job.id, actor="bob", title="Chef")
    tail = [(e["actor"], e["action"]) for e in world.store.audit.entries(world.team.id)][-2:]
    assert tail == [("ann", "ad.moved"), ("bob", "ad.changed")]


def test_ads_are_listed_by_status(world, another_draft):
    """A filter on status sees only those."""
    world.store.ads.save_drafts(world.team.id, [another_draft(title="Baker")])
    world.status(AdStatus.SCHEDULED)
    names = [ad.title for ad in world.store.ads.of_team(world.team.id, AdStatus.DRAFT)]
    assert names == ["Baker"]


def test_emoji_right_to_left_and_long_texts_come_back_unchanged(world, another_draft):
    """Text is text on both databases."""
    ad = another_draft(title="👩‍🍳 طبّاخ", description_long="ש" * 100_000)
    world.store.ads.save_drafts(world.team.id, [ad])
    assert world.store.ads.get(world.team.id, ad.id) == ad


def test_the_fingerprint_changes_with_every_change_and_only_then(world):
    """An observer sees drafts, edits, moves, plans, approvals, stops, slots and their objects."""
    from domain.ledger import Posted
    from domain.lifecycle import SlotState

    editor, approver = (
        world.store.teams.add_member(world.team.id, f"{role}@a.example", role, role)
        for role in ("editor", "approver")
    )
    place = (world.team.id, world.job.id, Network.META)
    seen = [world.store.projections.fingerprint()]
    steps = [
        lambda: world.status(AdStatus.SCHEDULED),
        lambda: world.store.ads.edit(world.team.id, world.job.id, title="Chef"),
        lambda: world.accept(),
        lambda: world.open(world.plan(), SHARED),
        lambda: world.store.ledger.move(
            world.store.ledger.slots(world.team.id)[0], SlotState.SENDING
        ),
        lambda: world.store.ledger.record(
            world.store.ledger.slots(world.team.id)[0], Posted("ad", "1", "k")
        ),
        lambda: world.accepts(world.plan("second"), user_id=editor),
        lambda: world.store.approvals.approve(
            *place, world.plan("second").digest, user_id=approver
        ),
        lambda: world.store.stops.add(world.team.id, "ann", "wait"),
        lambda: world.store.stops.release(world.team.id, "ann"),
    ]
    for step in steps:
        step()
        seen.append(world.store.projections.fingerprint())
    assert len(set(seen)) == len(steps) + 1
    assert world.store.projections.fingerprint() == seen[-1]


def test_rows_for_the_warehouse_carry_whole_money_and_zones(world):
    """Minor units are integers and times know their zone."""
    (row,) = world.store.projections.job_ads()
    assert (row["budget_daily_minor"], row["budget_currency"]) == (1500, "EUR")
    assert type(row["budget_daily_minor"]) is int and row["platforms"] == ["meta"]
    assert row["schedule_start"].utcoffset() == timedelta(0)


def test_json_that_is_nested_too_deep_is_its_own_ads_fault(world):
    """PostgreSQL keeps some thousand brackets, which is more than Python reads."""
    other = draft(world.store, world.team)
    world.store.ads.save_drafts(world.team.id, [other])
    deep = "CAST(:deep AS JSON)" if world.url.startswith("postgres") else ":deep"
    here = {"deep": "[" * 3000 + "]" * 3000, "id": str(world.job.id)}
    world.sql(f"UPDATE job_ads SET platforms = {deep} WHERE id = :id", **here)
    assert [ad.id for ad in world.store.ads.of_team(world.team.id)] == [other.id]
    ((job, error),) = world.store.ads.unreadable(world.team.id)
    assert job == str(world.job.id) and "impossible" in str(error)
    stamps, impossible = world.store.projections.ad_stamps(world.team.id)
    assert len(stamps) == 1 and [job for job, _ in impossible] == [str(world.job.id)]
    assert world.store.schedule.due(world.clock()) == []
