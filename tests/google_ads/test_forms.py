"""What is read has the form of what was approved; what differs is named and mended at once."""

import copy

import pytest

from assets.publishing.checking import check_held
from assets.publishing.comparing import differing
from domain.errors import PolicyRefusal, Refused
from domain.platform import ACTIVE, PAUSED, Network, Review

CUSTOMER = "7000000002"
BUDGET = f"customers/{CUSTOMER}/campaignBudgets/4"
CAMPAIGN = f"customers/{CUSTOMER}/campaigns/5"
AD_GROUP = f"customers/{CUSTOMER}/adGroups/6"


def content(body, resource, n=0):
    found = [o[f"{resource}_operation"]["create"] for o in body["mutate_operations"]
             if f"{resource}_operation" in o]  # fmt: skip
    return found[n]


def operations(script):
    from google.protobuf.json_format import MessageToDict

    (request,) = script.mutates
    held = MessageToDict(request, preserving_proto_field_name=True)["mutate_operations"]
    return [next((n.removesuffix("_operation"), action) for n, action in op.items()) for op in held]


@pytest.mark.parametrize(("kind", "name"), [("campaign", CAMPAIGN), ("ad_group", AD_GROUP)])
def test_what_was_created_is_read_back_as_it_was_approved(
    google, script, holds, campaign_body, group_body, kind, name
):
    """Nothing differs, and the checker of held objects finds nothing that it refuses."""
    body = {"campaign": campaign_body, "ad_group": group_body}[kind]
    script.say(*holds(body))
    held = google.read(kind, name)
    assert differing(body, held.fields) == {}
    check_held(Network.GOOGLE, kind, held.fields)
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
        ("ad_group_ad", {"ad": {"type_": "RESPONSIVE_SEARCH_AD", "final_urls": ["https://x.example"]}}),
    ],
)  # fmt: skip
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
    [{"negative": True}, {"bid_modifier": 1.5}, {"proximity": None, "type_": "GENDER"},
     {"proximity": None, "type_": "USER_LIST"}],
)  # fmt: skip
def test_what_chooses_people_is_never_overlooked(google, script, holds, campaign_body, change):
    """Exclusions, weights and traits that somebody added are read, and refused by the checker."""

    def edit(resource, made):
        if resource == "campaign_criterion":
            made.update(change)
            made.pop("proximity") if made["proximity"] is None else None

    script.say(*holds(campaign_body, edit))
    held = google.read("campaign", CAMPAIGN)
    with pytest.raises(PolicyRefusal):
        check_held(Network.GOOGLE, "campaign", held.fields)


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


@pytest.mark.parametrize(("kind", "name"), [("campaign", CAMPAIGN), ("ad_group", AD_GROUP)])
def test_an_update_without_difference_sends_nothing(
    google, script, holds, campaign_body, group_body, kind, name
):
    """Held and approved agree: only reads are sent."""
    body = {"campaign": campaign_body, "ad_group": group_body}[kind]
    script.say(*holds(body))
    google.update(kind, name, body)
    assert script.mutates == []


def test_budget_name_end_and_places_change_in_one_mutate(
    google, script, holds, campaign_body, made
):
    """Masks name what differs and nothing else; the status is not among them."""
    networks = {"target_google_search": True, "target_content_network": True}
    drift = {"end_date_time": "2026-12-31 23:59:59", "network_settings": networks}
    held = holds(campaign_body, lambda r, m: r == "campaign" and m.update(drift))
    script.say(*held, made(), *held)
    wanted = copy.deepcopy(campaign_body)
    content(wanted, "campaign_budget")["amount_micros"] = 30_000_000
    content(wanted, "campaign")["name"] = "aa-new"
    texas = {"campaign": content(wanted, "campaign")["resource_name"],
             "location": {"geo_target_constant": "geoTargetConstants/21176"}}  # fmt: skip
    wanted["mutate_operations"][2] = {"campaign_criterion_operation": {"create": texas}}
    google.update("campaign", CAMPAIGN, wanted)
    budget, campaign, gone, new = operations(script)
    assert budget[1]["update"] == {"resource_name": BUDGET, "amount_micros": "30000000"}
    assert budget[1]["update_mask"] == "amountMicros"
    assert campaign[1]["update_mask"].split(",") == [
        "name", "networkSettings.targetGoogleSearch", "networkSettings.targetSearchNetwork",
        "networkSettings.targetContentNetwork", "networkSettings.targetPartnerSearchNetwork",
        "endDateTime",
    ]  # fmt: skip
    assert gone[1] == {"remove": f"customers/{CUSTOMER}/campaign_criterion/5~52"}
    assert new[1]["create"]["campaign"] == CAMPAIGN


def test_keywords_change_as_sets_and_an_ad_is_replaced(google, script, holds, group_body, made):
    """The new ad comes before the old one goes, both under the real ad group."""
    script.say(*holds(group_body), made(), *holds(group_body))
    wanted = copy.deepcopy(group_body)
    content(wanted, "ad_group_criterion")["keyword"]["text"] = "python work"
    headlines = content(wanted, "ad_group_ad")["ad"]["responsive_search_ad"]["headlines"]
    headlines[0]["text"] = "Python Developer"
    headlines.reverse()
    google.update("ad_group", AD_GROUP, wanted)
    sent = operations(script)
    assert [(r, next(iter(a))) for r, a in sent] == [
        ("ad_group_criterion", "remove"), ("ad_group_criterion", "create"),
        ("ad_group_ad", "create"), ("ad_group_ad", "remove"),
    ]  # fmt: skip
    assert sent[1][1]["create"]["ad_group"] == sent[2][1]["create"]["ad_group"] == AD_GROUP


def test_the_order_of_texts_and_a_paused_keyword_replace_nothing(
    google, script, holds, group_body, made
):
    """Order says nothing; a keyword that somebody paused is switched on, not made again."""
    paused = []

    def edit(resource, held):
        if resource == "ad_group_criterion" and not paused:
            paused.append(held.update(status="PAUSED"))

    script.say(*holds(group_body, edit), made(), *holds(group_body))
    wanted = copy.deepcopy(group_body)
    content(wanted, "ad_group_ad")["ad"]["responsive_search_ad"]["headlines"].reverse()
    google.update("ad_group", AD_GROUP, wanted)
    ((resource, action),) = operations(script)
    assert resource == "ad_group_criterion" and action["update_mask"] == "status"


@pytest.mark.parametrize(
    ("resource", "change"),
    [
        ("campaign", {"advertising_channel_type": "DISPLAY"}),
        ("campaign_budget", {"explicitly_shared": True}),
    ],
)
def test_what_never_changes_is_refused(google, script, holds, campaign_body, resource, change):
    """Nothing is sent when a part differs that Google does not change."""
    script.say(*holds(campaign_body, lambda r, m: r == resource and m.update(change)))
    with pytest.raises(Refused, match="never changes"):
        google.update("campaign", CAMPAIGN, campaign_body)
    assert script.mutates == []


@pytest.mark.parametrize(
    ("approval", "review", "expected"),
    [
        ("UNKNOWN", "REVIEW_IN_PROGRESS", Review.PENDING),
        ("APPROVED", "REVIEWED", Review.APPROVED),
        ("APPROVED_LIMITED", "REVIEWED", Review.LIMITED),
        ("AREA_OF_INTEREST_ONLY", "REVIEWED", Review.LIMITED),
        ("DISAPPROVED", "REVIEWED", Review.DISAPPROVED), ("UNKNOWN", "UNKNOWN", Review.UNKNOWN),
    ],
)  # fmt: skip
def test_the_review_speaks_through_the_ad(
    google, script, holds, group_body, approval, review, expected
):
    """The ad's verdict is the ad group's; the policy's topic is the issue."""
    topics = [{"topic": "DESTINATION_NOT_WORKING", "type_": "PROHIBITED"}]
    summary = {"approval_status": approval, "review_status": review, "policy_topic_entries": topics}
    script.say(*holds(group_body, lambda r, m: r == "ad_group_ad" and m.update(
        policy_summary=summary)))  # fmt: skip
    held = google.read("ad_group", AD_GROUP)
    assert held.review is expected
    assert held.issues == ("DESTINATION_NOT_WORKING (PROHIBITED)",)


def test_reasons_of_a_campaign_are_its_issues(google, script, holds, campaign_body):
    """primary_status_reasons come as Google's own words."""
    reasons = {"primary_status_reasons": ["BUDGET_CONSTRAINED"]}
    script.say(*holds(campaign_body, lambda r, m: r == "campaign" and m.update(reasons)))
    assert google.read("campaign", CAMPAIGN).issues == ("BUDGET_CONSTRAINED",)
