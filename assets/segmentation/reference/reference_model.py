"""The reference model: occupations of O*NET as segments, for teams too small for a fit."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from assets.segmentation.model.profiles import Label, Profile
from assets.segmentation.model.segment_model import Segment, SegmentModel
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from domain.errors import SetupError
from resources.files.bundled import ROOT


@cache
def load_reference(root: Path = ROOT) -> SegmentModel:
    """Read data/reference/occupations.parquet; SetupError when it is missing."""
    path = root / "data" / "reference" / "occupations.parquet"
    if not path.exists():
        raise SetupError(
            "the reference model is missing", where=str(path), mend="see tools/build_reference.py"
        )
    frame = pl.read_parquet(path)
    industries = load_taxonomy(root).industries
    segments = []
    for number, row in enumerate(frame.iter_rows(named=True)):
        labels = tuple(Label(i, industries[i].label, 1.0, "soc") for i in row["industry_ids"])
        profile = Profile(
            number, row["n_texts"], tuple(row["terms"]), (f"onet:{row['soc']}",), labels
        )
        named = tuple((label.id, label.label, label.score) for label in labels)
        segments.append(Segment(row["cluster_key"], number, row["silhouette"], profile, named))
    vectors = np.array(frame["vector"].to_list(), dtype=np.float32)
    return SegmentModel("reference", tuple(segments), vectors)


def reference_for(name: str) -> Callable[[], SegmentModel]:
    """How to read the reference model, whose vectors are MiniLM's and nobody else's."""

    def refused() -> SegmentModel:
        raise SetupError(
            f"too few texts for a fit, and the reference model was not built with {name!r}",
            mend="give at least minimum_texts texts, or leave encoder out",
        )

    return refused if name else load_reference
