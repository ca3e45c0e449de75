"""What runs on the sandbox's X: audience, verdicts, reports, and who may ask."""

from datetime import timedelta

import pytest
import requests

from assets.publishing.posting.readback_diff import differing
from domain.errors import NeedsReauth, Refused
from domain.plan import SHARED
from domain.platform import Review

ACCOUNT = "x1eur"


def test_segment_and_broad_stand_in_the_same_place_and_differ_in_words(planned):
    """The twin names the place; the segment adds keywords of the work."""
    first, broad = (a.bodies["targeting"]["operations"] for a in planned().arms)
    places = [
        [o["params"]["targeting_value"] for o in ops if o["params"]["targeting_type"] == "LOCATION"]
        for ops in (first, broad)
    ]
    assert places[0] == places[1] and len(places[0]) == 1
    assert len(first) > len(broad)


def test_targeting_becomes_the_approved_set_and_stays_so(ads, network, planned, ledgers, now):
    """One keyword goes, another comes; bringing it there again writes nothing."""
    plan, (x, wire), ledger = planned(), network(), ledgers()
    line_item = ads.run(plan, x, ledger, now).slots[1].objects["line_item"]
    held = x.read("targeting", line_item).fields["operations"]
    wanted = [o for o in held if o["params"]["targeting_value"] != "hospitals"]
    word = {**wanted[0]["params"], "targeting_type": "BROAD_KEYWORD", "targeting_value": "wards"}
    wanted.append({"operation_type": "Create", "params": word})
    for _ in range(2):
        there = x.update("targeting", line_item, {"operations": wanted})
        assert differing({"operations": wanted}, there.fields) == {}
        writes, wire.writes = wire.writes, []
    assert writes == []


def test_a_refused_batch_leaves_the_targeting_as_it_was(ads, network, planned, ledgers, now):
    """One wrong criterion costs all of its batch, and X's words say which."""
    plan, (x, _), ledger = planned(), network(), ledgers()
    line_item = ads.run(plan, x, ledger, now).slots[1].objects["line_item"]
    held = x.read("targeting", line_item).fields
    wrong = {**held["operations"][0]["params"], "targeting_value": "ffffffffffffffff"}
    operations = [*held["operations"], {"operation_type": "Create", "params": wrong}]
    with pytest.raises(Refused):
        x.update("targeting", line_item, {"operations": operations})
    assert x.read("targeting", line_item).fields == held


def test_what_ran_is_reported_in_micros_of_the_accounts_currency(
    ads, network, planned, ledgers, now, twin
):
    """Two days later by the twin's clock: impressions and spend within the ad's budget."""
    plan, (x, _), ledger = planned(), network(), ledgers()
    report = ads.run(plan, x, ledger, now)
    items = [s.objects["line_item"] for s in report.slots if s.arm != SHARED]
    later = (now + timedelta(days=3)).isoformat()
    requests.post(f"{twin}/_twin/clock", json={"now": later}, timeout=20).raise_for_status()
    rows = x.report(ACCOUNT, items, now.date() - timedelta(days=8), now.date() + timedelta(days=3))
    assert {r.ad_id for r in rows} == set(items) and {r.currency for r in rows} == {"EUR"}
    assert min(r.day for r in rows) >= now.date() and all(r.impressions for r in rows)
    assert 0 < sum(r.spend_micros for r in rows) <= 4 * 1.25 * 40_000_000


def test_a_verdict_comes_back_with_the_networks_reason(ads, network, planned, ledgers, now, twin):
    """Under review at first; refused in X's own words."""
    plan, (x, _), ledger = planned(), network(), ledgers()
    line_item = ads.run(plan, x, ledger, now).slots[1].objects["promoted_tweet"]
    held = x.read("promoted_tweet", line_item)
    assert held.review is Review.PENDING
    planted = {"id": held.fields["tweet_ids"][0], "decision": "REJECTED", "reason": "Misleading"}
    requests.post(f"{twin}/_twin/review", json=planted, timeout=5).raise_for_status()
    requests.post(f"{twin}/_twin/clock", json={"advance_hours": 24}, timeout=20).raise_for_status()
    held = x.read("promoted_tweet", line_item)
    assert held.review is Review.DISAPPROVED and "Misleading" in held.issues


def test_a_video_is_uploaded_whole(network, tmp_path):
    """In chunks, waited for, and found in the library by its name."""
    x, _ = network()
    (tmp_path / "ab.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"0" * (5 * 2**20))
    made = x.create(ACCOUNT, "video", {"name": "ab.mp4"})
    assert x.find(ACCOUNT, "video", "ab.mp4").ids == (made.id,)


def test_a_revoked_token_needs_a_person(connect, twin):
    """Any token that X does not know, and any secret that is not its own."""
    for token in ("EMU-nobody:EMU-x-user-secret", "EMU-x-user:EMU-wrong"):
        with pytest.raises(NeedsReauth):
            connect(address=twin, token=token, account_id=ACCOUNT).verify(ACCOUNT)
