"""The numbers of the segmentation, in one place; a YAML file may replace any of them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from domain.errors import InputError

CLUSTERERS = ("pca-kmeans", "umap-kmeans", "pca-hdbscan")
"""Names of the ways of grouping, which are in `clustering.py`."""
KINDS = {int: "a whole number", float: "a number", str: "a text"}


@dataclass(frozen=True, slots=True)
class SegmentationConfig:
    """`clusterer` names a way of grouping (CLUSTERERS): "pca-kmeans" groups on `axes`
    principal axes; "umap-kmeans" with `k_max` 6 is the pipeline as first specified, which reduces
    to `dimensions` by `neighbours`. Between `k_min` and `k_max` the number of groups is found.

    A segment is trusted from a silhouette of `silhouette_floor` on, if it is found again in redrawn
    texts (`stability_floor`), in a team whose texts are more grouped than a cloud of their shape
    (`structure_floor`, `strength_floor`) and differ in occupation as so many groups of them would
    (`occupations_floor`; where none are read, `structure_floor_unread` is the least
    floor of structure), and if of its résumés, of at most `swap_texts`, a share of
    `swap_unchanged` stays when gender is swapped in their words. `minimum_texts` is the size under
    which a team is assigned to the reference model instead of a fit of its own; `minimum_cell` is
    the number of texts, and of persons where there are any, under which a segment is not shown. A
    fit is renewed when the share `refit_change` of its texts came or went, when a résumé that it
    was made of is gone or changed, when it is older than `refit_days`, or when the texts' median
    cosine to their segments has fallen by `refit_drift`. `encoder` is another model than MiniLM: a
    folder, or an id that the Hugging Face cache holds; `encoder_reads` are the ids of the languages
    that it reads, by commas, or "all"; MiniLM reads English."""

    clusterer: str = "pca-kmeans"
    """Way of grouping: pca-kmeans, umap-kmeans (the pipeline as first specified) or pca-hdbscan."""
    axes: int = 20
    """Principal axes on which pca-kmeans and pca-hdbscan group."""
    dimensions: int = 50
    """Dimensions to which UMAP reduces; at most the number of texts less 2."""
    neighbours: int = 15
    """Neighbours of each text in UMAP."""
    k_min: int = 2
    """Least number of groups that is tried."""
    k_max: int = 30
    """Greatest number of groups that is tried; the specified pipeline has 6."""
    silhouette_floor: float = 0.25
    """Least silhouette of a segment, in [-1, 1]."""
    structure_floor: float = 0.04
    """Least silhouette of the whole grouping beyond that of random draws."""
    structure_floor_unread: float = 0.05
    """The same where nobody reads occupations, as with another encoder."""
    strength_floor: float = 0.08
    """Least prediction strength of the grouping beyond that of random draws."""
    occupations_floor: float = 2.3
    """Least number of equally large occupation groups as which the groups differ."""
    stability_floor: float = 0.6
    """Least mean Jaccard similarity of a segment in redrawn texts, in [0, 1]."""
    swap_unchanged: float = 0.99
    """Least share of résumés that stay in their segment when gender is swapped."""
    swap_texts: int = 1_000
    """Most résumés of a team whose gender is swapped for that test."""
    minimum_texts: int = 60
    """A team with fewer texts is assigned to the reference model."""
    minimum_cell: int = 10
    """A segment with fewer texts, or fewer persons where there are any, is not shown."""
    top_terms: int = 12
    """Terms of a profile."""
    label_margin: float = 0.05
    """Not read at present: `MARGIN` of `reference/label_scores.py` decides."""
    max_segments: int = 3
    """Most segments of one ad that become arms."""
    broad_share: float = 0.25
    """Part of an ad's budget that goes to broad beside segments, in (0, 1]."""
    refit_change: float = 0.20
    """Share of texts that came or went from which on a fit is renewed."""
    refit_days: int = 28
    """Days after which a fit is renewed."""
    refit_drift: float = 0.05
    """Fall of the median cosine of texts to their segments that renews a fit."""
    seed: int = 20_261
    """Seed of all random draws."""
    encoder: str = ""
    """Another model than MiniLM: a folder, or an id in the Hugging Face cache; empty: MiniLM."""
    encoder_reads: str = ""
    """Languages that it reads, as ISO 639 codes by commas, or all; empty: en."""

    def __post_init__(self) -> None:
        if self.clusterer not in CLUSTERERS:
            raise InputError(
                f"clusterer is {self.clusterer!r}", mend=f"one of {', '.join(CLUSTERERS)}"
            )
        if not 2 <= self.k_min <= self.k_max:
            raise InputError(f"k_min {self.k_min} and k_max {self.k_max}", mend="2 <= min <= max")
        if not -1.0 <= self.silhouette_floor <= 1.0:
            raise InputError(
                f"silhouette_floor is {self.silhouette_floor}", mend="give a number from -1 to 1"
            )
        if not 0.0 < self.broad_share <= 1.0:
            raise InputError(
                f"broad_share is {self.broad_share}", mend="give a number above 0, at most 1"
            )
        if self.encoder and not self.encoder_reads:
            raise InputError(
                f"encoder {self.encoder!r} without its languages",
                mend='set encoder_reads, such as "en,de,sv" or "all"',
            )
        for name in (
            "axes",
            "dimensions",
            "neighbours",
            "minimum_texts",
            "minimum_cell",
            "top_terms",
            "max_segments",
            "swap_texts",
        ):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}", mend="give 1 or more")

    @property
    def languages(self) -> tuple[str, ...]:
        """Ids of the languages that the encoder reads."""
        return tuple(part.strip() for part in (self.encoder_reads or "en").split(","))

    def structure_asked(self, occupations: float | None) -> float:
        """The floor of structure: a higher one where nobody reads occupations (None), since one
        question fewer is asked."""
        least = self.structure_floor_unread if occupations is None else -1.0
        return max(self.structure_floor, least)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> "SegmentationConfig":
        """Build from parsed YAML; InputError names an unknown field or a wrong type."""
        known = {f.name: type(f.default) for f in fields(cls)}
        for name, value in data.items():
            if name not in known:
                raise InputError(f"{name!r} is not a setting", mend=f"one of {', '.join(known)}")
            alike = (int, float) if known[name] is float else known[name]
            if isinstance(value, bool) or not isinstance(value, alike):
                raise InputError(f"{name} is {value!r}", mend=f"give {KINDS[known[name]]}")
        return cls(**data)


def below(value: float, floor: float) -> str:
    """A value under its floor, with the digits that show it: 0.2466 is 0.247 < 0.250."""
    digits = next(d for d in range(2, 18) if f"{value:.{d}f}" != f"{floor:.{d}f}")
    return f"{value:.{digits}f} < {floor:.{digits}f}"
