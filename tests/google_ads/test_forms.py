"""What is read has the form of what was approved; what differs is named."""

import copy

import pytest

from assets.publishing.payload_validator import check_live
from assets.publishing.posting.readback_diff import differing
from domain.errors import PolicyRefusal
from domain.platform import ACTIVE, PAUSED, Network, Review

CUSTOMER = "7000000002"
BUDGET = f"customers/{CUSTOMER}/campaignBudgets/4"
CAMPAIGN = f"customers/{CUSTOMER}/campaigns/5"
AD_GROUP = f"customers/{CUSTOMER}/adGroups/6"


def content(body, resource, n=0):
    found = [
        o[f"{resource}_operation"]["create"]
        for o in body["mutate_operations"]
        if f"{resource}_operation" in o
    ]
    return found[n]


@pytest.mark.parametrize(("kind", "name"), [("campaign", CAMPAIGN), ("ad_group", AD_GROUP)])
def test_what_was_created_is_read_back_as_it_was_approved(
    google, script, holds, campaign_body, group_body, kind, name
):
    """Nothing differs, and the checker of held objects finds nothing that it refuses."""
    body = {"campaign": campaign_body, "ad_group": group_body}[kind]
    script.say(*holds(body))
    held = google.read(kind, name)
    assert differing(body, held.fields) == {}
    check_live(Network.GOOGLE, kind, held.fields)
    assert held.status == (PAUSED if kind == "campaign" else ACTIVE)


def test_what_an_answer_leaves_out_is_false_or_zero(google, script, holds, campaign_body):
    """Google may not write fields that are false: they are read as false."""

    def without_false(resource, made):
        for name in [k for k, v in made.items() if v is False]:
            del made[name]

    script.say(*holds(campaign_body, without_false))
    assert differing(campaign_body, google.read("campaign", CAMPAIGN).fields) == {}


def test_the_switch_is_told_by_the_status_alone(google, script, holds, campaign_body):
    """A campaign that runs holds what was approved; one that is removed does not."""
    script.say(*holds(campaign_body, lambda r, m: r == "campaign" and m.update(status="ENABLED")))
    held = google.read("campaign", CAMPAIGN)
    assert (held.status, differing(campaign_body, held.fields)) == (ACTIVE, {})
    script.answers.clear()
    script.say(*holds(campaign_body, lambda r, m: r == "campaign" and m.update(status="REMOVED")))
    held = google.read("campaign", CAMPAIGN)
    assert held.status == "REMOVED" and differing(campaign_body, held.fields)


@pytest.mark.parametrize(
    ("resource", "change"),
    [
        ("campaign_budget", {"amount_micros": 99_000_000}),
        ("campaign_budget", {"explicitly_shared": True}),
        ("campaign", {"name": "another"}),
        ("campaign", {"bidding_strategy_type": "MANUAL_CPC", "target_spend": None}),
        ("campaign", {"network_settings": {"target_content_network": True}}),
        ("campaign", {"geo_target_type_setting": {"positive_geo_target_type": "SEARCH_INTEREST"}}),
        ("campaign_criterion", {"proximity": None, "type_": "AGE_RANGE"}),
        ("ad_group", {"final_url_suffix": ""}),
        ("ad_group", {"campaign": f"customers/{CUSTOMER}/campaigns/77"}),
        ("ad_group_criterion", {"status": "PAUSED"}),
        ("ad_group_criterion", {"keyword": {"text": "nurse", "match_type": "PHRASE"}}),
        ("ad_group_criterion", {"negative": True}),
        ("ad_group_ad", {"status": "PAUSED"}),
        (
            "ad_group_ad",
            {"ad": {"type_": "RESPONSIVE_SEARCH_AD", "final_urls": ["https://x.example"]}},
        ),
    ],
)
def test_each_difference_is_named(
    google, script, holds, campaign_body, group_body, resource, change
):
    """One changed field of one resource is a difference."""
    kind = "ad_group" if resource.startswith("ad_group") else "campaign"
    body = {"campaign": campaign_body, "ad_group": group_body}[kind]
    changed = []

    def edit(name, made):
        if name == resource and not changed:
            changed.append(name)
            made.update(copy.deepcopy(change))
            for gone in [k for k, v in made.items() if v is None]:
                del made[gone]

    script.say(*holds(body, edit))
    found = differing(body, google.read(kind, {"campaign": CAMPAIGN}.get(kind, AD_GROUP)).fields)
    assert "mutate_operations" in found


@pytest.mark.parametrize(
    "change",
    [
        {"negative": True},
        {"bid_modifier": 1.5},
        {"proximity": None, "type_": "GENDER"},
        {"proximity": None, "type_": "USER_LIST"},
    ],
)
def test_what_chooses_people_is_never_overlooked(google, script, holds, campaign_body, change):
    """Exclusions, weights and traits that somebody added are read, and refused by the checker."""

    def edit(resource, made):
        if resource == "campaign_criterion":
            made.update(change)
            made.pop("proximity") if made["proximity"] is None else None

    script.say(*holds(campaign_body, edit))
    held = google.read("campaign", CAMPAIGN)
    with pytest.raises(PolicyRefusal):
        check_live(Network.GOOGLE, "campaign", held.fields)


def test_devices_that_nobody_touched_are_left_out(google, script, holds, rows, campaign_body):
    """Google lists a criterion for each kind of device in every campaign."""
    campaign, places = holds(campaign_body)
    phone = {"type_": "DEVICE", "resource_name": "customers/1/campaignCriteria/5~30001"}
    places.results.extend(rows({"campaign_criterion": phone}).results)
    script.say(campaign, places)
    assert differing(campaign_body, google.read("campaign", CAMPAIGN).fields) == {}


def test_an_end_that_nobody_approved_is_read_and_an_endless_one_is_not(
    google, script, holds, campaign_body
):
    """2037 is Google's way to say that a campaign has no end."""
    for end, read in (("2026-12-31 23:59:59", True), ("2037-12-30 23:59:59", False)):
        script.answers.clear()
        edit = lambda r, m, end=end: r == "campaign" and m.update(end_date_time=end)  # noqa: E731
        script.say(*holds(campaign_body, edit))
        held = content(google.read("campaign", CAMPAIGN).fields, "campaign")
        assert ("end_date_time" in held) is read


@pytest.mark.parametrize(
    ("approval", "review", "expected"),
    [
        ("UNKNOWN", "REVIEW_IN_PROGRESS", Review.PENDING),
        ("APPROVED", "REVIEWED", Review.APPROVED),
        ("APPROVED_LIMITED", "REVIEWED", Review.LIMITED),
        ("AREA_OF_INTEREST_ONLY", "REVIEWED", Review.LIMITED),
        ("DISAPPROVED", "REVIEWED", Review.DISAPPROVED),
        ("UNKNOWN", "UNKNOWN", Review.UNKNOWN),
    ],
)
def test_the_review_speaks_through_the_ad(
    google, script, holds, group_body, approval, review, expected
):
    """The ad's verdict is the ad group's; the policy's topic is the issue."""
    topics = [{"topic": "DESTINATION_NOT_WORKING", "type_": "PROHIBITED"}]
    summary = {"approval_status": approval, "review_status": review, "policy_topic_entries": topics}
    script.say(
        *holds(group_body, lambda r, m: r == "ad_group_ad" and m.update(policy_summary=summary))
    )
    held = google.read("ad_group", AD_GROUP)
    assert held.review is expected
    assert held.issues == ("DESTINATION_NOT_WORKING (PROHIBITED)",)


def test_reasons_of_a_campaign_are_its_issues(google, script, holds, campaign_body):
    """primary_status_reasons come as Google's own words."""
    reasons = {"primary_status_reasons": ["BUDGET_CONSTRAINED"]}
    script.say(*holds(campaign_body, lambda r, m: r == "campaign" and m.update(reasons)))
    assert google.read("campaign", CAMPAIGN).issues == ("BUDGET_CONSTRAINED",)
