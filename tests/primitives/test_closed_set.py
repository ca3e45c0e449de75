"""Whatever a text says, what is read from it is in the taxonomy and stands in the text."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.segmentation.primitives.extraction import extract
from assets.segmentation.reference.lexicons import codes
from resources.files.bundled import ROOT

WORDS = [
    "Senior",
    "nurse",
    "Python",
    "C++",
    "R&D",
    "SQL,",
    "manage",
    "staff",
    "teams",
    "the",
    "of",
    "\n",
    "Leeds",
    "Portland,",
    "OR",
    "remote",
    "hybrid",
    "working",
    "5+ years'",
    "experience",
    "chef",
    "(RN)",
    "café",
    "🍳",
    "ممرضة",
    "och",
    "-",
    "/",
    "machine learning",
    "seeking a",
    "data",
]
texts = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=30).map(" ".join)


@pytest.fixture(scope="module")
def known(taxonomy):
    """Every id that the bundled tables and the YAML have."""
    reference = ROOT / "data" / "reference"
    tables = codes(reference)
    ids = {f"onet:{c}" for c in tables.onet} | {f"isco:{c}" for c in tables.isco}
    ids |= {*tables.skills, *taxonomy.industries, *taxonomy.seniority_levels, *taxonomy.work_modes}
    places = pl.read_parquet(reference / "places.parquet")["geoname_id"]
    return ids | {f"geo:{i}" for i in places} | {p.id for p in _wide(taxonomy.gazetteer)}


def _wide(gazetteer):
    return [*gazetteer.states.values(), *gazetteer.countries.values()]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts, texts, texts, st.sampled_from(["en", "", "sv", "other"]))
def test_no_id_is_outside_the_taxonomy_and_every_span_is_the_text(
    taxonomy, known, title, description, location, language
):
    """Of any text: ids that the tables have, certainties in [0, 1], evidence at its very place."""
    found = extract(title, description, location, taxonomy, language)
    fields = {"title": title, "description": description, "location": location}
    level = [found.seniority] if found.seniority else []
    facts = (*found.industries, *found.skills_keywords, *found.locations, *found.occupation, *level)
    for fact in facts:
        assert fact.id in known
        for e in fact.evidence:
            assert fields[e.field][e.start : e.end] == e.text != ""


def test_every_code_beside_a_title_is_in_its_table(taxonomy):
    """No title of the compiled table leads to a code that O*NET or ISCO-08 lacks."""
    table = taxonomy.occupations
    codes_ = {f"onet:{c}" for c in table.onet if c} | {f"isco:{c}" for c in table.isco if c}
    assert codes_ <= set(table.labels)


def test_every_phrase_leads_to_a_skill(taxonomy):
    """The rows of the compiled phrases are rows of the closed set."""
    skills = taxonomy.skills
    assert min(skills.skill) >= 0 and max(skills.skill) < len(skills.ids)
    assert len(skills.skill) == len(skills.phrase_kind) == len(skills.exact)
