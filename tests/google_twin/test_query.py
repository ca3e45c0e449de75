import pytest
from google.ads.googleads.errors import GoogleAdsException

TREE = (
    "campaign",
    "campaign_budget",
    "campaign_criterion",
    "ad_group",
    "ad_group_criterion",
    "ad_group_ad",
    "customer",
    "geo_target_constant",
    "language_constant",
)


@pytest.fixture(scope="module")
def made(twin):
    """Three campaigns with names that LIKE must tell apart."""
    return [twin.make(name) for name in ("aa-one", "AA-Two", "a%_[x]")]


def names(twin, where: str, order: str = "") -> list[str]:
    rows = twin.search(f"SELECT campaign.name FROM campaign WHERE {where} {order}")
    return [row.campaign.name for row in rows]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("campaign.name = 'aa-one'", ["aa-one"]),
        ("campaign.name = 'AA-ONE'", []),
        ("campaign.name LIKE 'aa-%'", ["aa-one", "AA-Two"]),
        ("campaign.name LIKE 'a[%][_][[]x[]]'", ["a%_[x]"]),
        ("campaign.name NOT LIKE 'aa%'", ["a%_[x]"]),
        ("campaign.name IN ('aa-one', \"a%_[x]\")", ["aa-one", "a%_[x]"]),
        ("campaign.name != 'aa-one' AND campaign.status = ENABLED", ["AA-Two", "a%_[x]"]),
        ("campaign.status IN ('PAUSED', 'REMOVED')", []),
        ("campaign_budget.amount_micros BETWEEN 1 AND 20000000 LIMIT 1", ["aa-one"]),
        (
            "campaign.id >= 0 AND campaign.end_date_time IS NOT NULL ORDER BY campaign.name DESC",
            ["aa-one", "a%_[x]", "AA-Two"],
        ),
    ],
)
def test_conditions_choose_rows(twin, made, where, found):
    """= minds case, LIKE does not, and [ ] takes its signs literally."""
    assert names(twin, where) == found


def test_parents_stand_beside_their_children(twin, made):
    """A query over ads sees ad group, campaign, budget and customer."""
    (row,) = twin.search(
        "SELECT ad_group_ad.ad.final_urls, ad_group.id, campaign.id, campaign_budget.id, "
        "customer.currency_code FROM ad_group_ad WHERE campaign.name = 'aa-one'"
    )
    assert row.customer.currency_code == "USD"
    assert row.ad_group.resource_name == made[0]["ad_group"]
    assert row.campaign.resource_name == made[0]["campaign"]
    assert row.campaign_budget.resource_name == made[0]["campaign_budget"]
    assert list(row.ad_group_ad.ad.final_urls) == ["https://jobs.example/1"]


@pytest.mark.parametrize("resource", TREE)
def test_each_resource_can_be_asked_for(twin, made, resource):
    """Its own resource name always comes along."""
    rows = twin.search(f"SELECT {resource}.resource_name FROM {resource} LIMIT 2")
    assert all(getattr(row, resource).resource_name for row in rows)
    assert rows


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("campaign.id FROM campaign", "EXPECTED_SELECT"),
        ("SELECT campaign.id", "EXPECTED_FROM"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id =", "UNEXPECTED_END_OF_QUERY"),
        ("SELECT campaign.colour FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.network_settings FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT ad_group.id FROM campaign", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT label.id FROM label", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT campaign.id FROM campaign WHERE campaign.status = 'GREEN'", "BAD_ENUM_CONSTANT"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id = 'x'", "BAD_NUMBER"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id LIKE '1%'", "OPERATOR_FIELD_MISMATCH"),
        ("SELECT campaign.id FROM campaign WHERE campaign.name = 'x", "STRING_NOT_TERMINATED"),
        (
            "SELECT campaign.id FROM campaign WHERE campaign.name IN ()",
            "PROHIBITED_EMPTY_LIST_IN_CONDITION",
        ),
        ("SELECT campaign.id FROM campaign LIMIT 0", "LIMIT_VALUE_TOO_LOW"),
        ("SELECT campaign.id FROM campaign OR", "UNEXPECTED_INPUT"),
        ("SELECT segments.date, metrics.clicks FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        (
            "SELECT metrics.clicks FROM campaign WHERE segments.date = '1.1.2027'",
            "INVALID_DATE_FORMAT",
        ),
        (
            "SELECT metrics.clicks FROM ad_group_criterion",
            "PROHIBITED_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
        ),
    ],
)
def test_a_query_is_refused(twin, query, code):
    """Each mistake has its QueryError."""
    with pytest.raises(GoogleAdsException) as caught:
        twin.search(query)
    assert caught.value.failure.errors[0].error_code.query_error.name == code


def test_search_answers_in_pages_of_its_own_size(twin, made):
    """The pager of the client reads it; a page size is refused."""
    service = twin.service("GoogleAdsService")
    query = "SELECT geo_target_constant.id FROM geo_target_constant"
    pager = service.search(customer_id="7000000001", query=query)
    assert len(list(pager)) > 5000
    request = {"customer_id": "7000000001", "query": query, "page_size": 5}
    with pytest.raises(GoogleAdsException) as caught:
        service.search(request=request)
    error = caught.value.failure.errors[0].error_code.request_error
    assert error.name == "PAGE_SIZE_NOT_SUPPORTED"


def test_places_are_found_by_name(twin):
    """Countries have 2000 + their ISO number; the likeliest place comes first, with its parents."""
    service = twin.service("GeoTargetConstantService")

    def found(name: str, country: str = "") -> list:
        request = {"locale": "en", "country_code": country, "location_names": {"names": [name]}}
        answer = service.suggest_geo_target_constants(request=request)
        return list(answer.geo_target_constant_suggestions)

    assert found("Germany")[0].geo_target_constant.resource_name == "geoTargetConstants/2276"
    town = found("nashville", "US")[0]
    assert town.geo_target_constant.target_type == "City"
    parents = [place.name for place in town.geo_target_constant_parents]
    assert parents == ["Tennessee", "United States"]
    assert found("Nowhere at all") == []


def test_the_accounts_of_the_user_are_listed(twin):
    """Both of the world's."""
    listed = twin.service("CustomerService").list_accessible_customers().resource_names
    assert list(listed) == ["customers/7000000001", "customers/7000000002"]
