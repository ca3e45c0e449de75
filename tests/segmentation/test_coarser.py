"""What a coarser segment is to ads, stores, minimum cells, swaps and names."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from assets.segmentation.audiences.arms import arms
from assets.segmentation.audiences.audience import audiences
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.current_fit import current_fit, refit_reason
from assets.segmentation.model.embedding import unit
from assets.segmentation.model.lineage import content_keys, inherited_keys
from assets.segmentation.model.profiles import Label, Profile
from assets.segmentation.model.segment_model import Fitted, Segment, SegmentModel, assign
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from assets.segmentation.table_rows import profile_rows, segment_rows
from assets.segmentation.text.job_text import JobText
from assets.segmentation.trust.gender_swap_test import reject_gendered_segments
from assets.segmentation.trust.minimum_cell import hide_small_segments
from domain.primitives import BROAD, Primitives
from resources.encoders.minilm_encoder import VectorCache
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import frame

WHEN = datetime(2026, 5, 1, tzinfo=UTC)
CONFIG = SegmentationConfig()


def model(*sizes: int, silhouettes: tuple[float, ...] = (0.1, 0.9, 0.9, 0.5)) -> SegmentModel:
    """Three finest segments on three axes, of which "s3" holds the first two."""
    said = Label("naics:72", "Food", 0.9, "m")
    segments = tuple(
        Segment(
            f"s{c}",
            c,
            own,
            Profile(c, 9, (f"word{c}",), ("k",), (said,)),
            (),
            stability=0.8,
            parent="s3" if c < 2 else "",
            among=2 if c == 3 else 3,
        )
        for c, own in enumerate(silhouettes)
    )
    centres = np.vstack([np.eye(3), unit(np.array([[1.0, 1.0, 0.0]]))]).astype(np.float32)
    return SegmentModel("team", segments, centres)


def test_a_text_is_assigned_to_the_finest_and_to_what_holds_it():
    """The coarser one is nobody's nearest, however near its centroid is."""
    (near,) = assign(unit(np.array([[1.0, 0.9, 0.0]], np.float32)), model(), limit=2)
    assert [[segment.cluster_key for segment, _ in path] for path in near] == [
        ["s0", "s3"],
        ["s1", "s3"],
    ]
    assert near[0][1][1] > near[0][0][1]


def test_a_stored_fit_has_the_same_segments_within_segments(tmp_path):
    """A coarser segment is read again as one, and still is nobody's nearest."""
    warehouse, rows = Warehouse(tmp_path), unit(np.eye(3, dtype=np.float32))
    for table, made in (
        ("segment_model", segment_rows("t", model(), rows, WHEN, 0, "", "m")),
        ("profiles", profile_rows("t", model(), {"s0", "s1", "s2", "s3"}, set())),
    ):
        warehouse.merge(table, frame(made, table))
    stored = current_fit(warehouse, "t")
    assert stored is not None
    assert stored.model.ancestries == model().ancestries == ((0, 3), (1, 3), (2,))
    assert [s.among for s in stored.model.segments] == [3, 3, 3, 2]
    assert stored.cohesion == pytest.approx(1.0)
    for read in (stored.model, model()):
        (near,) = assign(unit(np.array([[1.0, 0.9, 0.0]], np.float32)), read, limit=1)
        assert [segment.cluster_key for segment, _ in near[0]] == ["s0", "s3"]


def test_a_fit_of_which_not_all_was_written_is_read_and_renewed(tmp_path):
    """A writing was cut off before the coarser segment's profile: its parts are read without it."""
    warehouse, rows = Warehouse(tmp_path), unit(np.eye(3, dtype=np.float32))
    for table, made in (
        ("segment_model", segment_rows("t", model(), rows, WHEN, 0, "", "m")),
        ("profiles", profile_rows("t", model(), {"s0", "s1", "s2"}, set())),
    ):
        warehouse.merge(table, frame(made, table))
    stored = current_fit(warehouse, "t")
    assert stored is not None and stored.model.ancestries == ((0,), (1,), (2,))
    assert refit_reason(stored, {}, rows, WHEN, CONFIG) == "not all of the fit was written"


def test_a_fit_from_before_coarser_segments_is_renewed(tmp_path):
    """Its columns are empty; until then no reason speaks of them."""
    warehouse, rows = Warehouse(tmp_path), unit(np.eye(3, dtype=np.float32))
    old = replace(model(), segments=model().segments[:3], centroids=model().centroids[:3])
    nothing = {"parent": None, "among": None}
    made = [row | nothing for row in segment_rows("t", old, rows, WHEN, 0, "", "m")]
    warehouse.merge("segment_model", frame(made, "segment_model"))
    made = profile_rows("t", old, {"s0", "s1", "s2"}, set())
    warehouse.merge("profiles", frame(made, "profiles"))
    stored = current_fit(warehouse, "t")
    assert stored is not None and stored.complete
    assert refit_reason(stored, {}, rows, WHEN, CONFIG).endswith("coarser segments were looked for")
    assert not any("among" in reason for _, reason in arms_of([0.1, 0.9, 0.2], stored.model))


def test_an_ad_that_cannot_be_read_is_of_its_finest_segment():
    """It goes to broad, whatever would stand for its segment."""
    jobs = [
        JobText("en", "Cook", "Prepare meals for the guests of the house and order the food."),
        JobText(
            "sv",
            "Kock",
            "Vi söker en kock som lagar mat och planerar menyer för våra gäster "
            "i restaurangen och som trivs med att arbeta i ett glatt lag.",
        ),
    ]
    rows = unit(np.array([[0.9, 0.1, 0.2]] * 2, np.float32))
    read, unread = audiences(jobs, rows, model(), load_taxonomy(), CONFIG)
    assert (read.template, read.cluster_key, read.silhouette) == ("segment", "s3", 0.5)
    assert (unread.template, unread.cluster_key, unread.silhouette) == ("broad", "s0", 0.1)


def arms_of(vector: list[float], model_: SegmentModel) -> list[tuple[str, str]]:
    (near,) = assign(unit(np.array([vector], np.float32)), model_, limit=3)
    made = arms(Primitives(), "Cook", "Cooks.", near, load_taxonomy(), CONFIG)
    return [(arm.arm, arm.reason) for arm in made]


def test_the_finest_segment_that_may_be_trusted_stands_for_an_ads_own():
    """The reason says what the coarser is by, and why not the finer."""
    first, second, last = arms_of([0.9, 0.1, 0.2], model())
    assert first == (
        "s3",
        "silhouette 0.50 >= 0.25, found again in redrawn texts by 0.80, among 2 groups; "
        "not its own, finer one: silhouette 0.10 < 0.25 (s0)",
    )
    assert [second[0], last[0]] == ["s2", BROAD]


def test_no_ad_has_an_arm_that_holds_another_of_its_arms():
    """The nearer stands: people would be shown the ad twice."""
    keys = [key for key, _ in arms_of([0.5, 0.9, 0.2], model())]
    assert keys == ["s1", "s2", BROAD]
    assert [key for key, _ in arms_of([0.9, 0.5, 0.2], model())] == ["s3", "s2", BROAD]


def test_an_ad_of_no_segment_that_may_be_trusted_goes_to_broad():
    """The reason is its own finest segment's."""
    assert arms_of([0.9, 0.1, 0.2], model(silhouettes=(0.1, 0.9, 0.9, 0.2))) == [
        (BROAD, "silhouette 0.10 < 0.25 (s0)")
    ]


def of_people(*people: int, ads: int = 50) -> Fitted:
    """So many résumés, and ads, in each of the finest."""
    labels = np.repeat([0, 1, 2, 0, 1, 2], [ads] * 3 + list(people))
    return Fitted(model(), np.zeros((len(labels), 1)), labels, np.zeros(len(labels)))


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ((20, 20, 20), ""),
        ((9, 20, 20), "03"),  # 29 in s3, of whom 20 are in s1, and whoever subtracts sees nine
        ((9, 9, 20), "01"),  # 18 in s3, and nobody sees how they are parted
        ((4, 5, 20), "013"),
        ((0, 20, 20), ""),  # ads alone are what is left
    ],
)
def test_what_is_hidden_cannot_be_had_by_subtracting(people, hidden):
    """A coarser segment is shown where what is left of it without its shown ones is a cell."""
    seen = hide_small_segments(of_people(*people), 150, 10).model.segments
    assert [s.cluster_key for s in seen if s.hidden] == [f"s{c}" for c in hidden]


def test_a_swap_within_a_segment_moves_nobody_out_of_it(tmp_path):
    """Her readings go from s0 to s1: s0 is doubted, and s3, which holds both, is not."""

    def encode(texts):
        return np.array([[0, 1, 0] if " her " in f" {t} " else [1, 0, 0] for t in texts], "f4")

    store = VectorCache(tmp_path / "v.db", "m")
    texts = [f"by his own work {i}" for i in range(20)]
    moved = reject_gendered_segments(
        of_people(20, 0, 0, ads=0), texts, encode, store, CONFIG
    ).model.segments
    assert [bool(s.rejection_reason) for s in moved] == [True, False, False, False]
    third = reject_gendered_segments(
        of_people(0, 0, 20, ads=0), texts, encode, store, CONFIG
    ).model.segments
    assert [bool(s.rejection_reason) for s in third] == [
        False,
        False,
        True,
        False,
    ]  # read as neither is there


def test_of_a_hidden_segment_no_share_is_told(tmp_path):
    """One of three would say that they are three."""

    def encode(texts):
        return np.array([[0, 1, 0] if " her " in f" {t} " else [1, 0, 0] for t in texts], "f4")

    store = VectorCache(tmp_path / "v.db", "m")
    few = hide_small_segments(of_people(3, 20, 20), 150, 10)
    texts = [f"by his own work {i}" for i in range(3)] + ["by work"] * 40
    segments = reject_gendered_segments(few, texts, encode, store, CONFIG).model.segments
    assert [bool(s.hidden) for s in segments] == [True, False, False, True]
    assert [s.rejection_reason for s in segments] == [""] * 4


def test_a_refit_names_coarser_segments_by_their_texts_too():
    """The finest of the next fit that has the texts of an old coarser one takes its key, and two
    groups with the same texts nearest to their middle have names of their own."""
    rows = np.repeat(np.eye(3), [30, 30, 60], axis=0)
    one = inherited_keys(["a", "b"], rows, np.repeat([0, 1], [60, 60]), [(0,), (1,)], model())
    assert one == [("s3", "merges s0, s1"), ("s2", "kept")]
    parts = [(0,), (1,), (2,), (0, 1)]
    again = inherited_keys(
        ["a", "b", "c", "d"], rows, np.repeat([0, 1, 2], [30, 30, 60]), parts, model()
    )
    assert again == [("s0", "kept"), ("s1", "kept"), ("s2", "kept"), ("s3", "kept")]
    fresh = ["s2", "b", "c", "d"]  # s2's texts were nearest to the middle of the first
    other = inherited_keys(
        fresh, rows, np.repeat([0, 1, 2, 3], [5, 55, 55, 5]), [(c,) for c in range(4)], model()
    )
    assert len({key for key, _ in other}) == 4


def test_a_coarser_segments_first_name_is_of_all_its_parts():
    """Its medoids may be those of one of them."""
    described = [Profile(c, 9, (), ("k",), ()) for c in range(3)]
    keys = content_keys(described, [(0,), (1,), (0, 1)], {"k": "hash"})
    assert keys[0] == keys[1] != keys[2]
