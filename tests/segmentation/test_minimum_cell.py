"""What is said of few persons is not said."""

import numpy as np
import polars as pl
import pytest

from assets.segmentation.audiences.arms import arms
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.profiles import Label, Profile
from assets.segmentation.model.segment_model import Fitted, Segment, SegmentModel
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from assets.segmentation.table_rows import profile_rows
from assets.segmentation.trust.minimum_cell import hide_small_segments
from domain.errors import InputError
from domain.primitives import BROAD, Primitives
from tests.segmentation.test_team import company, fitted, members  # noqa: F401 fixtures

TEN = 10


def fit_of(*cells: tuple[int, int]) -> Fitted:
    """A fit with `(ads, résumés)` in each segment."""
    said = Label("naics:72", "Food", 0.9, "m")
    segments = tuple(
        Segment(f"s{c}", c, 0.9, Profile(c, a + p, ("rare words",), ("k",), (said,)), ())
        for c, (a, p) in enumerate(cells)
    )
    ads = [c for c, (a, _) in enumerate(cells) for _ in range(a)]
    people = [c for c, (_, p) in enumerate(cells) for _ in range(p)]
    labels = np.array(ads + people, np.int64)
    centroids = np.eye(len(cells), 4, dtype=np.float32)
    reduced = np.zeros((len(labels), 2), np.float32)
    model = SegmentModel("team", segments, centroids)
    return Fitted(model, reduced, labels, np.zeros(len(labels)))


@pytest.mark.parametrize(
    ("ads", "persons", "hidden"),
    [
        (9, 0, True),
        (10, 0, False),  # few texts
        (0, 9, True),
        (0, 10, False),
        (50, 1, True),
        (50, 9, True),
        (50, 10, False),  # few persons among many ads
        (1, 9, True),
        (5, 5, True),
        (0, 30, False),
    ],
)
def test_a_segment_of_few_texts_or_few_persons_is_hidden(ads, persons, hidden):
    """Ten are enough, nine are not, and one person among fifty ads is one person."""
    first, other = fit_of((ads, persons), (60, 0)).labels, 60
    model = hide_small_segments(fit_of((ads, persons), (60, 0)), ads + other, TEN).model
    assert len(first) == ads + persons + other
    assert [bool(s.hidden) for s in model.segments] == [hidden, False]


def test_the_reason_does_not_tell_how_few_they_are():
    """Two hidden segments of different size read alike."""
    model = hide_small_segments(fit_of((40, 2), (40, 7)), 80, TEN).model
    assert {s.hidden for s in model.segments} == {"fewer than 10 résumés"}


def test_nothing_of_a_hidden_segment_stands_in_its_profile():
    """The row is there, so that the fit can be read again; its words, size and label are not."""
    model = hide_small_segments(fit_of((40, 2), (40, 12)), 80, TEN).model
    hidden, shown = profile_rows("t", model, {"s0", "s1"}, {"k"})
    assert (hidden["size"], hidden["terms"], hidden["medoids"]) == (None, [], [])
    assert hidden["industry_id"] == "unknown" and "Food" not in str(hidden)
    assert (shown["size"], shown["terms"], shown["medoids"]) == (52, ["rare words"], ["k"])


def test_a_hidden_segment_is_no_arm_however_well_it_is_separated():
    """Its ad goes to broad with the reason; as a second-nearest it is left out."""
    model = hide_small_segments(fit_of((40, 2), (40, 12)), 80, TEN).model
    hidden, shown = model.segments
    own, config = Primitives(), SegmentationConfig()
    taxonomy = load_taxonomy()
    alone = arms(own, "Cook", "Cooks.", [((hidden, 0.9),), ((shown, 0.8),)], taxonomy, config)
    assert [a.arm for a in alone] == [BROAD]
    assert alone[0].reason == "fewer than 10 résumés (s0)"
    both = arms(own, "Cook", "Cooks.", [((shown, 0.9),), ((hidden, 0.8),)], taxonomy, config)
    assert [a.arm for a in both] == ["s1", BROAD]


def test_a_cell_of_none_is_refused():
    """Zero would switch the rule off."""
    with pytest.raises(InputError, match="minimum_cell"):
        SegmentationConfig(minimum_cell=0)


def test_résumés_without_a_lawful_basis_enter_no_fit(fitted):  # noqa: F811
    """When it ends the fit is renewed at once without them, and the fit says so."""
    rows = fitted.warehouse.table("resumes").with_columns(pl.lit(None, pl.Int64).alias("basis"))
    fitted.warehouse.replace("resumes", rows, {})
    tables = fitted.segment("a")
    assert tables["resume_clusters"] == [] and tables["resume_reduced_vectors"] == []
    (reason,) = {row["reason"] for row in tables["segment_model"]}
    assert "is gone or changed" not in reason and "30 new" not in reason
    assert "30 résumés stay out: no lawful basis" in reason
    assert {row["n_texts"] for row in tables["segment_model"]} == {60}


def test_one_person_less_renews_the_fit(fitted):  # noqa: F811
    """Under a fifth of the texts, yet the fit lets go of who is gone, and names stay."""
    before = members(fitted)
    rows = fitted.warehouse.table("resumes")
    fitted.warehouse.replace("resumes", rows.filter(pl.col("resume_key") != "r3"), {})
    tables = fitted.segment("a")
    assert {row["n_resumes"] for row in tables["segment_model"]} == {29}
    assert "résumé that it was made of is gone" in fitted.said[-1]
    assert set(members(fitted).values()) == set(before.values())
    assert "segment_model" not in fitted.segment("a")


def test_fewer_persons_than_a_cell_stay_out_of_the_fit(company):  # noqa: F811
    """Nine could be shown nowhere, and would only hide the segments that they fell into."""
    company.write("a", "ad", {f"j{i}": i % 3 for i in range(60)})
    company.write("a", "resume", {f"r{i}": i % 3 for i in range(9)})
    tables = company.segment("a")
    assert tables["resume_clusters"] == []
    assert {row["hidden"] for row in tables["segment_model"]} == {""}
    assert "fewer than 10" in tables["segment_model"][0]["reason"]
