"""What single ads are read as."""

import pytest

from assets.segmentation.primitives.extraction import extract
from assets.segmentation.text.phrases import Field


def skills(taxonomy, text):
    return {
        text[m.start : m.end]: taxonomy.skills.labels[m.skill]
        for m in taxonomy.skills.mentions(Field("description", text))
    }


@pytest.mark.parametrize(
    ("text", "words", "label"),
    [
        ("Experience with Python.", "Python", "Python"),
        ("You know C++ well", "C++", "C++"),
        ("managing a team of our staff", "managing a team", "lead a team"),
        ("you will provide nursing care", "nursing care", "nursing science"),
        ("strong attention to detail", "attention to detail", "attend to detail"),
        ("fluent English required", "fluent English", "English"),
        ("we use k8s", "k8s", "Kubernetes"),
    ],
)
def test_a_skill_is_found_by_the_ways_ads_say_it(taxonomy, text, words, label):
    """By name, by another name, by its stem with words between, by an abbreviation."""
    assert skills(taxonomy, text)[words] == label


@pytest.mark.parametrize(
    "text", ["our R&D site", "go home", "etc and so on", "in spring", "excel in your role"]
)
def test_everyday_words_are_no_technologies(taxonomy, text):
    """R, Go, Spring and Excel must be written as their makers write them."""
    assert skills(taxonomy, text) == {}


def test_punctuation_ends_a_phrase(taxonomy):
    """The end of one sentence and the start of the next are no skill together."""
    assert "machine learning" in skills(taxonomy, "We use machine learning")
    assert not skills(taxonomy, "Operate the machine. Learning is fun")


def test_more_mentions_make_it_surer_and_a_title_surest(taxonomy):
    """Certainty grows with each mention and stays below one."""
    once, twice, title = (
        extract(t, d, "", taxonomy).skills_keywords[0].score
        for t, d in (("", "Python"), ("", "Python. Python"), ("Python", ""))
    )
    assert once < title < 1
    assert once < twice < 1


@pytest.mark.parametrize(
    ("title", "onet", "isco"),
    [
        ("Senior Registered Nurse (RN) - ICU, nights", "onet:29-1141.00", "isco:2221"),
        ("Care Assistant / Support Worker", "onet:31-1122.00", "isco:5322"),
        ("Lead Software Engineer at a bank", "onet:15-1252.00", "isco:2512"),
        ("Bakers", "onet:51-3011.00", "isco:7512"),
    ],
)
def test_an_occupation_is_read_from_the_title(taxonomy, title, onet, isco):
    """Level, place and employer around it do not hide it; plural and singular are one."""
    assert [p.id for p in extract(title, "", "", taxonomy).occupation] == [onet, isco]


def test_a_title_of_no_occupation_is_not_guessed(taxonomy):
    """Words that name none leave the list empty, unless the text says who is sought."""
    assert extract("The best job is waiting", "Apply.", "", taxonomy).occupation == ()
    said = extract("Join us", "We are seeking a truck driver today.", "", taxonomy).occupation[0]
    assert said.id == "onet:53-3032.00"
    assert said.evidence[0].text == "truck driver"


def test_years_of_experience_speak_where_no_word_names_the_level(taxonomy):
    """Five years are senior; a company's forty years are nobody's experience."""
    read = extract("Analyst", "At least 5 years' experience in banking.", "", taxonomy).seniority
    assert (read.id, read.evidence[0].text) == ("senior", "5 years'")
    assert extract("Analyst", "40 years of experience as a firm.", "", taxonomy).seniority is None
    assert extract("Junior Analyst", "5 years' experience", "", taxonomy).seniority.id == "entry"


@pytest.mark.parametrize(
    ("title", "text", "location", "ids"),
    [
        ("Cook", "", "New York, NY", ["geo:5128581"]),
        ("Cook", "", "Leeds, UK", ["geo:2644688"]),
        ("Cook", "The role is based in Leeds.", "", ["geo:2644688"]),
        ("Cook - Portland, OR", "", "", ["geo:5746545"]),
        ("Cook (remote)", "", "Leeds, UK", ["remote", "geo:2644688"]),
        ("Cook", "Hybrid working, two days at home.", "Leeds, UK", ["hybrid", "geo:2644688"]),
        ("Cook", "We watch remote sites; no remote work.", "Leeds, UK", ["geo:2644688"]),
        ("Cook", "This is not a fully remote position.", "Leeds, UK", ["geo:2644688"]),
        ("Cook", "Reading, writing and Nice people.", "", []),
    ],
)
def test_places_and_modes_of_work(taxonomy, title, text, location, ids):
    """The field first, then the title, then a text that says where; remote unless it is denied."""
    assert [p.id for p in extract(title, text, location, taxonomy).locations] == ids


def test_an_industry_that_no_word_names_is_inferred_from_the_occupation(taxonomy):
    """It is marked so, and half as sure."""
    found = extract("Lawyer", "Join our people.", "", taxonomy)
    other = extract("Barista", "Join our people.", "", taxonomy)
    assert found.industries[0].id == "naics:5411"
    assert other.industries[0].source == "inferred"
    assert other.industries[0].score <= other.occupation[0].score / 2
