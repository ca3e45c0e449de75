import csv

import pytest

from assets.segmentation.audiences.arms import arms
from assets.segmentation.audiences.audience import audiences
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.profiles import Profile
from assets.segmentation.model.segment_model import Segment, SegmentPath
from assets.segmentation.primitives.extraction import extract, with_segment_terms
from assets.segmentation.reference.reference_model import load_reference
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from assets.segmentation.text.job_text import JobText
from assets.segmentation.text.normalization import ad_text, plain
from domain.primitives import BROAD
from resources.encoders.minilm_encoder import Encoder
from resources.files.bundled import ROOT


@pytest.fixture(scope="module")
def taxonomy():
    return load_taxonomy()


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("Senior Nurse 🩺", "👩‍⚕️ Patients in our hospital. Nursing care — naïve café."),
        ("مهندس Software Engineer", "كتابة البرمجيات software and networks"),
        ("Cook e\u0301quipe", "Kitchen, meals and menus."),
    ],
)
def test_evidence_points_at_the_very_words(title, description, taxonomy):
    """Offsets are code points of the field as it was given, whatever script stands before them."""
    found = extract(title, description, "Portland, Oregon", taxonomy)
    fields = {"title": title, "description": description, "location": "Portland, Oregon"}
    facts = [*found.industries, *found.skills_keywords, *found.locations]
    assert found.industries
    for fact in facts:
        for e in fact.evidence:
            assert fields[e.field][e.start : e.end] == e.text


def test_a_place_is_the_one_its_state_names(taxonomy):
    """Portland in Oregon and Portland in Maine are two places."""
    west = extract("Cook", "Meals.", "Portland, Oregon", taxonomy).locations[0]
    east = extract("Cook", "Meals.", "Portland, Maine", taxonomy).locations[0]
    assert west.label == east.label == "Portland"
    assert west.id != east.id


def test_anothers_seniority_is_not_the_jobs_own(taxonomy):
    """Who reports to a senior manager is not one."""
    said = extract("Nurse", "Reports to the senior manager of the ward.", "", taxonomy)
    assert said.seniority is None
    level = extract("Senior Nurse", "Care.", "", taxonomy).seniority
    assert level is not None and level.id == "senior"


def test_a_term_of_the_cluster_alone_is_marked_inferred(taxonomy):
    """What the ad does not say is never shown as if it did."""
    own = extract("Cook", "Prepare meals.", "", taxonomy)
    more = with_segment_terms(
        own, "Cook", "Prepare meals.", terms=("meals", "catering"), industries=(), taxonomy=taxonomy
    )
    sources = {p.label: p.source for p in more.skills_keywords}
    assert sources["meals"] == "text"
    assert sources["catering"] == "inferred"


def test_words_of_a_protected_trait_are_no_keywords(taxonomy):
    """Neither the ad's own words nor its cluster's make age or sex a keyword."""
    own = extract("Cook", "Young women wanted.", "", taxonomy)
    more = with_segment_terms(
        own, "Cook", "Young women wanted.", terms=("young women",), industries=(), taxonomy=taxonomy
    )
    assert not [p for p in more.skills_keywords if taxonomy.holds_proxy_term(p.label)]


def path(silhouette: float, likeness: float, key: str = "seg-a") -> SegmentPath:
    return ((Segment(key, 0, silhouette, Profile(0, 9, ("meals",), (), ()), ()), likeness),)


def test_a_segment_under_the_gate_leads_to_broad_with_its_reason(taxonomy):
    """Silhouette below 0.25: one arm, broad, which says why."""
    own = extract("Cook", "Prepare meals.", "", taxonomy)
    config = SegmentationConfig()
    found = arms(own, "Cook", "Prepare meals.", [path(0.24, 0.9)], taxonomy, config)
    assert [a.arm for a in found] == [BROAD]
    assert found[0].reason == "silhouette 0.24 < 0.25 (seg-a)"
    near = arms(own, "Cook", "Prepare meals.", [path(0.2466, 0.9)], taxonomy, config)
    assert near[0].reason == "silhouette 0.247 < 0.250 (seg-a)"


def test_a_trusted_second_segment_does_not_stand_in_for_an_untrusted_first(taxonomy):
    """A baker near bakers who cannot be told apart is not shown to cooks instead."""
    own = extract("Baker", "Bake bread.", "", taxonomy)
    near = [path(0.13, 0.9), path(0.81, 0.6, "seg-b")]
    found = arms(own, "Baker", "Bake bread.", near, taxonomy, SegmentationConfig())
    assert [arm.arm for arm in found] == ["broad"]
    assert "0.13" in found[0].reason


def test_arms_spend_the_whole_budget_and_broad_is_always_one(taxonomy):
    """Shares of segments and broad sum to one."""
    own = extract("Cook", "Prepare meals.", "", taxonomy)
    near = [path(0.5, 0.8), path(0.4, 0.4, "seg-b")]
    found = arms(own, "Cook", "Prepare meals.", near, taxonomy, SegmentationConfig())
    assert [a.arm for a in found] == ["seg-a", "seg-b", BROAD]
    assert sum(a.budget_share for a in found) == pytest.approx(1.0, abs=1e-6)


def test_one_ad_alone_gets_primitives_of_its_own_occupation(taxonomy):
    """For at least ten occupations of the sample an ad alone, assigned to the reference model,
    yields industries and skills that no other occupation's ad has."""
    with (ROOT / "data" / "sample" / "job_ads.csv").open(encoding="utf-8") as file:
        by_occupation = {row["occupation"]: row for row in reversed(list(csv.DictReader(file)))}
    model, encode, config = load_reference(), Encoder(), SegmentationConfig()
    found = {}
    for name, row in by_occupation.items():
        job = JobText("1", row["title"], plain(row["description_long"]), row["location"])
        vectors = encode([ad_text(job.title, job.description)])
        (audience,) = audiences([job], vectors, model, taxonomy, config)
        assert audience.fit == "reference"
        top = audience.arms[0].primitives
        found[name] = (
            tuple(p.id for p in top.industries),
            tuple(p.id for p in top.skills_keywords),
        )
    real = {name: pair for name, pair in found.items() if all(pair)}
    assert len({industries for industries, _ in real.values()}) >= 10
    assert len({skills for _, skills in real.values()}) >= 10
