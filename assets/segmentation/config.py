"""The numbers of the segmentation, in one place; a YAML file may replace any of them."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from domain.errors import InputError

Clusterer = Literal["pca-kmeans", "umap-kmeans", "pca-hdbscan"]
CLUSTERERS: tuple[str, ...] = get_args(Clusterer)
"""Names of the ways of grouping, which are in `clustering/methods.py`."""
KINDS = {"integer": "a whole number", "number": "a number", "string": "a text"}


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid", strict=True))
class SegmentationConfig:
    """Every number with its meaning; InputError names the field, its value and the rule.

    A segment is trusted if it passes every floor below. A fit is renewed when one of the `refit`
    numbers is passed, or when a résumé that it was made of is gone or changed."""

    clusterer: Clusterer = Field(
        default="pca-kmeans",
        description="Way of grouping: on principal axes (pca), or after UMAP; umap-kmeans with "
        "k_max 6 is the pipeline as first specified.",
    )
    axes: int = Field(default=20, ge=1, description="Principal axes that pca-kmeans groups on.")
    dimensions: int = Field(default=50, ge=1, description="Dimensions that UMAP reduces to.")
    neighbours: int = Field(default=15, ge=1, description="Neighbours that UMAP reduces by.")
    k_min: int = Field(default=2, ge=2, description="Least number of groups that is looked for.")
    k_max: int = Field(default=30, description="Greatest number of groups that is looked for.")
    silhouette_floor: float = Field(
        default=0.25, ge=-1, le=1, description="Least silhouette of a trusted segment."
    )
    structure_floor: float = Field(
        default=0.04,
        description="How much more grouped a team's texts must be than a cloud of their shape.",
    )
    structure_floor_unread: float = Field(
        default=0.05, description="Least structure_floor where no occupations are read."
    )
    strength_floor: float = Field(
        default=0.08, description="How much stronger the groups must be than those of such a cloud."
    )
    occupations_floor: float = Field(
        default=2.3, description="Groups in which the occupations of a team must differ at least."
    )
    stability_floor: float = Field(
        default=0.6, description="How well a segment must be found again in redrawn texts."
    )
    swap_unchanged: float = Field(
        default=0.99,
        description="Share of a segment's résumés that must stay in it when gender is swapped in "
        "their words.",
    )
    swap_texts: int = Field(
        default=1_000, ge=1, description="Most résumés that gender is swapped in."
    )
    minimum_texts: int = Field(
        default=60, ge=1, description="A team of fewer texts is assigned to the reference model."
    )
    minimum_cell: int = Field(
        default=10,
        ge=1,
        description="A segment of fewer texts, or where there are any of fewer persons, is not "
        "shown.",
    )
    top_terms: int = Field(default=12, ge=1, description="Terms of a profile.")
    label_margin: float = Field(
        default=0.05,
        description="How far an industry must be ahead of the next to be a segment's label.",
    )
    max_segments: int = Field(default=3, ge=1, description="Most segments that an ad is shown to.")
    broad_share: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="Share of an ad's budget for the audience without a segment.",
    )
    refit_change: float = Field(
        default=0.20,
        description="Share of its texts that came or went from which on a fit is renewed.",
    )
    refit_days: int = Field(default=28, description="Age in days from which on a fit is renewed.")
    refit_drift: float = Field(
        default=0.05,
        description="Fall of the texts' median cosine to their segments from which on a fit is "
        "renewed.",
    )
    seed: int = Field(default=20_261, description="Seed of every draw.")
    encoder: str = Field(
        default="",
        description="Another model than MiniLM: a folder, or an id in the Hugging Face cache.",
    )
    encoder_reads: str = Field(
        default="",
        description='Ids of the languages that `encoder` reads, by commas, or "all"; MiniLM reads '
        "English.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _checked(
        cls, data: Any, make: Callable[[Any], "SegmentationConfig"]
    ) -> "SegmentationConfig":
        try:
            return make(data)
        except ValidationError as error:
            raise _fault(error) from None

    def __post_init__(self) -> None:
        if self.k_min > self.k_max:
            raise InputError(f"k_min {self.k_min} and k_max {self.k_max}", mend="min <= max")
        if self.encoder and not self.encoder_reads:
            raise InputError(
                f"encoder {self.encoder!r} without its languages",
                mend='set encoder_reads, such as "en,de,sv" or "all"',
            )

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
        return cls(**{str(name): value for name, value in data.items()})


def _fault(error: ValidationError) -> InputError:
    """The first fault in our words: the field, its value, and the rule from the field's schema."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    known = TypeAdapter(SegmentationConfig).json_schema()["properties"]
    if name not in known:
        return InputError(f"{name!r} is not a setting", mend=f"one of {', '.join(known)}")
    rule, bounded = known[name], first["type"].startswith(("greater", "less"))
    if "enum" in rule:
        mend = f"one of {', '.join(rule['enum'])}"
    elif not bounded:
        mend = f"give {KINDS[rule['type']]}"
    elif "maximum" not in rule:
        mend = f"give {rule['minimum']} or more"
    elif "minimum" in rule:
        mend = f"give a number from {rule['minimum']:g} to {rule['maximum']:g}"
    else:
        mend = f"give a number above {rule['exclusiveMinimum']:g}, at most {rule['maximum']:g}"
    return InputError(f"{name} is {first['input']!r}", mend=mend)


def below(value: float, floor: float) -> str:
    """A value under its floor, with the digits that show it: 0.2466 is 0.247 < 0.250."""
    digits = next(d for d in range(2, 18) if f"{value:.{d}f}" != f"{floor:.{d}f}")
    return f"{value:.{digits}f} < {floor:.{digits}f}"
