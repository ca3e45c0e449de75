"""What is shown, when, for how much; and that names teach it nothing."""

import pytest

NURSE, ENGINEER = "Nurse for patients in the clinical hospital", "Software engineer for systems"
TEXTS = (NURSE, ENGINEER)


def test_nothing_runs_before_review_and_after_rejection(start_x, tmp_path):
    """UNDER_REVIEW for some minutes, then the planted REJECTED with its reason: no impressions."""
    _, x = start_x(tmp_path)
    x.december(7)
    ad = x.ad()
    x.admin("review", {"id": ad, "decision": "REJECTED", "reason": "Misleading pay"})
    x.december(9)
    told = x.get(f"promoted_tweets/{ad}").json()["data"]
    assert told["approval_status"] == "REJECTED" and "Misleading pay" in str(told)
    assert x.metrics("PROMOTED_TWEET", ad, 7, 9)["impressions"] is None
    x.admin("review", {"id": ad, "decision": "ACCEPTED"})
    x.december(11)
    assert x.metrics("PROMOTED_TWEET", ad, 7, 12)["impressions"][4] is not None


@pytest.mark.parametrize("stopped", ["campaigns", "line_items", "promoted_tweets"])
def test_each_switch_stops_delivery(start_x, tmp_path, stopped):
    """A paused campaign or line item, or a deleted promoted tweet, is not shown from then on."""
    _, x = start_x(tmp_path)
    x.december(7)
    ad = x.ad()
    item = x.get(f"promoted_tweets/{ad}").json()["data"]["line_item_id"]
    campaign = x.get(f"line_items/{item}").json()["data"]["campaign_id"]
    x.december(9, 5)
    if stopped == "promoted_tweets":
        assert x.delete(f"promoted_tweets/{ad}").ok
    else:
        which = {"campaigns": campaign, "line_items": item}[stopped]
        assert x.put(f"{stopped}/{which}", entity_status="PAUSED").ok
    x.december(14)
    shown = x.metrics("PROMOTED_TWEET", ad, 7, 14)["impressions"]
    assert [bool(n) for n in shown] == [True, True, False, False, False, False, False]


def test_schedule_bounds_delivery(start_x, tmp_path):
    """Nothing before start_time, nothing after end_time, and an extension runs on."""
    _, x = start_x(tmp_path)
    x.december(7)
    ad = x.ad(start_time="2026-12-08T05:00:00Z", end_time="2026-12-10T05:00:00Z")
    item = x.get(f"promoted_tweets/{ad}").json()["data"]["line_item_id"]
    x.december(11, 5)
    assert x.put(f"line_items/{item}", end_time="2026-12-20T05:00:00Z").ok
    x.december(14)
    shown = x.metrics("PROMOTED_TWEET", ad, 7, 14)["impressions"]
    assert [bool(n) for n in shown] == [False, True, True, False, True, True, True]


def test_names_teach_nothing(x):
    """Equal payloads expect equal numbers; swapping names, keys and URL tags swaps nothing."""
    pairs = [("arm-a", 0), ("arm-b", 1), ("arm-b", 0), ("arm-a", 1)]
    found = [
        x.admin(f"expected/{x.ad(f'{name}', f'{TEXTS[t]} https://jobs.example/?utm={name}{n}')}")
        for n, (name, t) in enumerate(pairs)
    ]
    assert found[0] == found[2] and found[1] == found[3] and found[0] != found[1]
    assert {"impressions", "clicks", "applies"} <= set(found[0])


def test_two_runs_with_swapped_names_report_the_same(start_x, tmp_path):
    """The draw reads payloads and the seed: with the names exchanged each report stays."""
    reports = []
    for run, names in enumerate((("one", "two"), ("two", "one"))):
        _, x = start_x(tmp_path / str(run))
        x.december(7)
        ads = [
            x.ad(name, f"{text} https://jobs.example/{name}")
            for name, text in zip(names, TEXTS, strict=True)
        ]
        x.december(12)
        reports.append([x.metrics("PROMOTED_TWEET", ad, 7, 12) for ad in ads])
    assert reports[0] == reports[1]


def test_line_item_without_targeting_is_shown_to_the_whole_world(x):
    """It spends the same and brings few who could take the job."""
    aimed = x.admin(f"expected/{x.ad(text=f'{NURSE} https://jobs.example/aimed')}")
    item = x.line_item()
    wide = x.admin(f"expected/{x.promote(item, x.tweet(f'{NURSE} https://jobs.example/wide'))}")
    assert wide["applies"] < aimed["applies"] / 2


def test_line_items_of_a_campaign_share_its_day(start_x, tmp_path):
    """Two line items with 20 a day under a campaign of 20 spend at most 20 by the factor."""
    _, x = start_x(tmp_path)
    x.december(7)
    campaign = x.campaign(entity_status="ACTIVE")
    for n in range(2):
        item = x.item(campaign, entity_status="ACTIVE", daily_budget_amount_local_micro=20_000_000)
        x.promote(item.json()["data"]["id"], x.tweet(f"{NURSE} https://jobs.example/s{n}"))
    x.december(10)
    spent = x.metrics("CAMPAIGN", campaign, 7, 10)["billed_charge_local_micro"]
    assert all(0 < s <= 1.2 * 20_000_000 for s in spent)


def test_total_budget_ends_delivery(start_x, tmp_path):
    """A total of three days' money is not exceeded by more than a day's factor."""
    _, x = start_x(tmp_path)
    x.december(7)
    ad = x.ad(total_budget_amount_local_micro=60_000_000)
    x.december(14)
    spent = x.metrics("PROMOTED_TWEET", ad, 7, 14)["billed_charge_local_micro"]
    assert sum(s or 0 for s in spent) <= 61_800_000


def test_an_edit_does_not_rewrite_the_past(week):
    """A higher budget from the 14th on leaves the days before as they were reported."""
    x, ad = week
    x.december(20, 4)
    before = x.metrics("PROMOTED_TWEET", ad, 7, 14)
    item = x.get(f"promoted_tweets/{ad}").json()["data"]["line_item_id"]
    campaign = x.get(f"line_items/{item}").json()["data"]["campaign_id"]
    assert x.put(f"campaigns/{campaign}", daily_budget_amount_local_micro=90_000_000).ok
    x.december(24)
    assert x.metrics("PROMOTED_TWEET", ad, 7, 14) == before
    later = x.metrics("PROMOTED_TWEET", ad, 20, 24)["billed_charge_local_micro"]
    assert later[1] > 40_000_000
