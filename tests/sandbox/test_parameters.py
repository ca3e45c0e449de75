import inspect
import json
import re
from pathlib import Path

import pytest
from facebook_business.adobjects import ad, adaccount, adcreative, adset, campaign

from sandbox.meta import parameters

ACCOUNT = adaccount.AdAccount
CREATORS = {
    "campaign": ACCOUNT.create_campaign,
    "adset": ACCOUNT.create_ad_set,
    "creative": ACCOUNT.create_ad_creative,
    "ad": ACCOUNT.create_ad,
    "video": ACCOUNT.create_ad_video,
}
UPDATERS = {
    "campaign": campaign.Campaign,
    "adset": adset.AdSet,
    "creative": adcreative.AdCreative,
    "ad": ad.Ad,
}


def named(method) -> set[str]:
    """The names in a method's own `param_types`."""
    text = inspect.getsource(method).split("param_types = {")[1].split("}")[0]
    return set(re.findall(r"'(\w+)':", text))


def test_the_tables_are_those_of_the_installed_sdk():
    """Each list of names is what facebook-business would send for that object."""
    tables = json.loads(Path(parameters.__file__).with_suffix(".json").read_text())
    assert {k: set(v) for k, v in tables["create"].items()} == {
        kind: named(method) for kind, method in CREATORS.items()
    }
    assert {k: set(v) for k, v in tables["update"].items()} == {
        kind: named(cls.api_update) for kind, cls in UPDATERS.items()
    }


@pytest.mark.parametrize("edge", ["campaigns", "adsets", "adcreatives", "ads"])
def test_a_parameter_that_meta_does_not_know_is_refused(twin, edge):
    """Code 100, and the blame names the parameter."""
    answer = twin.post(f"act_1000000002/{edge}", name="x", seniority_level="junior")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, 100)
    assert json.loads(error["error_data"])["blame_field_specs"] == [["seniority_level"]]


def test_a_change_knows_fewer_parameters_than_a_creation(twin):
    """An ad cannot move to another ad set."""
    made = twin.ad(name="stays")
    error = twin.post(made, adset_id="1").json()["error"]
    assert json.loads(error["error_data"])["blame_field_specs"] == [["adset_id"]]


def test_keys_inside_a_specification_are_known_too(twin):
    """Targeting and a creative's story name what they may hold."""
    error = twin.adset(twin.campaign(), {"job_titles": ["nurse"]}).json()["error"]
    assert json.loads(error["error_data"])["blame_field_specs"] == [["targeting", "job_titles"]]
    story = {"page_id": "2000000001", "link_data": {"link": "https://x.example", "headline": "h"}}
    error = twin.post("act_1000000002/adcreatives", object_story_spec=story).json()["error"]
    assert '"headline" were found in param "object_story_spec[link_data]"' in error["message"]


def test_validate_only_stores_nothing(twin):
    """A dry run refuses what a real one would, and leaves no object."""
    given = {
        "name": "dry-run",
        "objective": "OUTCOME_TRAFFIC",
        "special_ad_categories": [],
        "is_adset_budget_sharing_enabled": False,
        "execution_options": ["validate_only"],
    }
    assert twin.post("act_1000000002/campaigns", **given).json() == {"success": True}
    assert "error" in twin.post("act_1000000002/campaigns", **given, x=1).json()
    named = [{"field": "name", "operator": "CONTAIN", "value": "dry-run"}]
    assert twin.get("act_1000000002/campaigns", filtering=named).json()["data"] == []
