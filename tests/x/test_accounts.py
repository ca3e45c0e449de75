"""What an account may do, and where places are; scripted answers on loopback."""

import pytest

from domain.errors import NotFound, Refused

ACCOUNT = "x1usd"


def accounts(script, *, instrument=None, access=("AD_MANAGER", "TWEET_COMPOSER"), features=()):
    script.say(
        {
            "data": {
                "id": ACCOUNT,
                "timezone": "America/New_York",
                "approval_status": "ACCEPTED",
                "deleted": False,
            }
        }
    )
    expired = {"able_to_fund": False, "reasons_not_able_to_fund": ["EXPIRED"]}
    script.page(
        {"id": "fi0", "currency": "USD", **expired},
        {"id": "fi1", "currency": "USD", "able_to_fund": True, **(instrument or {})},
    )
    script.page({"user_id": "30", "promotable_user_type": "FULL"})
    script.say({"data": {"user_id": "1", "permissions": list(access)}})
    script.say({"data": list(features)})


def test_an_account_tells_what_its_campaigns_must_name(x, script):
    """The instrument that can pay and the user who posts."""
    accounts(script)
    held = x.verify(ACCOUNT)
    assert (held.currency, held.timezone) == ("USD", "America/New_York")
    assert held.ids == {"funding_instrument": "fi1", "promotable_user": "30"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"instrument": {"able_to_fund": False}}, "no funding instrument can pay: EXPIRED"),
        ({"instrument": {"entity_status": "PAUSED"}}, "no funding instrument can pay"),
        ({"access": ["CAMPAIGN_ANALYST"]}, "must grant AD_MANAGER"),
        ({"access": ["AD_MANAGER"]}, "must grant TWEET_COMPOSER"),
        ({"features": ["HOUSING_AND_URBAN_DEVELOPMENT_LIMITATIONS"]}, "forbids cities"),
    ],
)
def test_an_account_that_cannot_run_job_ads_is_refused_with_a_mend(x, script, wrong, said):
    """Before anything is posted."""
    accounts(script, **wrong)
    with pytest.raises(Refused, match=said) as caught:
        x.verify(ACCOUNT)
    assert caught.value.mend


def test_places_are_told_apart_by_what_x_writes_into_their_names(x, script):
    """The town's own name is the label, its state the region; asked once, remembered."""
    names = ["Springfield, Champaign-Springfield-Decatur IL, IL, USA", "Springfield, MA, USA"]
    script.page(
        *(
            {
                "name": n,
                "country_code": "US",
                "location_type": "CITIES",
                "targeting_value": f"{i:016x}",
            }
            for i, n in enumerate(names)
        )
    )
    query = {
        "q": "Springfield",
        "country_code": "US",
        "location_type": "CITIES",
        "region": "Illinois",
    }
    found = x.lookup("location", query)
    assert [(c.label, c.fields["kind"], c.fields["region"]) for c in found] == [
        ("Springfield", "city", "Illinois"),
        ("Springfield", "city", "Massachusetts"),
    ]
    assert x.lookup("location", query) == found and len(script.requests) == 1


def test_a_region_that_only_x_can_read_tells_towns_of_one_name_apart(x, script):
    """Of a town that is alone with its name it is left out: nothing could be compared with it."""
    names = ["Frankfurt, HE, Germany", "Frankfurt, BB, Germany", "Frankenberg, HE, Germany"]
    script.page(
        *(
            {"name": n, "country_code": "DE", "location_type": "CITIES", "targeting_value": n}
            for n in names
        )
    )
    query = {"q": "Frank", "country_code": "DE", "location_type": "CITIES"}
    regions = [c.fields.get("region") for c in x.lookup("location", query)]
    assert regions == ["HE", "BB", None]


def test_a_country_is_looked_up_by_its_code(x, script):
    """Its code is no part of its name, by which X would search."""
    script.page(
        {
            "name": "Germany",
            "country_code": "DE",
            "location_type": "COUNTRIES",
            "targeting_value": "fdcd221ac44fa326",
        }
    )
    query = {"q": "DE", "country_code": "DE", "location_type": "COUNTRIES"}
    (found,) = x.lookup("location", query)
    assert (found.id, found.kind) == ("fdcd221ac44fa326", "country")
    assert "q" not in script.sent()[2]
    with pytest.raises(NotFound):
        x.lookup("interest", {})
