import json
import shutil
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assets.segmentation.model.embedding import unit
from assets.segmentation.model.profiles import profiles
from assets.segmentation.reference.label_cache import LabelCache
from assets.segmentation.reference.labeller import MiniLmLabeller, ZeroShotLabeller, labeller
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.reference.occupation_labeller import (
    OccupationLabeller,
    head_file,
    head_for,
    load_head,
)
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from domain.errors import SetupError
from resources.encoders.minilm_encoder import Encoder
from resources.files.bundled import ROOT

INDUSTRIES = list(load_taxonomy().industries.values())
# Written for this test: none of them stands in O*NET or ESCO.
KNOWN = {
    "Night nurse on ward seven, giving medicines and dressing wounds": {
        "naics:621",
        "naics:622",
        "naics:623",
    },
    "Pizza maker for our busy trattoria: dough, sauce, oven": {"naics:722"},
    "Solicitor for conveyancing and wills": {"naics:5411"},
    "Year four primary classroom teacher, maths and reading": {"naics:61"},
    "Bricklayer for a housing site, own trowel and tickets": {"naics:23"},
    "Purchase ledger and VAT returns, ACCA part-qualified": {"naics:5412", "naics:52"},
    "Backend developer: Java services, SQL, unit tests, deployments": {"naics:5415", "naics:518"},
    "Lorry driver: deliveries to supermarkets, loading, tachograph": {"naics:48-49"},
}


@pytest.fixture(scope="module")
def ours() -> OccupationLabeller:
    return OccupationLabeller(INDUSTRIES, Encoder(), load_head(head_file()))


def tiny(codes: tuple[str, ...] = ("29-1141.00", "15-1252.00", "15-1254.00")) -> OccupationHead:
    """Two groups that the two axes of a plane tell apart."""
    eye = np.eye(2, dtype=np.float32)
    return OccupationHead(("15-125", "29-114"), codes, eye, 4 * eye, 0 * eye[0], eye[0] / 2 + 0.25)


@pytest.mark.parametrize("text", KNOWN)
def test_an_unseen_text_gets_the_industry_of_its_occupation(ours, text):
    """Ads' words that are in no training text; the score is a probability."""
    found = ours.label(text)
    assert found.id in KNOWN[text]
    assert 0 < found.score <= 1 and found.labeller == "occupation-head/1"


def test_industries_share_one_probability(ours):
    """Every text's scores sum to one, whatever its occupation's industries are."""
    scores = ours.scores(Encoder()(["data scientist", "soldier", "nurse", ""]))
    assert scores.shape == (4, len(INDUSTRIES))
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-4)


def test_two_industries_that_are_as_likely_are_unknown():
    """An occupation at home in two industries of the same words has none of them."""
    same = [i for i in INDUSTRIES if i.id in ("naics:518", "naics:5415")]
    flat = OccupationLabeller(
        same, lambda texts: np.tile(np.float32([1, 0]), (len(texts), 1)), tiny()
    )
    found = flat.label("web developer")
    assert found.id == "unknown" and found.score == pytest.approx(0.5, abs=0.01)


def test_a_group_is_labelled_by_its_members_and_not_by_its_terms(ours):
    """Terms that name no work do not hide what the texts are about."""
    texts = ["Ward nurse, wounds and medicines. Free parking", "Staff nurse, surgery. Free parking"]
    vectors = Encoder()(texts)
    (found,) = profiles(["a", "b"], texts, vectors, np.zeros(2, np.int64), ours, top=1)
    assert found.labels[0] == ours.label("", unit(vectors.mean(axis=0)[None, :])[0])
    assert found.labels[0].id in {"naics:621", "naics:622", "naics:623"}


def test_labels_are_as_likely_before_anything_is_read():
    """A text that says nothing favours no label, however many occupations it has; the longest
    code has an occupation that two labels mean."""
    head = tiny()
    nothing = np.log(head.prior)[None, :] / 4
    given = head.label_probabilities(nothing.astype(np.float32), [("15",), ("29-1",)])
    np.testing.assert_allclose(given, [[0.5, 0.5]], atol=1e-5)
    assert head.shares([("15",), ("15-1254",)])[0].tolist() == [0.5, 0.5]


def test_what_anybody_says_speaks_for_no_label(monkeypatch):
    """In the mean of such sentences every label is as likely as its prior, whatever it means (5 %:
    another processor's vectors)."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    from labeller_texts import CONTENT_FREE

    head = load_head(head_file())
    vectors = Encoder()(CONTENT_FREE)
    shares = head.shares([("15",), ("13-107", "11-312"), ("29", "31"), ("41",), ("35",)])
    ratio = (head.probabilities(vectors) @ shares).mean(axis=0) / (head.prior @ shares)
    np.testing.assert_allclose(ratio, 1.0, atol=0.05)


@pytest.mark.parametrize("at", ["encoder", "version"])
def test_a_head_for_other_vectors_is_refused(tmp_path, at):
    """Its file says what it belongs to; the error says which differs and how to mend it."""
    path = tmp_path / "labeller.npz"
    with np.load(head_file()) as parts:
        about = {**json.loads(parts["about"].item()), at: "another"}
        np.savez(path, **{**dict(parts), "about": np.array(json.dumps(about))})
    with pytest.raises(SetupError, match=f"{at} 'another'") as error:
        load_head(path)
    assert "build_labeller.py" in str(error.value)


def test_a_torn_head_is_refused(tmp_path):
    """Half a file, an empty one, none, and weights of another shape are named faults."""
    half = tmp_path / "half.npz"
    half.write_bytes(head_file().read_bytes()[:9_000])
    empty = tmp_path / "empty.npz"
    empty.touch()
    odd = tmp_path / "odd.npz"
    with np.load(head_file()) as parts:
        np.savez(odd, **{**dict(parts), "bias": parts["bias"][:-1]})
    for path in (half, empty, odd, tmp_path / "none.npz"):
        with pytest.raises(SetupError, match="cannot be read"):
            load_head(path)


def test_another_encoder_has_no_head(tmp_path):
    """What the head learned are MiniLM's vectors; others are compared with descriptions."""
    other = labeller(INDUSTRIES, lambda texts: np.ones((len(texts), 3), np.float32), tmp_path / "l")
    assert isinstance(other, MiniLmLabeller)
    assert isinstance(labeller(INDUSTRIES, Encoder(), tmp_path / "l"), OccupationLabeller)


class Counting:
    """A pipeline that is always sure of the first label."""

    calls = 0

    def __call__(self, text, labels, hypothesis_template):
        self.calls += 1
        return {"labels": labels, "scores": [0.9] + [0.1 / len(labels)] * (len(labels) - 1)}


def test_the_same_terms_ask_the_slow_model_once(tmp_path):
    """A second fit, in another process too, reads the answer; other terms or industries ask."""
    pipeline, path = Counting(), tmp_path / "cache" / "labels.db"
    first = ZeroShotLabeller(INDUSTRIES, pipeline, LabelCache(path)).label("nurse, ward")
    again = ZeroShotLabeller(INDUSTRIES, pipeline, LabelCache(path))
    assert again.label("nurse, ward") == first and pipeline.calls == 1
    again.label("nurse, clinic")
    ZeroShotLabeller(INDUSTRIES[:9], pipeline, LabelCache(path)).label("nurse, ward")
    assert pipeline.calls == 3
    assert b"nurse" not in path.read_bytes()


def corpus(folder: Path) -> Path:
    """Four occupations of three groups and one of ESCO, in the columns that the build reads."""
    codes = ["15-1252.00", "29-1141.00", "29-1141.01", "35-2014.00"]
    soc = {"onet_soc_code": codes}
    many = {"onet_soc_code": codes * 6}
    names = ["Software Developers", "Nurses", "Acute Care Nurses", "Cooks"]
    frames = {
        "onet_occupations": {**soc, "title": names, "description": [f"{n} do it." for n in names]},
        "onet_alternate_titles": {**many, "alternate_title": [f"Title {i} (T)" for i in range(24)]},
        "onet_task_statements": {**many, "task": [f"Do the task {i} with it." for i in range(24)]},
        "onet_technology_skills": {**soc, "example": ["Python", "EHR", "EHR", "POS"]},
        "esco_occupations": {
            "esco_occupation_uri": ["u"],
            "preferred_label": ["software developer"],
            "alt_labels": ["application programmer | coder"],
            "description": ["Implements."],
        },
    }
    for name, columns in frames.items():
        pl.DataFrame(columns).write_parquet(folder / f"{name}.parquet")
    return folder


def test_two_builds_give_the_same_bytes(tmp_path, monkeypatch):
    """Neither clock, nor order of a folder, nor threads are in the weights."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    sys.modules.pop("build_labeller", None)
    import build_labeller

    titles = ROOT / "data" / "reference" / "titles.parquet"
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    shutil.copytree(corpus(here), there)
    encode = Encoder()
    one, two = (
        build_labeller.build(c, lambda g: encode([e.text for e in g]), Encoder.model_id, titles)
        for c in (here, there)
    )
    assert one == two
    (tmp_path / "head.npz").write_bytes(one)
    assert load_head(tmp_path / "head.npz").groups == ("15-125", "29-114", "35-201")


def test_only_the_vectors_it_was_trained_on_have_a_head():
    """Another encoder's vectors are not read as occupations; nobody asks for them there."""
    own = head_for(Encoder.model_id)
    assert own is not None and "29-114" in own.groups
    assert head_for("BAAI/bge-small-en") is None
