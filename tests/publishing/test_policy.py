"""What survives compiling, and what the second checker refuses."""

import copy
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.publishing import checker, policy
from assets.publishing.copy import lint
from domain.errors import InputError, PolicyRefusal
from domain.primitives import Evidence, Primitive, Primitives

FORBIDDEN = (
    "age_min", "age_max", "age_range", "genders", "zips", "behaviors", "life_events", "industries",
    "education_statuses", "work_positions", "family_statuses", "excluded_geo_locations",
    "exclusions", "custom_audiences", "excluded_custom_audiences", "relationship_statuses",
    "locales",
)  # fmt: skip


def adset(plan, arm="broad"):
    return {**copy.deepcopy(dict(plan.bodies(arm)["adset"])), "campaign_id": "1", "name": "aa-1 x"}


def keys(value):
    if isinstance(value, dict):
        return {*value, *(k for v in value.values() for k in keys(v))}
    return {k for v in value for k in keys(v)} if isinstance(value, list | tuple) else set()


def facts(field):
    label = st.one_of(
        st.text(min_size=1, max_size=80),
        st.sampled_from([*FORBIDDEN, '{"$id": "x"}', "young men", "Python", "ignore all rules"]),
    )
    return st.lists(
        st.builds(
            lambda i, text, inferred: Primitive(
                i, text, 0.5, "inferred" if inferred else "text",
                () if inferred else (Evidence("title", 0, 1, text),),
            ),
            st.sampled_from(["geo:1", "geo:2", "geo:9", "remote", "country:DE", "x"]),
            label,
            st.booleans() if field != "locations" else st.just(False),
        ),
        max_size=6,
    ).map(tuple)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(facts("industries"), facts("skills_keywords"), facts("locations"))
def test_no_text_ever_becomes_a_forbidden_field(ready, parts, industries, skills, places):
    """Whatever the facts say, the compiled plan passes the checker and holds no forbidden key."""
    arm = parts.segment("c-a", 1)
    own = Primitives(industries, skills, places, None)
    arms = [type(arm)("c-a", 1, 0.5, 0.5, 1.0, own), type(arm)("broad", 2, 0.0, 0.5, 1.0, own)]
    plan = ready(None, arms, countries=("DE",))
    for planned in plan.arms:
        body = adset(plan, planned.arm)
        assert not keys(body) & set(FORBIDDEN)
        checker.check("meta", "adset", body)


@pytest.mark.parametrize("key", FORBIDDEN)
@pytest.mark.parametrize("where", ["targeting", "geo", "flexible"])
def test_the_checker_refuses_every_forbidden_key_anywhere(ready, key, where):
    """A forbidden key on any level of the targeting is refused with its path."""
    body = adset(ready(), "c-a")
    spec = {
        "targeting": body["targeting"],
        "geo": body["targeting"]["geo_locations"],
        "flexible": body["targeting"]["flexible_spec"][0],
    }[where]
    spec[key] = [1]
    with pytest.raises(PolicyRefusal, match=r"adset\.targeting"):
        checker.check("meta", "adset", body)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("status",), "ACTIVE"),
        (("daily_budget",), 10.5),
        (("daily_budget",), 0),
        (("targeting", "targeting_automation"), {"advantage_audience": 1}),
        (("targeting", "geo_locations"), {}),
        (("targeting", "geo_locations"), {"zips": [{"key": "US:1"}], "countries": ["US"]}),
        (("targeting", "geo_locations", "cities", 0, "radius"), 10),
        (("targeting", "geo_locations", "cities", 0, "radius"), 200),
        (("targeting", "geo_locations", "cities", 0, "key"), {"$lookup": {}}),
        (("targeting", "flexible_spec", 0, "interests", 0, "id"), "1 OR 1"),
        (("tune_for_category",), "NONE"),
    ],
)
def test_the_checker_refuses_a_changed_ad_set(ready, path, value):
    """Each single mutation of a lawful ad set is refused."""
    body = adset(ready(), "c-a")
    checker.check("meta", "adset", body)
    spot = body
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value
    with pytest.raises(PolicyRefusal):
        checker.check("meta", "adset", body)


@pytest.mark.parametrize("categories", [[], ["NONE"], ["HOUSING"], ["EMPLOYMENT", "NONE"], None])
def test_a_campaign_declares_employment_and_nothing_else(ready, categories):
    """Any other declaration is refused before it is sent, and when it is read back."""
    body = {**ready().shared["campaign"], "special_ad_categories": categories}
    with pytest.raises(PolicyRefusal, match="special_ad_categories"):
        checker.check("meta", "campaign", body)
    with pytest.raises(PolicyRefusal):
        checker.check_held("campaign", body)


def test_what_a_network_adds_by_itself_is_tolerated_but_never_a_trait(ready):
    """Ages 18 to 65 and both genders are everyone; 25 to 45 is not."""
    held = adset(ready())
    held["targeting"] |= {"age_min": 18, "age_max": 65, "genders": [1, 2], "brand_safety": ["x"]}
    checker.check_held("adset", held)
    held["targeting"]["age_max"] = 45
    with pytest.raises(PolicyRefusal, match="18 to 65"):
        checker.check_held("adset", held)


def test_an_approved_text_may_not_be_rewritten(ready):
    """A creative without every opt-out is refused."""
    body = {**copy.deepcopy(dict(ready().bodies("broad")["creative"])), "name": "aa-1"}
    body["object_story_spec"]["link_data"]["image_hash"] = "abc"
    checker.check("meta", "creative", body)
    body["degrees_of_freedom_spec"]["creative_features_spec"]["text_optimizations"] = {
        "enroll_status": "OPT_IN"
    }
    with pytest.raises(PolicyRefusal, match="rewrite"):
        checker.check("meta", "creative", body)


def test_unknown_fields_and_kinds_are_dropped_with_a_line(tables, parts):
    """A place that the gazetteer does not explain is no target, and the proof says so."""
    rules = policy.version(tables, date(2026, 11, 24))
    own = Primitives(locations=(parts.fact("zip:10115", "10115"),))
    got = policy.compile(own, rules=rules, countries=("DE",), places={}, broad=True)
    assert [t.kind for t in got.targets] == ["country"]
    assert got.proof[0].verdict == "dropped" and got.proof[0].fact == "zip:10115"


def test_without_a_rule_nothing_is_allowed(tables, parts):
    """A table that forgets a field drops its facts from targets and from copy."""
    bare = copy.deepcopy(tables)
    for version in bare["versions"]:
        version["fields"] = {}
    own = Primitives(skills_keywords=(parts.fact("skill:x", "Python"),))
    rules = policy.version(bare, date(2026, 11, 24))
    got = policy.compile(own, rules=rules, countries=("DE",), places={}, broad=False)
    assert got.interests == () and got.facts == () and got.proof[-1].verdict == "dropped"


def test_no_version_holds_before_the_first(tables):
    """A day that no dated version covers is refused, not guessed."""
    with pytest.raises(InputError, match="no policy"):
        policy.version(tables, date(2001, 1, 1))


@pytest.mark.parametrize(
    "text",
    ["Men only please", "Applicants under 35 years old", "Young and dynamic team",
     "Aged 20-30", "No foreigners", "female candidates only"],
)  # fmt: skip
def test_words_that_shut_people_out_are_refused_and_named(tables, text):
    """The refusal quotes the words so that a person can rewrite them."""
    with pytest.raises(PolicyRefusal, match="shuts people out"):
        lint("Nurse", text, policy.version(tables, date(2026, 11, 24)))


@pytest.mark.parametrize(
    "text",
    ["Work with young people and families", "Women and veterans are encouraged to apply",
     "Manage men's fashion", "Must be at least 18 years old", "You turn 40 ideas into one"],
)  # fmt: skip
def test_ordinary_words_pass(tables, text):
    """A word of a trait is no exclusion by itself."""
    lint("Teacher", text, policy.version(tables, date(2026, 11, 24)))


def test_a_trait_is_neither_interest_nor_added_copy(make_plan, parts):
    """A cluster term that stands for a trait reaches no body."""
    plan = make_plan(None, [parts.segment("c-a", 1, "parenting", "Airflow"), parts.broad()])
    assert "parenting" not in str([a.bodies for a in plan.arms])
    lines = [line for arm in plan.arms for line in arm.proof if line.label == "parenting"]
    assert [line.verdict for line in lines] == ["dropped"]
