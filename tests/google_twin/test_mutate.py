import copy

import pytest
from google.ads.googleads.errors import GoogleAdsException

CUSTOMER = "7000000001"
BASE = f"customers/{CUSTOMER}"


def count(twin, name: str) -> int:
    return len(twin.search(f"SELECT campaign.id FROM campaign WHERE campaign.name = '{name}'"))


def update(kind: str, mask: str, **fields) -> dict:
    return {f"{kind}_operation": {"update": fields, "update_mask": mask}}


def test_a_whole_bundle_is_made_in_one_request(twin):
    """Temporary ids become real ones, and children hang on the parents that they named."""
    made = twin.make("whole")
    assert all(int(name.rsplit("/", 1)[1].split("~")[0]) > 0 for name in made.values())
    (row,) = twin.search(
        "SELECT ad_group_ad.ad.id, ad_group.name, campaign.name, campaign_budget.amount_micros "
        f"FROM ad_group_ad WHERE campaign.resource_name = '{made['campaign']}'"
    )
    assert (row.ad_group.name, row.campaign.name) == ("arm", "whole")
    assert row.campaign_budget.amount_micros == 20_000_000


def test_a_second_sending_is_refused_by_name_and_makes_nothing(twin):
    """The answer is DUPLICATE_CAMPAIGN_NAME alone, and one campaign stands."""
    twin.make("twice")
    refused = twin.refused(*twin.bundle("twice"))
    path = "mutate_operations.campaign_operation.create.name"
    assert refused == [("campaign_error", "DUPLICATE_CAMPAIGN_NAME", path)]
    assert count(twin, "twice") == 1


def test_the_name_of_a_removed_campaign_is_free(twin):
    """Only campaigns that are not removed hold their names."""
    made = twin.make("again")
    twin.mutate({"campaign_operation": {"remove": made["campaign"]}})
    twin.make("again")
    assert count(twin, "again") == 2


def test_one_bad_operation_undoes_all(twin):
    """The last operation fails, so the first leaves nothing."""
    everything = "SELECT campaign_budget.id FROM campaign_budget"
    before = len(twin.search(everything))
    operations = twin.bundle("undone", headlines=("One", "Two"))
    refused = twin.refused(*operations)
    assert ("collection_size_error", "TOO_FEW") in [r[:2] for r in refused]
    assert count(twin, "undone") == 0
    assert len(twin.search(everything)) == before


def test_partial_failure_keeps_the_good_operations(twin):
    """The bad one has an empty result, and its error is told."""
    operations = [*twin.bundle("partly"), {"campaign_operation": {"create": {"name": "no budget"}}}]
    answer = twin.mutate(*operations, partial_failure=True)
    assert answer.partial_failure_error.code == 3
    assert "campaign_result" not in answer.mutate_operation_responses[-1]
    assert count(twin, "partly") == 1


def test_validate_only_checks_and_makes_nothing(twin):
    """No results, no campaign; the same errors."""
    assert not twin.mutate(*twin.bundle("dry"), validate_only=True).mutate_operation_responses
    assert count(twin, "dry") == 0
    assert twin.refused(*twin.bundle("dry", budget=5), validate_only=True)


def test_a_temporary_id_is_defined_before_it_is_used(twin):
    """The campaign before its budget finds none."""
    operations = twin.bundle("order")
    operations[0], operations[1] = operations[1], operations[0]
    family, code, path = twin.refused(*operations)[0]
    assert (family, code) == ("mutate_error", "RESOURCE_NOT_FOUND")
    assert path.endswith("campaign_budget")


def test_a_temporary_id_is_used_once_and_forgotten_after_the_request(twin):
    """Two creates with one id, and an id of an earlier request, are errors."""
    operations = twin.bundle("ids")
    operations[1]["campaign_operation"]["create"]["resource_name"] = f"{BASE}/campaigns/-1"
    assert twin.refused(*operations)[0][:2] == ("mutate_error", "ID_EXISTS_IN_MULTIPLE_MUTATES")
    twin.make("ids")
    late = {"ad_group_operation": {"create": {"name": "late", "campaign": f"{BASE}/campaigns/-2"}}}
    assert twin.refused(late)[0][:2] == ("mutate_error", "RESOURCE_NOT_FOUND")


def test_what_is_left_unsaid_is_unsafe(twin):
    """A bare campaign is enabled, on every network, for people anywhere, and never ends."""
    operations = twin.bundle("bare")[:2]
    for name in ("status", "network_settings", "geo_target_type_setting"):
        del operations[1]["campaign_operation"]["create"][name]
    twin.mutate(*operations)
    (row,) = twin.search(
        "SELECT campaign.status, campaign.network_settings.target_content_network, "
        "campaign.network_settings.target_search_network, campaign.end_date_time, "
        "campaign.geo_target_type_setting.positive_geo_target_type "
        "FROM campaign WHERE campaign.name = 'bare'"
    )
    campaign = row.campaign
    assert campaign.status.name == "ENABLED"
    assert campaign.network_settings.target_content_network
    assert campaign.network_settings.target_search_network
    assert campaign.geo_target_type_setting.positive_geo_target_type.name == "PRESENCE_OR_INTEREST"
    assert campaign.end_date_time == "2037-12-30 23:59:59"


def test_an_update_changes_what_its_mask_names(twin):
    """The name in the message is not in the mask, so it stays."""
    made = twin.make("masked")
    twin.mutate(
        update("campaign", "status", resource_name=made["campaign"], status="PAUSED", name="other")
    )
    (row,) = twin.search(
        f"SELECT campaign.status, campaign.name FROM campaign "
        f"WHERE campaign.resource_name = '{made['campaign']}'"
    )
    assert (row.campaign.status.name, row.campaign.name) == ("PAUSED", "masked")


@pytest.mark.parametrize(
    ("kind", "mask", "fields", "error"),
    [
        ("campaign", "", {}, ("field_mask_error", "FIELD_MASK_MISSING")),
        ("campaign", "colour", {}, ("field_mask_error", "FIELD_NOT_FOUND")),
        ("campaign", "networkSettings", {}, ("field_mask_error", "FIELD_HAS_SUBFIELDS")),
        ("campaign", "advertisingChannelType", {}, ("field_error", "IMMUTABLE_FIELD")),
        ("ad_group", "campaign", {}, ("field_error", "IMMUTABLE_FIELD")),
        ("ad_group_criterion", "keyword.text", {}, ("field_error", "IMMUTABLE_FIELD")),
        ("campaign", "status", {"status": "REMOVED"}, ("enum_error", "ENUM_VALUE_NOT_PERMITTED")),
        (
            "campaign_budget",
            "amountMicros",
            {"amount_micros": 1_005_000},
            ("campaign_budget_error", "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT"),
        ),
    ],
)
def test_an_update_is_refused(twin, updated, kind, mask, fields, error):
    """Masks, immutable fields and values are checked as on create."""
    operation = update(kind, mask, resource_name=updated[kind], **fields)
    assert error in [found[:2] for found in twin.refused(operation)]


@pytest.fixture(scope="module")
def updated(twin):
    return twin.make("updated")


def test_a_removed_campaign_is_left_alone(twin):
    """Neither an update nor a second removal is taken."""
    name = twin.make("gone")["campaign"]
    twin.mutate({"campaign_operation": {"remove": name}})
    for operation in (
        {"campaign_operation": {"remove": name}},
        update("campaign", "status", resource_name=name, status="ENABLED"),
    ):
        code = "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE"
        assert twin.refused(operation)[0][:2] == ("context_error", code)


def test_a_budget_in_use_stays(twin):
    """It can be removed once its campaign is."""
    made = twin.make("held")
    drop = {"campaign_budget_operation": {"remove": made["campaign_budget"]}}
    assert twin.refused(drop)[0][:2] == ("campaign_budget_error", "CAMPAIGN_BUDGET_IN_USE")
    twin.mutate({"campaign_operation": {"remove": made["campaign"]}})
    twin.mutate(drop)


def test_the_whole_resource_comes_back_when_asked(twin):
    """response_content_type MUTABLE_RESOURCE."""
    answer = twin.mutate(*twin.bundle("content"), response_content_type="MUTABLE_RESOURCE")
    assert answer.mutate_operation_responses[1].campaign_result.campaign.name == "content"


def test_another_customer_and_a_foreign_name_are_refused(twin):
    """USER_PERMISSION_DENIED for a stranger's account; names belong to the request's customer."""
    with pytest.raises(GoogleAdsException) as caught:
        twin.mutate(*twin.bundle("x"), customer="1234567890")
    code = caught.value.failure.errors[0].error_code
    assert code.authorization_error.name == "USER_PERMISSION_DENIED"
    assert caught.value.error.code().name == "PERMISSION_DENIED"
    foreign = copy.deepcopy(twin.bundle("x")[0])
    assert twin.refused(foreign, customer="7000000002")[0][1] == "RESOURCE_NAME_MALFORMED"


def test_too_many_operations_are_refused_before_any_is_read(twin):
    """10,001 of them."""
    refused = twin.refused(*[{}] * 10_001)
    assert refused == [("request_error", "TOO_MANY_MUTATE_OPERATIONS", "mutate_operations")]


def test_every_failure_carries_the_request_id_and_its_place(twin):
    """The client reads both from the trailing metadata."""
    with pytest.raises(GoogleAdsException) as caught:
        twin.mutate(*twin.bundle("place", budget=-1))
    (error,) = caught.value.failure.errors
    first = error.location.field_path_elements[0]
    assert (first.field_name, first.index) == ("mutate_operations", 0)
    assert caught.value.request_id == caught.value.failure.request_id != ""
    assert CUSTOMER not in caught.value.request_id
