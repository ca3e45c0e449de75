"""Slots: one open row per place, revisions, objects, modes."""

from dataclasses import replace

import pytest

from domain.errors import IllegalMove, SetupError
from domain.ledger import Leases, Posted, PostingLedger
from domain.lifecycle import SlotState
from domain.plan import SHARED
from domain.platform import Mode


@pytest.mark.parametrize(("part", "contract"), [("ledger", PostingLedger), ("leases", Leases)])
def test_the_store_keeps_the_contracts_of_posting(world, part, contract):
    """Every verb is there under its own parameter names."""
    import inspect

    for name, verb in vars(contract).items():
        if not name.startswith("_"):
            wanted = list(inspect.signature(verb).parameters)
            made = getattr(type(getattr(world.store, part)), name)
            assert list(inspect.signature(made).parameters) == wanted


def test_opening_a_slot_twice_gives_one_row(world):
    """A resumed run finds its slot."""
    plan = world.accepted()
    first = world.open(plan, "broad")
    assert world.open(plan, "broad") == first
    assert first.state is SlotState.PLANNED and first.revision == plan.revision("broad")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("planned", "planned"),
        ("sending", "sending"),
        ("created", "sending"),
        ("verified", "sending"),
        ("active", "sending"),
    ],
)
def test_a_new_revision_keeps_the_row_and_its_objects(world, before, after):
    """What was posted goes back to SENDING; what was not stays."""
    slot = world.run(world.accepted(), "broad", until=SlotState(before))
    world.store.ledger.record(slot, Posted("ad", "77", "aa-old"))
    second = world.accept(world.plan("second"))
    again = world.open(second, "broad")
    assert (again.id, again.state) == (slot.id, SlotState(after))
    assert again.revision == second.revision("broad")
    assert world.store.ledger.posted(again) == {"ad": Posted("ad", "77", "aa-old")}


def test_a_refused_revision_makes_room_for_another(world):
    """FAILED bars only its own content."""
    slot = world.run(world.accepted(), "broad", until=SlotState.SENDING)
    world.store.ledger.move(slot, SlotState.FAILED, "text too long")
    fresh = world.open(world.accept(world.plan("second")), "broad")
    assert fresh.id != slot.id and (fresh.state, fresh.attempt) == (SlotState.PLANNED, 1)
    assert [s.reason for s in world.store.ledger.slots(world.team.id)] == ["text too long", ""]


def test_an_older_plan_does_not_lose_a_move_to_a_stale_reader(world):
    """A writer that read the slot before another moved it is refused."""
    slot = world.open(world.accepted(), "broad")
    world.store.ledger.move(slot, SlotState.SENDING)
    with pytest.raises(IllegalMove, match="no longer planned"):
        world.store.ledger.move(slot, SlotState.FAILED)


def test_the_last_key_of_a_kind_wins(world):
    """One row per slot and kind; the audit log keeps the older object."""
    slot = world.run(world.accepted(), SHARED)
    for object_id in ("1", "2"):
        world.store.ledger.record(slot, Posted("campaign", object_id, f"aa-{object_id}"))
    assert world.store.ledger.posted(slot) == {"campaign": Posted("campaign", "2", "aa-2")}
    told = [
        e["detail"]
        for e in world.store.audit.entries(world.team.id)
        if e["action"] == "slot.posted"
    ]
    assert [d["object_id"] for d in told] == ["1", "2"]


def test_a_sandbox_slot_is_not_taken_over_by_live_mode(world):
    """Twin's objects are no objects of the real network."""
    plan = world.accepted()
    world.open(plan, "broad")
    with pytest.raises(SetupError, match="sandbox"):
        world.open(plan, "broad", Mode.LIVE)


def test_postings_rows_name_every_object_with_its_arm(world):
    """What `sync` and the warehouse need to join numbers to arms."""
    slot = world.run(world.accepted(), "broad")
    world.store.ledger.record(slot, Posted("ad", "9", "aa-9"))
    (row,) = world.store.projections.postings(world.team.id)
    said = {name: row[name] for name in ("arm", "kind", "object_id", "mode", "currency")}
    assert said == {
        "arm": "broad",
        "kind": "ad",
        "object_id": "9",
        "mode": "sandbox",
        "currency": "EUR",
    }


def test_an_object_of_no_slot_is_refused(world):
    """Objects belong to a slot that exists."""
    slot = world.run(world.accepted(), "broad")
    from domain.errors import NotFound

    with pytest.raises(NotFound):
        world.store.ledger.record(replace(slot, id="none"), Posted("ad", "9", "aa-9"))
