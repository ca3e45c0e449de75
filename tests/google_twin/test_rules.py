import pytest

BASE = "customers/7000000001"


def changed(twin, label: str, **fields):
    """A bundle whose campaign has other fields; None takes one away."""
    operations = twin.bundle(label)
    campaign = operations[1]["campaign_operation"]["create"]
    campaign.update(fields)
    for field, value in fields.items():
        if value is None:
            del campaign[field]
    return operations


def codes(twin, operations) -> list[tuple[str, str]]:
    return [error[:2] for error in twin.refused(*operations)]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": None}, ("field_error", "REQUIRED")),
        ({"name": "two\nlines"}, ("campaign_error", "INVALID_CAMPAIGN_NAME")),
        ({"campaign_budget": None}, ("field_error", "REQUIRED")),
        ({"advertising_channel_type": None}, ("field_error", "REQUIRED")),
        ({"contains_eu_political_advertising": None}, ("field_error", "REQUIRED")),
        ({"target_spend": None}, ("field_error", "REQUIRED")),
        (
            {"status": "REMOVED"},
            ("operation_access_denied_error", "CREATE_AS_REMOVED_NOT_PERMITTED"),
        ),
        (
            {
                "network_settings": {
                    "target_google_search": False,
                    "target_content_network": True,
                    "target_search_network": True,
                }
            },
            ("campaign_error", "CANNOT_TARGET_SEARCH_NETWORK_WITHOUT_GOOGLE_SEARCH"),
        ),
        (
            {
                "network_settings": {
                    "target_google_search": False,
                    "target_content_network": False,
                    "target_search_network": False,
                }
            },
            ("campaign_error", "CAMPAIGN_MUST_TARGET_AT_LEAST_ONE_NETWORK"),
        ),
        ({"start_date_time": "2030-01-01"}, ("date_error", "INVALID_STRING_DATE_TIME_SECONDS")),
        (
            {"start_date_time": "2001-01-01 00:00:00"},
            ("date_range_error", "CANNOT_SET_DATE_TO_PAST"),
        ),
        (
            {"start_date_time": "2031-01-02 00:00:00", "end_date_time": "2031-01-01 23:59:59"},
            ("date_range_error", "START_DATE_AFTER_END_DATE"),
        ),
        (
            {"end_date_time": "9999-12-31 23:59:59"},
            ("date_range_error", "AFTER_MAXIMUM_ALLOWABLE_DATE"),
        ),
        (
            {"end_date_time": "2031-01-01 12:00:00"},
            ("date_error", "DATE_RANGE_ERROR_END_TIME_MUST_BE_THE_END_OF_A_DAY"),
        ),
    ],
)
def test_a_campaign_is_refused(twin, fields, error):
    """Each rule answers with Google's own code."""
    assert error in codes(twin, changed(twin, "refused", **fields))


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (-10_000, "NEGATIVE_MONEY_AMOUNT"),
        (20_000_001, "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT"),
        (990_000, "BUDGET_BELOW_PER_DAY_MINIMUM"),
    ],
)
def test_a_budget_is_refused(twin, amount, code):
    """Whole cents, and at least the account's minimum."""
    assert codes(twin, twin.bundle("poor", budget=amount)) == [("campaign_budget_error", code)]


def test_an_unshared_budget_serves_one_campaign(twin):
    """A second campaign on it is refused."""
    made = twin.make("alone")
    second = changed(twin, "second", campaign_budget=made["campaign_budget"])[1:2]
    code = "CANNOT_USE_IMPLICITLY_SHARED_CAMPAIGN_BUDGET_WITH_MULTIPLE_CAMPAIGNS"
    assert codes(twin, second) == [("campaign_budget_error", code)]


def test_a_budget_is_shared_unless_it_says_otherwise(twin):
    """Google's default, which then asks for a name."""
    bare = {"campaign_budget_operation": {"create": {"amount_micros": 5_000_000}}}
    assert twin.refused(bare)[0][1:] == (
        "REQUIRED",
        "mutate_operations.campaign_budget_operation.create.name",
    )
    bare["campaign_budget_operation"]["create"]["name"] = "shared"
    twin.mutate(bare)
    assert codes(twin, [bare]) == [("campaign_budget_error", "DUPLICATE_NAME")]


def test_two_ad_groups_of_a_campaign_differ_in_name(twin):
    """Another campaign may use the name."""
    made = twin.make("groups")
    same = {"ad_group_operation": {"create": {"name": "arm", "campaign": made["campaign"]}}}
    assert codes(twin, [same]) == [("ad_group_error", "DUPLICATE_ADGROUP_NAME")]
    twin.make("groups elsewhere")


LONG = "x" * 31


@pytest.mark.parametrize(
    ("headlines", "error"),
    [
        (("One", "Two"), ("collection_size_error", "TOO_FEW")),
        (tuple(f"Headline {i}" for i in range(16)), ("collection_size_error", "TOO_MANY")),
        (("One", "Two", LONG), ("string_length_error", "TOO_LONG")),
        (("One", "Two", "看護師募集中看護師募集中看護師募"), ("string_length_error", "TOO_LONG")),
        (("One", "Two", "one"), ("asset_error", "DUPLICATE_ASSET")),
    ],
)
def test_headlines_are_refused(twin, headlines, error):
    """3 to 15 of them, each once and at most 30 wide."""
    assert codes(twin, twin.bundle("ads", headlines=headlines)) == [error]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("jobs.example/1", "MISSING_PROTOCOL_IN_FINAL_URL"),
        ("ftp://jobs.example/1", "INVALID_PROTOCOL_IN_FINAL_URL"),
    ],
)
def test_an_address_needs_its_protocol(twin, url, code):
    """http or https."""
    assert codes(twin, twin.bundle("ads", url=url)) == [("url_field_error", code)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nurse " * 11, "KEYWORD_HAS_TOO_MANY_WORDS"),
        ("n" * 81, "KEYWORD_TEXT_TOO_LONG"),
        ("nurse!", "KEYWORD_HAS_INVALID_CHARS"),
        (" ", "INVALID_KEYWORD_TEXT"),
    ],
)
def test_a_keyword_is_refused(twin, text, code):
    """80 characters, ten words, no symbols."""
    assert codes(twin, twin.bundle("words", keywords=(text,))) == [("criterion_error", code)]


def criterion(campaign: str, **fields) -> list[dict]:
    return [{"campaign_criterion_operation": {"create": {"campaign": campaign, **fields}}}]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, ("campaign_criterion_error", "CONCRETE_TYPE_REQUIRED")),
        (
            {"location": {"geo_target_constant": "geoTargetConstants/1"}},
            ("criterion_error", "INVALID_CRITERION_ID"),
        ),
        (
            {"location": {"geo_target_constant": "geoTargetConstants/2840"}},
            ("mutate_error", "RESOURCE_ALREADY_EXISTS"),
        ),
        (
            {"location": {"geo_target_constant": "geoTargetConstants/2840"}, "negative": True},
            ("campaign_criterion_error", "CANNOT_TARGET_AND_EXCLUDE"),
        ),
        (
            {"keyword": {"text": "nurse", "match_type": "BROAD"}},
            ("criterion_error", "CANNOT_ADD_CRITERIA_TYPE"),
        ),
        (
            {
                "proximity": {
                    "radius": 801,
                    "radius_units": "KILOMETERS",
                    "geo_point": {"latitude_in_micro_degrees": 52_500_000},
                }
            },
            ("criterion_error", "INVALID_PROXIMITY_RADIUS"),
        ),
        (
            {"proximity": {"radius": 30, "radius_units": "KILOMETERS"}},
            ("criterion_error", "PROXIMITY_GEOPOINT_AND_ADDRESS_BOTH_CANNOT_BE_NULL"),
        ),
    ],
)
def test_a_campaigns_criterion_is_refused(twin, placed, fields, error):
    """Places exist, circles are bounded, keywords only exclude."""
    assert codes(twin, criterion(placed, **fields)) == [error]


@pytest.fixture(scope="module")
def placed(twin):
    return twin.make("placed")["campaign"]


def test_people_may_be_chosen_by_age_and_gender(twin):
    """The API takes what policy forbids for jobs: only review and our own guard stand between."""
    made = twin.make("people")
    young = {"ad_group": made["ad_group"], "age_range": {"type_": "AGE_RANGE_18_24"}}
    twin.mutate({"ad_group_criterion_operation": {"create": young}})
    rows = twin.search(
        "SELECT ad_group_criterion.criterion_id, ad_group_criterion.type FROM ad_group_criterion "
        f"WHERE ad_group_criterion.ad_group = '{made['ad_group']}'"
    )
    kinds = {row.ad_group_criterion.type_.name: row.ad_group_criterion for row in rows}
    assert kinds["AGE_RANGE"].criterion_id == 503001


def test_campaigns_wait_for_the_agreement_on_employment(twin):
    """While an administrator has not accepted it, no campaign is made."""
    customer = BASE.split("/")[1]
    twin.admin("review", {"customer": customer, "hec_agreement": "missing"})
    assert codes(twin, twin.bundle("agreed")) == [("campaign_error", "HEC_AGREEMENT_REQUIRED")]
    twin.admin("review", {"customer": customer, "hec_agreement": "accepted"})
    twin.make("agreed")


def test_other_kinds_are_refused_in_plain_words(twin):
    """What the twin does not imitate it does not pretend to do."""
    operation = {"label_operation": {"create": {"name": "l"}}}
    assert codes(twin, [operation]) == [("operator_error", "OPERATOR_NOT_SUPPORTED")]
