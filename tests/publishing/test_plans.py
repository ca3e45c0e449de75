"""From an ad and its arms to the plan that a person accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.publishing import payload_validator
from assets.publishing.planning import budgets
from assets.publishing.planning.plan_compiler import differences
from domain.caps import daily_minor
from domain.errors import InputError, PolicyRefusal
from domain.money import Money
from domain.plan import Plan
from domain.platform import Account, Mode, Network
from domain.primitives import Arm, Evidence, Primitive, Primitives
from tests.publishing.conftest import broad, job_ad


def test_the_budgets_of_the_arms_sum_to_the_ads(ready):
    """2501 cents over shares 0.4, 0.4 and 0.2 lose no cent."""
    money = [arm.bodies["adset"]["daily_budget"] for arm in ready().arms]
    assert sum(money) == 2501 and all(type(m) is int for m in money)


@given(st.integers(0, 10**9), st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6))
def test_splitting_is_exact_and_fair(total, shares):
    """Parts sum to the total and each is within one unit of its share."""
    parts = budgets.split(total, shares)
    assert sum(parts) == total
    fair = (total * share / sum(shares) for share in shares)
    assert all(abs(p - f) < 1.001 for p, f in zip(parts, fair, strict=True))


def test_a_small_budget_carries_fewer_segments(make_plan, parts):
    """Three euros at a minimum of one carry one segment beside broad, and the plan says why."""
    arms = [parts.segment(f"c-{n}", n, f"Term{n}", share=0.25) for n in (1, 2, 3)]
    plan = make_plan(parts.job_ad(budget_daily=Money(300, "EUR")), [*arms, parts.broad(0.25)])
    assert [a.arm for a in plan.arms] == ["c-1", "c-2", "broad"]
    assert "carries 2 of 3" in plan.reason


def test_segments_differ_from_broad_in_copy_and_interests(ready):
    """The fields in which arms lawfully differ are named; place and money are not among them."""
    paths = [path for path, _ in differences(ready())]
    assert "adset.targeting.flexible_spec" in paths
    assert "creative.object_story_spec.link_data.message" in paths
    assert not any("geo_locations" in path or "budget" in path for path in paths)


def test_segments_that_add_nothing_lawful_leave_broad_alone(make_plan, parts):
    """With no supported term and no listed interest, broad gets the whole budget."""
    arms = [parts.segment("c-a", 1), parts.segment("c-b", 2, "Guess", source="inferred")]
    plan = make_plan(None, [*arms, parts.broad()], allowed={})
    assert [a.arm for a in plan.arms] == ["broad"] and plan.reason == "nothing lawful differs"
    assert plan.arms[0].bodies["adset"]["daily_budget"] == 2501


def test_inferred_terms_never_become_words_of_the_ad(make_plan, parts):
    """What only the cluster says is no promise of this ad."""
    arms = [parts.segment("c-a", 1, "Kubernetes", source="inferred"), parts.broad()]
    plan = make_plan(None, arms)
    assert "Kubernetes" not in str([a.bodies["creative"] for a in plan.arms])


def test_a_place_that_the_network_does_not_know_widens_to_its_country(make_plan, parts):
    """No guess: the whole country is targeted, and the proof says why."""
    own = Primitives(locations=(parts.fact("geo:2", "Texas"),))
    arms = [Arm("broad", 1, 0.0, 1.0, 1.0, own)]
    plan = make_plan(None, arms, lookup=lambda kind, query: [])
    assert plan.arms[0].bodies["adset"]["targeting"]["geo_locations"] == {"countries": ["US"]}
    assert any("whole country" in line.reason for line in plan.arms[0].proof)


def test_a_resolved_plan_names_only_sibling_ids(ready):
    """Every lookup is answered or gone; what remains open is $id alone."""
    text = str(ready().as_dict())
    assert "$lookup" not in text and "$id" in text
    assert "52.5244" in text and "6003000001" in text


def test_a_plan_survives_its_storage(ready):
    """Written as JSON and read again it is the same plan, digest and revisions too."""
    import json

    plan = ready()
    again = Plan.from_dict(json.loads(json.dumps(plan.as_dict())))
    assert again.digest == plan.digest
    assert [again.revision(a.arm) for a in again.arms] == [plan.revision(a.arm) for a in plan.arms]


def test_an_ad_in_the_union_names_payer_and_beneficiary(make_plan, parts):
    """Without them the plan is refused and the mend is named."""
    with pytest.raises(InputError, match="dsa_payer"):
        make_plan(team=parts.Team(None, None))


def test_a_budget_in_another_currency_is_refused(make_plan):
    """Money is never converted silently."""
    account = Account("act_2", "USD", "America/New_York", 100, Mode.SANDBOX)
    with pytest.raises(InputError, match="USD"):
        make_plan(account=account)


def test_an_ad_without_any_place_or_country_is_refused(make_plan, parts):
    """An audience without a place would be the whole world."""
    with pytest.raises(InputError, match="no place"):
        make_plan(None, [Arm("broad", 1, 0.0, 1.0, 1.0, Primitives())])


def test_an_ad_that_shuts_people_out_is_not_planned(make_plan, parts):
    """The policy speaks before any body exists."""
    with pytest.raises(PolicyRefusal, match="men only"):
        make_plan(parts.job_ad(description_short="Men only."))


def test_the_link_tells_the_arm_and_not_the_key(ready):
    """url_tags differ by arm and hold no posting key."""
    tags = [a.bodies["creative"]["url_tags"] for a in ready().arms]
    assert len(set(tags)) == 3 and not any("aa-" in t for t in tags)


def test_a_town_is_told_from_its_namesakes_by_its_region(make_plan, parts):
    """Austin in Texas is chosen, although the network lists another Austin first."""
    from domain.platform import Candidate

    def lookup(kind, query):
        rows = (("1", "Minnesota"), ("2", "Texas"))
        return [
            Candidate(i, "Austin", "city", {"country_code": "US", "region": r}) for i, r in rows
        ]

    own = Primitives(locations=(parts.fact("geo:3", "Austin"),))
    ad = parts.job_ad(platforms=frozenset({Network.X}))
    arms = [Arm("broad", 1, 0.0, 1.0, 1.0, own)]
    plan = make_plan(ad, arms, network=Network.X, lookup=lookup)
    operations = plan.arms[0].bodies["targeting"]["operations"]
    assert [op["params"]["targeting_value"] for op in operations] == ["2"]


def test_each_fact_has_one_proof_line_that_tells_what_became_of_it(make_plan):
    """A listed interest names its id; one that is not listed is copy or dropped, never both."""
    plan = make_plan()
    lines = [line for line in plan.arms[0].proof if line.field == "skills_keywords"]
    assert len({line.fact for line in lines}) == len(lines)
    told = {line.label: line for line in lines}
    assert told["Python"].fate == "keep" and "6003000001" in told["Python"].reason
    assert told["SQL"].fate == "rewrite" and "not on the account" in told["SQL"].reason


def test_without_a_list_of_interests_none_is_targeted(make_plan):
    """What the account allows is never guessed."""
    plan = make_plan(allowed=None)
    assert "flexible_spec" not in str([a.bodies for a in plan.arms])
    assert any("not known" in line.reason for line in plan.arms[0].proof)


def test_a_fact_read_between_the_lines_is_not_printed(make_plan, parts):
    """Words that are not the fact's own name stay out of the copy."""
    hint = Primitive("skill:x", "electricity", 0.5, "text", (Evidence("title", 0, 7, "current"),))
    own = Primitives(skills_keywords=(hint,), locations=(parts.fact("geo:1", "Berlin"),))
    plan = make_plan(None, [Arm("broad", 1, 0.0, 1.0, 1.0, own)])
    assert "current" not in str(plan.arms[0].bodies["creative"])


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("link_data", {"picture": "https://example.com/a.png"}),
        ("link_data", {"link": "http://x"}),
        ("video_data", {"image_url": "https://example.com/a.png"}),
        ("video_data", {"call_to_action": {"type": "APPLY_NOW", "value": {}}}),
        ("video_data", {"title": "Young women only"}),
    ],
)
def test_the_checker_reads_all_that_a_story_says(ready, kind, change):
    """Pictures from elsewhere, open links and hidden words, in link and video ads alike."""
    made = ready() if kind == "link_data" else ready(media="f" * 64 + ".mp4")
    body = dict(made.arms[0].bodies["creative"])
    payload_validator.check("meta", "creative", body, resolved=False)
    story = body["object_story_spec"]
    told = {**story, kind: {**story[kind], **change}}
    with pytest.raises(PolicyRefusal):
        payload_validator.check(
            "meta", "creative", {**body, "object_story_spec": told}, resolved=False
        )


@pytest.mark.parametrize(
    ("currency", "asked", "sent"),
    [
        ("HUF", 500_000, 5_000),
        ("HUF", 500_050, 5_000),
        ("JPY", 5_000, 5_000),
        ("EUR", 2_501, 2_501),
    ],
)
def test_meta_is_told_a_day_in_the_unit_that_it_counts(ready, currency, asked, sent):
    """5,000.00 HUF are 5000 at Meta, whose forint has no minor unit, and not 500000."""
    account = Account("act_1", currency, "Europe/Berlin", 100, Mode.SANDBOX)
    ad = job_ad(budget_daily=Money(asked, currency))
    plan = ready(ad, [broad()], account=account)
    assert plan.arms[0].bodies["adset"]["daily_budget"] == sent
    assert asked - 100 < daily_minor(plan, currency) <= asked
