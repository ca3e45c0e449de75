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
        description="Way of grouping: pca-kmeans, umap-kmeans (as first specified) or pca-hdbscan.",
    )
    axes: int = Field(
        default=20, ge=1, description="Principal axes on which pca-kmeans and pca-hdbscan group."
    )
    dimensions: int = Field(
        default=50,
        ge=1,
        description="Dimensions to which UMAP reduces; at most the number of texts less 2.",
    )
    neighbours: int = Field(default=15, ge=1, description="Neighbours of each text in UMAP.")
    k_min: int = Field(default=2, ge=2, description="Least number of groups that is tried.")
    k_max: int = Field(
        default=30,
        description="Greatest number of groups that is tried; the specified pipeline has 6.",
    )
    silhouette_floor: float = Field(
        default=0.25, ge=-1, le=1, description="Least silhouette of a segment, in [-1, 1]."
    )
    structure_floor: float = Field(
        default=0.04,
        description="Least silhouette of the whole grouping beyond that of random draws.",
    )
    structure_floor_unread: float = Field(
        default=0.05,
        description="The same where nobody reads occupations, as with another encoder.",
    )
    strength_floor: float = Field(
        default=0.08,
        description="Least prediction strength of the grouping beyond that of random draws.",
    )
    occupations_floor: float = Field(
        default=2.3,
        description="Least number of equally large occupation groups as which the groups differ.",
    )
    stability_floor: float = Field(
        default=0.6,
        description="Least mean Jaccard similarity of a segment in redrawn texts, in [0, 1].",
    )
    swap_unchanged: float = Field(
        default=0.99,
        description="Least share of résumés that stay in their segment when gender is swapped.",
    )
    swap_texts: int = Field(
        default=1_000,
        ge=1,
        description="Most résumés of a team whose gender is swapped for that test.",
    )
    minimum_texts: int = Field(
        default=60, ge=1, description="A team with fewer texts is assigned to the reference model."
    )
    minimum_cell: int = Field(
        default=10,
        ge=1,
        description="A segment with fewer texts, or fewer persons where there are any, is not "
        "shown.",
    )
    top_terms: int = Field(default=12, ge=1, description="Terms of a profile.")
    max_segments: int = Field(
        default=3, ge=1, description="Most segments of one ad that become arms."
    )
    broad_share: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="Part of an ad's budget that goes to broad beside segments, in (0, 1].",
    )
    refit_change: float = Field(
        default=0.20, description="Share of texts that came or went from which on a fit is renewed."
    )
    refit_days: int = Field(default=28, description="Days after which a fit is renewed.")
    refit_drift: float = Field(
        default=0.05,
        description="Fall of the median cosine of texts to their segments that renews a fit.",
    )
    seed: int = Field(default=20_261, description="Seed of all random draws.")
    encoder: str = Field(
        default="",
        description="Another model than MiniLM: a folder, or an id in the Hugging Face cache; "
        "empty: MiniLM.",
    )
    encoder_reads: str = Field(
        default="",
        description="Languages that it reads, as ISO 639 codes by commas, or all; empty: en.",
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
