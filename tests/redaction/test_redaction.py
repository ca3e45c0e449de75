import json
import os
from collections import Counter
from pathlib import Path

import pytest

from assets.segmentation.text.normalization import plain
from assets.segmentation.text.redaction import redact

RESUME = (
    "Avery Calloway\navery.calloway@example.org | (202) 555-0142 | linkedin.com/in/averyc\n"
    "42 Larch Street, Springfield, IL 62701\nDate of birth: 12 March 1988\n"
    "Experience 2014 - 2019: managed budgets of 250000 and 12 people."
)


@pytest.mark.parametrize(
    ("label", "gone"),
    [
        ("NAME", "Avery Calloway"),
        ("EMAIL", "avery.calloway@example.org"),
        ("PHONE", "555-0142"),
        ("URL", "linkedin.com/in/averyc"),
        ("ADDRESS", "42 Larch Street"),
        ("DATE_OF_BIRTH", "12 March 1988"),
    ],
)
def test_personal_data_becomes_its_label(label, gone):
    """Each kind is masked and counted."""
    masked = redact(RESUME)
    assert gone not in masked.text
    assert f"[{label}]" in masked.text
    assert masked.counts[label] == 1


def test_what_the_work_was_stays():
    """Years, sums and words about the work are no personal data."""
    masked = redact(RESUME).text
    assert masked.endswith("Experience 2014 - 2019: managed budgets of 250000 and 12 people.")


def test_a_name_given_once_is_masked_wherever_it_stands():
    """The header's name is masked again where the text ends with it."""
    assert "Calloway" not in redact(f"{RESUME}\nAvery Calloway").text


def test_an_ads_first_line_is_its_subject():
    """What opens an ad is a job; what opens a résumé is a person."""
    assert redact("Harbor Pilot\nGuide ships.", kind="ad").text == "Harbor Pilot\nGuide ships."


def test_redaction_is_stable():
    """Masking a masked text changes nothing more."""
    once = redact(RESUME).text
    assert redact(once).text == once


@pytest.mark.skipif("JOBADS_CORPUS_DIR" not in os.environ, reason="JOBADS_CORPUS_DIR is not set")
def test_planted_items_are_found():
    """Of 250 items planted in 50 documents at least 95 in 100 of each label are gone, and 98 of
    those whose form gives them away."""
    path = Path(os.environ["JOBADS_CORPUS_DIR"]) / "pii_redaction_50.json"
    planted, found = Counter(), Counter()
    for document in json.loads(path.read_text("utf-8"))["documents"]:
        masked = redact(document["text"]).text
        for span in document["spans"]:
            planted[span["label"]] += 1
            found[span["label"]] += span["text"] not in masked
    assert len(planted) == 6
    least = dict.fromkeys(planted, 0.95) | dict.fromkeys(("EMAIL", "PHONE", "URL"), 0.98)
    assert all(found[label] / planted[label] >= least[label] for label in planted)


HOSTILE = {
    "a word of a hundred thousand letters": "a-" * 50_000,
    "many beginnings of an address": "a@" * 50_000,
    "many names": "\n".join(f"name: abc{i}" for i in range(7_000)),
    "many persons": " ".join(f"Mr. Q{i:x} Z{i:x}" for i in range(7_000)),
    "streets without a number": "Aa-strasse " * 9_000,
}


@pytest.mark.timeout(100)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_holds_up_the_others(name):
    """The longest text that an ad may have is read once: reading it once for each of its letters
    took minutes, in which nobody's texts were read."""
    assert redact(HOSTILE[name]).text


@pytest.mark.timeout(100)
@pytest.mark.parametrize("said", ["<!--", "<p>", "<p ", '<a href="', "<p><![", "<div>", "</p"])
def test_no_markup_holds_up_the_others(said):
    """Whatever is opened and never closed, and however deep."""
    assert isinstance(plain(said * 20_000 + "<p>Cook"), str)
