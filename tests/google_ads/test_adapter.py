"""Each verb over the real SDK, against scripted answers on loopback."""

import copy
from datetime import date

import pytest

from domain.errors import NotFound, Refused

CUSTOMER = "7000000002"
CAMPAIGN = f"customers/{CUSTOMER}/campaigns/5"
AD_GROUP = f"customers/{CUSTOMER}/adGroups/6"


def test_a_bundle_is_one_atomic_mutate(google, script, made, make_plan, campaign_body):
    """Campaign and three ad groups are one request, all or nothing, and the answer is the
    campaign's name."""
    from assets.publishing.networks.google import request
    from assets.publishing.posting import object_names

    plan = make_plan()
    groups = [object_names.exact(plan, arm.arm, "ad_group", {}) for arm in plan.arms]
    body = request(CUSTOMER, campaign_body, groups)
    results = [
        {"campaign_budget_result": {"resource_name": "b"}},
        {"campaign_result": {"resource_name": CAMPAIGN}},
    ]
    script.say(made(*results))
    assert google.create(CUSTOMER, "campaign", body).id == CAMPAIGN
    (sent,) = script.requests
    assert len(sent.mutate_operations) == len(body["mutate_operations"]) > 30
    assert not sent.partial_failure and not sent.validate_only
    temps = [
        op.ad_group_operation.create.resource_name[-2:]
        for op in sent.mutate_operations
        if op.HasField("ad_group_operation")
    ]
    assert temps == ["-3", "-4", "-5"]


def test_a_field_that_google_lacks_is_never_sent(google, script, campaign_body):
    """The protos refuse it here; the words say where it stands."""
    body = copy.deepcopy(campaign_body)
    body["mutate_operations"][1]["campaign_operation"]["create"]["genders"] = ["MALE"]
    with pytest.raises(Refused, match=r'no field named "genders".*campaign_operation'):
        google.create(CUSTOMER, "campaign", body)
    assert script.requests == []


def test_names_are_found_by_their_beginning_letter_by_letter(google, script, rows):
    """LIKE ignores case and knows wildcards: both are taken back; the oldest comes first."""
    names = [(12, "aa-k new"), (3, "AA-K other"), (9, "aa-k old")]
    script.say(
        rows(*({"campaign": {"id": i, "name": n, "resource_name": f"c/{i}"}} for i, n in names))
    )
    assert google.find(CUSTOMER, "campaign", "aa-k").ids == ("c/9", "c/12")
    google.find(CUSTOMER, "ad_group", "a_b%'", parent=CAMPAIGN)
    first, second = script.queries
    assert "campaign.name LIKE 'aa-k%' AND campaign.status != 'REMOVED'" in first
    assert r"ad_group.name LIKE 'a[_]b[%]\'%'" in second and "campaign.id = 5" in second


@pytest.mark.parametrize("kind", ["campaign", "ad_group"])
def test_a_switch_is_one_field(google, script, made, kind):
    """Activate and pause send a mask of status alone."""
    name = {"campaign": CAMPAIGN, "ad_group": AD_GROUP}[kind]
    script.say(made())
    assert google.activate(kind, name).status == "ACTIVE"
    assert google.pause(kind, name).status == "PAUSED"
    ops = [getattr(m.mutate_operations[0], f"{kind}_operation") for m in script.mutates]
    assert [list(op.update_mask.paths) for op in ops] == [["status"], ["status"]]
    assert {op.update.resource_name for op in ops} == {name}


@pytest.mark.parametrize("name", ["5", "customers/1/campaigns/5' OR", "customers/1/adGroups/6", ""])
def test_a_name_that_is_none_is_refused_before_a_query(google, script, name):
    """No text that is not a resource name of the kind gets into a query or an operation."""
    for call in (google.read, google.activate):
        with pytest.raises(Refused):
            call("campaign", name)
    assert script.requests == []


def test_an_object_that_is_not_there_is_refused(google, script, rows):
    """An empty answer to a read by name."""
    script.say(rows())
    with pytest.raises(Refused, match="no such object"):
        google.read("campaign", CAMPAIGN)


def test_an_account_tells_currency_and_zone(google, script, rows):
    """The least a day is what we accept: Google tells none."""
    found = {"currency_code": "JPY", "time_zone": "Asia/Tokyo", "status": "ENABLED"}
    script.say(rows({"customer": found}))
    account = google.verify("700-000-0002")
    assert (account.currency, account.timezone, account.minimum_daily_minor) == (
        "JPY",
        "Asia/Tokyo",
        100,
    )
    assert script.requests[0].customer_id == CUSTOMER


@pytest.mark.parametrize(
    "change", [{"manager": True}, {"status": "SUSPENDED"}, {"currency_code": "ZZZ"}]
)
def test_an_account_that_may_not_spend_is_refused(google, script, rows, change):
    """Managers, suspended accounts and currencies that are not known."""
    found = {"currency_code": "EUR", "time_zone": "Europe/Berlin", "status": "ENABLED"}
    script.say(rows({"customer": {**found, **change}}))
    with pytest.raises(Refused):
        google.verify(CUSTOMER)


def test_reports_are_micros_and_whole_applies(google, script, rows):
    """Half a conversion goes to the even number, like every half."""
    days = [
        {
            "customer": {"currency_code": "EUR"},
            "ad_group": {"resource_name": AD_GROUP},
            "segments": {"date": f"2026-11-2{i}"},
            "metrics": {"cost_micros": 70_000, "impressions": 12, "clicks": 4, "conversions": c},
        }
        for i, c in enumerate((0.5, 1.5, 2.5, 2.6))
    ]
    script.say(rows(*days))
    got = google.report(CUSTOMER, [AD_GROUP], date(2026, 11, 20), date(2026, 11, 23))
    assert [i.applies for i in got] == [0, 2, 2, 3]
    assert (got[0].spend_micros, got[0].clicks, got[0].ad_id) == (70_000, 4, AD_GROUP)
    assert "segments.date BETWEEN '2026-11-20' AND '2026-11-23'" in script.queries[0]


def test_many_ad_groups_are_asked_in_batches_and_none_not_at_all(google, script, rows):
    """1,200 ids are three queries."""
    script.say(rows())
    day = date(2026, 11, 20)
    assert google.report(CUSTOMER, [], day, day) == [] and not script.requests
    google.report(CUSTOMER, [f"customers/1/adGroups/{i}" for i in range(1200)], day, day)
    assert len(script.requests) == 3


def suggestions(types, *found):
    from google.protobuf.json_format import ParseDict

    body = {"geo_target_constant_suggestions": [{"geo_target_constant": c} for c in found]}
    return ParseDict(body, types.geo.SuggestGeoTargetConstantsResponse.pb()())


def test_places_are_candidates_of_the_kind_that_was_asked_for(google, script, types):
    """A city tells its region; another kind of the same name is no answer."""
    austin = {
        "resource_name": "geoTargetConstants/1026201",
        "name": "Austin",
        "country_code": "US",
        "target_type": "City",
        "canonical_name": "Austin,Texas,United States",
    }
    script.say(suggestions(types, {**austin, "target_type": "County"}, austin))
    query = {"q": "Austin", "country_code": "US", "target_type": "City"}
    (got,) = google.lookup("geo_target", query)
    assert (got.id, got.label) == ("geoTargetConstants/1026201", "Austin")
    assert got.fields == {"country_code": "US", "kind": "city", "region": "Texas"}


def test_a_country_is_found_by_its_code(address, script, rows):
    """Its name would be a guess; the query needs a customer to be asked for."""
    from resources.google import platform

    germany = {
        "resource_name": "geoTargetConstants/2276",
        "name": "Germany",
        "country_code": "DE",
        "target_type": "Country",
    }
    script.say(rows({"geo_target_constant": germany}))
    google = platform(token="EMU-1", address=address, account_id=CUSTOMER)
    query = {"q": "DE", "country_code": "DE", "target_type": "Country"}
    (got,) = google.lookup("geo_target", query)
    assert (got.id, got.fields["kind"]) == ("geoTargetConstants/2276", "country")
    with pytest.raises(NotFound):
        google.lookup("interest", {})
