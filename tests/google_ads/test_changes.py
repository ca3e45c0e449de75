"""What differs from the approved body is mended by one Mutate, and nothing else is touched."""

import copy

import pytest

from domain.errors import Refused

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


def operations(script):
    from google.protobuf.json_format import MessageToDict

    (request,) = script.mutates
    held = MessageToDict(request, preserving_proto_field_name=True)["mutate_operations"]
    return [next((n.removesuffix("_operation"), action) for n, action in op.items()) for op in held]


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
    texas = {
        "campaign": content(wanted, "campaign")["resource_name"],
        "location": {"geo_target_constant": "geoTargetConstants/21176"},
    }
    wanted["mutate_operations"][2] = {"campaign_criterion_operation": {"create": texas}}
    google.update("campaign", CAMPAIGN, wanted)
    budget, campaign, gone, new = operations(script)
    assert budget[1]["update"] == {"resource_name": BUDGET, "amount_micros": "30000000"}
    assert budget[1]["update_mask"] == "amountMicros"
    assert campaign[1]["update_mask"].split(",") == [
        "name",
        "networkSettings.targetGoogleSearch",
        "networkSettings.targetSearchNetwork",
        "networkSettings.targetContentNetwork",
        "networkSettings.targetPartnerSearchNetwork",
        "endDateTime",
    ]
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
        ("ad_group_criterion", "remove"),
        ("ad_group_criterion", "create"),
        ("ad_group_ad", "create"),
        ("ad_group_ad", "remove"),
    ]
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
