"""What survives compiling, and what the second checker refuses."""

import copy
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.publishing import payload_validator
from assets.publishing.policy import Subject, compile, lint
from assets.publishing.policy.rules import Rulebook, rulebook
from domain.errors import InputError, PolicyRefusal, SetupError
from domain.platform import Network
from domain.primitives import Evidence, Primitive, Primitives

TODAY = date(2026, 11, 24)
FORBIDDEN = (
    "age_min",
    "age_max",
    "age_range",
    "genders",
    "zips",
    "behaviors",
    "life_events",
    "industries",
    "education_statuses",
    "work_positions",
    "family_statuses",
    "excluded_geo_locations",
    "exclusions",
    "custom_audiences",
    "excluded_custom_audiences",
    "relationship_statuses",
    "locales",
)


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
                i,
                text,
                0.5,
                "inferred" if inferred else "text",
                () if inferred else (Evidence("title", 0, 1, text),),
            ),
            st.sampled_from(["geo:1", "geo:2", "geo:9", "remote", "country:DE", "x"]),
            label,
            st.booleans() if field != "locations" else st.just(False),
        ),
        max_size=6,
    ).map(tuple)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(list(Network)),
    facts("industries"),
    facts("skills_keywords"),
    facts("locations"),
)
def test_no_text_ever_becomes_a_forbidden_field(
    make_plan, parts, network, industries, skills, places
):
    """Whatever the facts say, the plan holds no forbidden key and the second checker agrees."""
    own = Primitives(industries, skills, places, None)
    arms = [replace(parts.segment("c-a", 1), primitives=own)]
    arms.append(replace(parts.broad(), primitives=own))
    ad = parts.job_ad(platforms=frozenset({network}))
    plan = make_plan(ad, arms, network=network, countries=("DE",))
    for bodies in (plan.shared, *(a.bodies for a in plan.arms)):
        for kind, body in bodies.items():
            assert not keys(body) & set(FORBIDDEN)
            payload_validator.check(network, kind, body, resolved=False)


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
        payload_validator.check("meta", "adset", body)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("status",), "ACTIVE"),
        (("daily_budget",), 10.5),
        (("daily_budget",), 0),
        (("targeting", "targeting_automation"), {"advantage_audience": 1}),
        (("targeting", "geo_locations"), {}),
        (("targeting", "geo_locations"), {"zips": [{"key": "US:1"}], "countries": ["US"]}),
        (("targeting", "geo_locations", "custom_locations", 0, "radius"), 24),
        (("targeting", "geo_locations", "custom_locations", 0, "radius"), 200),
        (("targeting", "geo_locations", "custom_locations", 0, "distance_unit"), "mile"),
        (("targeting", "flexible_spec", 0, "interests", 0, "id"), "1 OR 1"),
        (("tune_for_category",), "NONE"),
    ],
)
def test_the_checker_refuses_a_changed_ad_set(ready, path, value):
    """Each single mutation of a lawful ad set is refused."""
    body = adset(ready(), "c-a")
    payload_validator.check("meta", "adset", body)
    spot = body
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value
    with pytest.raises(PolicyRefusal):
        payload_validator.check("meta", "adset", body)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("AGE", "AGE_25_TO_34"),
        ("GENDER", "1"),
        ("POSTAL_CODES", "78701"),
        ("LANGUAGE", "de"),
        ("FOLLOWERS_OF_USER", "1"),
        ("CUSTOM_AUDIENCE", "abc"),
        ("INTEREST", "1"),
        ("BROAD_KEYWORD", "recent graduates"),
        ("BROAD_KEYWORD", "90210"),
        ("LOCATION", {"$lookup": {"query": {"location_type": "POSTAL_CODES"}}}),
    ],
)
def test_the_checker_refuses_what_x_itself_would_take(make_plan, parts, kind, value):
    """X checks none of this for a job ad: the second checker is the only barrier."""
    plan = make_plan(parts.job_ad(platforms=frozenset({Network.X})), network=Network.X)
    body = copy.deepcopy(dict(plan.bodies("c-a")["targeting"]))
    payload_validator.check("x", "targeting", body, resolved=False)
    body["operations"][0]["params"] |= {"targeting_type": kind, "targeting_value": value}
    with pytest.raises(PolicyRefusal, match="targeting"):
        payload_validator.check("x", "targeting", body, resolved=False)


@pytest.mark.parametrize(
    ("resource", "change"),
    [
        ("campaign", {"status": "ENABLED"}),
        ("campaign", {"contains_eu_political_advertising": "UNSPECIFIED"}),
        ("campaign", {"network_settings": {"target_content_network": True}}),
        ("campaign", {"geo_target_type_setting": {"positive_geo_target_type": "SEARCH_INTEREST"}}),
        ("campaign", {"targeting_setting": {}}),
        ("campaign_budget", {"explicitly_shared": True}),
        ("campaign_budget", {"amount_micros": 0}),
        ("campaign_criterion", {"proximity": {"radius": 5, "radius_units": "KILOMETERS"}}),
        ("campaign_criterion", {"age_range": {"type_": "AGE_RANGE_25_34"}}),
        ("campaign_criterion", {"negative": True}),
    ],
)
def test_the_checker_refuses_a_changed_campaign_of_google(make_plan, parts, resource, change):
    """Each loosening of the shared operations is refused."""
    plan = make_plan(parts.job_ad(platforms=frozenset({Network.GOOGLE})), network=Network.GOOGLE)
    body = copy.deepcopy(dict(plan.shared["campaign"]))
    payload_validator.check("google", "campaign", body, resolved=False)
    made = next(o for o in body["mutate_operations"] if f"{resource}_operation" in o)
    made[f"{resource}_operation"]["create"] |= change
    with pytest.raises(PolicyRefusal):
        payload_validator.check("google", "campaign", body, resolved=False)


@pytest.mark.parametrize("words", ["women", "over 50", "foreigners"])
def test_a_search_is_narrowed_by_levels_of_work_only(make_plan, parts, words):
    """A negative keyword that shuts a group out is refused."""
    plan = make_plan(parts.job_ad(platforms=frozenset({Network.GOOGLE})), network=Network.GOOGLE)
    body = copy.deepcopy(dict(plan.bodies("c-a")["ad_group"]))
    negative = next(
        o["ad_group_criterion_operation"]["create"]
        for o in body["mutate_operations"]
        if o.get("ad_group_criterion_operation", {}).get("create", {}).get("negative")
    )
    negative["keyword"]["text"] = words
    with pytest.raises(PolicyRefusal, match="levels of work"):
        payload_validator.check("google", "ad_group", body, resolved=False)


@pytest.mark.parametrize("categories", [[], ["NONE"], ["HOUSING"], ["EMPLOYMENT", "NONE"], None])
def test_a_campaign_declares_employment_and_nothing_else(ready, categories):
    """Any other declaration is refused before it is sent, and when it is read back."""
    body = {**ready().shared["campaign"], "special_ad_categories": categories}
    with pytest.raises(PolicyRefusal, match="special_ad_categories"):
        payload_validator.check("meta", "campaign", body)
    with pytest.raises(PolicyRefusal):
        payload_validator.check_live("meta", "campaign", body)


def test_what_a_network_adds_by_itself_is_tolerated_but_never_a_trait(ready):
    """Ages 18 to 65 and both genders are everyone; 25 to 45 is not."""
    held = adset(ready())
    held["targeting"] |= {"age_min": 18, "age_max": 65, "genders": [1, 2], "brand_safety": ["x"]}
    payload_validator.check_live("meta", "adset", held)
    held["targeting"]["age_max"] = 45
    with pytest.raises(PolicyRefusal, match="18 to 65"):
        payload_validator.check_live("meta", "adset", held)


def test_an_approved_text_may_not_be_rewritten(ready):
    """A creative without every opt-out is refused."""
    body = {**copy.deepcopy(dict(ready().bodies("broad")["creative"])), "name": "aa-1"}
    body["object_story_spec"]["link_data"]["image_hash"] = "abc"
    payload_validator.check("meta", "creative", body)
    body["degrees_of_freedom_spec"]["creative_features_spec"]["text_optimizations"] = {
        "enroll_status": "OPT_IN"
    }
    with pytest.raises(PolicyRefusal, match="rewrite"):
        payload_validator.check("meta", "creative", body)


def test_a_place_that_nobody_knows_is_dropped_with_a_line(policy, parts):
    """A postcode as a place is no target, and the proof says by which rule."""
    own = Primitives(locations=(parts.fact("zip:10115", "10115"),))
    got = compile(Subject(Network.META, own, ("DE",), TODAY, broad=True), policy)
    assert [t.kind for t in got.targets] == ["country"]
    assert (got.proof[0].fate, got.proof[0].fact) == ("drop", "zip:10115")


def test_without_a_rule_nothing_is_allowed(policy, parts):
    """A table that forgets a field drops its facts from targets and from copy."""
    places = tuple(r for r in policy.rules.rules if "locations.country" in r.fields)
    bare = replace(policy, rules=Rulebook(places, policy.rules.groups, {}))
    own = Primitives(skills_keywords=(parts.fact("skill:x", "Python"),))
    got = compile(Subject(Network.X, own, ("DE",), TODAY), bare)
    assert got.keywords == () and got.facts == ()
    assert (got.proof[-1].fate, got.proof[-1].rule) == ("drop", "default-deny")


def test_no_rule_holds_before_the_first(policy, parts):
    """A day that no dated rule covers is refused, not guessed."""
    with pytest.raises(InputError, match="no rule"):
        compile(Subject(Network.META, Primitives(), ("DE",), date(2001, 1, 1)), policy)


def test_inferred_facts_stop_choosing_people_in_the_eu_in_december_2027(policy, parts):
    """The dated rule starts on its day, in its countries, and not before or elsewhere."""
    own = Primitives(skills_keywords=(parts.fact("skill:x", "Python", "inferred"),))

    def words(country, on):
        return compile(Subject(Network.X, own, (country,), on), policy).keywords

    assert words("DE", date(2027, 12, 1)) and words("US", date(2027, 12, 2))
    assert not words("DE", date(2027, 12, 2))


def test_the_strictest_country_rules_all(policy, parts):
    """An ad shown in the US and Germany at once obeys the German rule."""
    own = Primitives(skills_keywords=(parts.fact("skill:x", "Python", "inferred"),))
    both = Subject(Network.X, own, ("DE", "US"), date(2028, 1, 1))
    assert compile(both, policy).keywords == ()


@pytest.mark.parametrize(
    "change",
    [
        {"field": "age", "fate": "keep", "to": "keyword"},
        {"radius_km": 10},
        {"to": "behaviours"},
        {"source": "hearsay"},
        {"countries": "atlantis"},
        {"from": None},
        {"fate": "allow"},
        {"untill": date(2026, 1, 1)},
        {"radius_km": "wide"},
    ],
)
def test_a_table_that_cannot_be_kept_is_refused_as_a_whole(change):
    """A row that nobody can carry out names itself; nothing is compiled by the rest."""
    row = {
        "id": "r1",
        "network": "meta",
        "countries": "all",
        "field": "locations.city",
        "fate": "rewrite",
        "to": "place",
        "radius_km": 40,
        "from": date(2025, 1, 1),
        "source": "s",
        "reason": "because",
    }
    data = {"groups": {}, "sources": {"s": "a source"}, "rules": [row | change]}
    with pytest.raises(SetupError, match="r1"):
        rulebook(data)


@pytest.mark.parametrize(
    "text",
    [
        "Men only please",
        "Applicants under 35 years old",
        "Young and dynamic team",
        "Aged 20-30",
        "No foreigners",
        "female candidates only",
        "y\u200boung and dynamic",
        "уoung and dynamic",
        "Ｙoung and dynamic",
    ],
)
def test_words_that_shut_people_out_are_refused_and_named(policy, text):
    """The refusal quotes the words; invisible and look-alike letters hide nothing."""
    with pytest.raises(PolicyRefusal, match="shuts people out"):
        lint(text, policy.words, "description_short")


@pytest.mark.parametrize(
    "text",
    [
        "Work with young people and families",
        "Women and veterans are encouraged to apply",
        "Manage men's fashion",
        "Must be at least 18 years old",
        "You turn 40 ideas into one",
    ],
)
def test_ordinary_words_pass(policy, text):
    """A word of a trait is no exclusion by itself."""
    assert policy.words.shuts_out(text) is None


def test_a_trait_is_neither_interest_nor_added_copy(make_plan, parts):
    """A cluster term that stands for a trait reaches no body."""
    plan = make_plan(None, [parts.segment("c-a", 1, "parenting", "Airflow"), parts.broad()])
    assert "parenting" not in str([a.bodies for a in plan.arms])
    lines = [line for arm in plan.arms for line in arm.proof if line.label == "parenting"]
    assert [line.fate for line in lines] == ["drop"]
