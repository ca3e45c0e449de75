"""Posting through tweepy to the sandbox's X, with each request lost in turn."""

from contextlib import suppress
from uuid import uuid4

import pytest
import requests

from assets.publishing.posting import object_names
from assets.publishing.posting.readback_diff import differing
from domain.errors import Throttled
from domain.networks import FACTS
from domain.platform import FILES, Mode, Network
from resources.files.images import provide
from tests.films import video

SHAPE = FACTS[Network.X]


@pytest.mark.parametrize("file", ["picture", "film", "none"])
def test_a_plan_goes_live_and_reads_back_as_it_was_approved(
    ads, network, planned, ledgers, now, tmp_path, file
):
    """With a picture or video a card carries the link, without one the text does."""
    (tmp_path / "film.mp4").write_bytes(video(1080, 1920) + b"0" * (5 * 2**20))
    store = {"store": tmp_path, "mode": Mode.SANDBOX, "data": tmp_path}
    film = provide(f"file://{tmp_path}/film.mp4", **store).name
    plan = planned(**{"picture": {}, "film": {"media": film}, "none": {"media": ""}}[file])
    (x, _), ledger = network(), ledgers()
    report = ads.run(plan, x, ledger, now)
    assert report.live, [s.reason for s in report.slots]
    assert ads.objects(plan, x, report) == ads.once(plan)
    shared = dict(report.slots[0].objects)
    assert ("video" in shared, "image" in shared) == (file == "film", file == "picture")
    for slot in report.slots:
        for kind in (k for k in slot.objects if k not in FILES):
            body = object_names.exact(plan, slot.arm, kind, {**shared, **slot.objects}, now)
            held = x.read(kind, slot.objects[kind])
            assert differing(body, held.fields) == {}
            assert held.status == "ACTIVE"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_request_anywhere_leaves_each_object_once(ads, network, planned, ledgers, now, when):
    """The first posting, with each of its requests lost in turn."""
    ads.run(planned(), network()[0], ledgers(), now)  # the image is sent by whoever comes first
    _, wire = first = network()
    ads.run(planned(), first[0], ledgers(), now)
    for n in range(1, wire.count + 1):
        plan, (x, _), ledger = planned(), network(n, when), ledgers()
        report = ads.run(plan, x, ledger, now)
        assert report.live, (n, [s.reason for s in report.slots])
        assert ads.objects(plan, x, report) == ads.once(plan), n
        ads.over(plan, x, ledger)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_request_in_an_edit_changes_in_place(ads, network, planned, ledgers, now, when):
    """Other keywords and more money, with every third request of the change lost in turn (all of
    them are, against the in-memory network)."""
    job, (x, wire), ledger = uuid4(), network(), ledgers()
    ads.run(planned(job, "Nurse"), x, ledger, now)
    start = wire.count
    ads.run(planned(job, "Nurse", 50, ("Nursing", "Wards")), x, ledger, now)
    for n in range(1, wire.count - start + 1, 3):
        job, ledger = uuid4(), ledgers()
        title = f"Nurse {n} {when}"
        ads.run(planned(job, title), network()[0], ledger, now)
        plan, (x, _) = planned(job, title, 50, ("Nursing", "Wards")), network(n, when)
        report = ads.run(plan, x, ledger, now)
        assert report.live, (n, [s.reason for s in report.slots])
        found = ads.objects(plan, x, report)
        assert {k: v for k, v in found.items() if k[1] not in SHAPE.frozen} == {
            k: v for k, v in ads.once(plan).items() if k[1] not in SHAPE.frozen
        }, n
        ads.over(plan, x, ledger)


def test_posting_again_writes_nothing(ads, network, planned, ledgers, now):
    """A settled ad costs the network no request."""
    plan, (x, wire), ledger = planned(), network(), ledgers()
    ads.run(plan, x, ledger, now)
    before = wire.count
    ads.run(plan, x, ledger, now)
    assert wire.count == before


def test_a_retired_ad_is_paused_on_the_network(ads, network, planned, ledgers, now):
    """Read back from the network: campaign and line items say PAUSED."""
    plan, (x, _), ledger = planned(), network(), ledgers()
    report = ads.run(plan, x, ledger, now)
    ads.over(plan, x, ledger)
    for slot in report.slots:
        for kind in SHAPE.switched:
            if kind in slot.objects:
                assert x.read(kind, slot.objects[kind]).status == "PAUSED"


@pytest.mark.parametrize(
    "fault",
    [
        {"where": "after", "kind": "drop"},
        {"where": "after", "kind": "status", "status": 423},
        {"where": "before", "kind": "throttle"},
    ],
)
def test_a_failing_network_gets_each_object_once(ads, network, planned, ledgers, now, twin, fault):
    """Every write in turn is answered wrongly although it was done, or is refused for its number;
    a throttled posting is resumed."""
    for n in range(1, 15):
        plan, (x, _), ledger = planned(), network(), ledgers()
        planted = {"method": "POST|PUT", "path": "12/.*accounts", "nth": n, **fault}
        requests.post(f"{twin}/_twin/faults", json=planted, timeout=5).raise_for_status()
        with suppress(Throttled):
            ads.run(plan, x, ledger, now)
        requests.delete(f"{twin}/_twin/faults", timeout=5).raise_for_status()
        report = ads.run(plan, x, ledger, now)
        assert report.live, (n, [s.reason for s in report.slots])
        assert ads.objects(plan, x, report) == ads.once(plan), n
        ads.over(plan, x, ledger)
