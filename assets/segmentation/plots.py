"""Pictures for Dagster's metadata and for notebooks."""

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.model.segment_model import Fitted
from domain.plain_text import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def segment_map(fitted: Fitted, ads: int) -> "Figure":
    """The first `ads` texts on the two principal axes of the reduced space, coloured by segment. No
    person is a point of it: the picture stays in Dagster's events."""
    names = [s.cluster_key for s in fitted.model.segments]
    titles = {
        s.cluster_key: s.hidden or f"{', '.join(s.profile.terms[:3])} ({s.silhouette:.2f})"
        for s in fitted.model.segments
    }
    keys = [names[int(label)] for label in fitted.labels[:ads]]
    return scatter(fitted.reduced[:ads], keys, titles)


def clusterability_plot(silhouette: float, null: list[float], floor: float) -> "Figure":
    """How much more grouped a team's texts are than null samples: mean silhouettes in [-1, 1]."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.8), layout="constrained")
    plot = figure.subplots()
    plot.scatter(null, np.zeros(len(null)), s=16, color="grey", label="null samples")
    plot.scatter([silhouette], [0], s=60, marker="D", label="the texts")
    plot.axvline(float(np.mean(null)) + floor, linestyle="--", color="grey", label="the gate")
    plot.set(xlabel="mean silhouette on the first principal axes", yticks=[])
    plot.legend(fontsize=8, ncols=3, loc="upper center")
    return figure


def scatter(vectors: NDArray[np.float32], keys: list[str], titles: dict[str, str]) -> "Figure":
    """Vectors (n, d) on their two principal axes, one colour for each key."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    flat = centred @ axes.T
    figure = Figure(figsize=(10, 5), layout="constrained")
    plot = figure.subplots()
    marks = np.array(keys)
    colours = colormaps["tab20"].colors  # type: ignore[attr-defined]  # a listed map has them
    for number, key in enumerate(sorted(set(keys))):
        mine = flat[marks == key]
        second = mine[:, 1] if mine.shape[1] > 1 else np.zeros(len(mine))
        colour = colours[number % len(colours)]
        plot.scatter(mine[:, 0], second, s=12, color=colour, label=literal(titles.get(key, key)))
    figure.legend(
        title="segment: terms (silhouette)", fontsize=8, title_fontsize=9, loc="outside right upper"
    )
    plot.set(xlabel="first principal axis", ylabel="second principal axis")
    return figure


def literal(text: str) -> str:
    """Text as matplotlib draws it letter by letter: a pair of $ would be read as a formula, and a
    legend leaves out what begins with an underscore."""
    shown = plain(text).replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown


def as_markdown(figure: "Figure") -> str:
    """The figure as an image that lies inside the text itself."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f"![map](data:image/png;base64,{data})"
