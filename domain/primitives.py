"""Network-neutral targeting facts, each with the words that support it."""

from dataclasses import dataclass, field
from typing import Any, Literal

Source = Literal["text", "inferred"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a fact was read: field of the ad, [start, end) in code points, and the words."""

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Primitive:
    """One fact: an `id` of the taxonomy, its label, a score in [0, 1], and its evidence.

    `source` is "text" when the ad itself says so; "inferred" when only its cluster does, and then
    it may drive copy and keywords, never place or seniority.
    """

    id: str
    label: str
    score: float
    source: Source = "text"
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"score of {self.id} must be in [0, 1], got {self.score}")
        if self.source == "text" and not self.evidence:
            raise ValueError(f"{self.id} claims the text as its source but shows no words of it")


@dataclass(frozen=True, slots=True)
class Primitives:
    industries: tuple[Primitive, ...] = ()
    skills_keywords: tuple[Primitive, ...] = ()
    locations: tuple[Primitive, ...] = ()
    seniority: Primitive | None = None
    occupation: tuple[Primitive, ...] = ()

    def __post_init__(self) -> None:
        facts = (*self.locations, *([self.seniority] if self.seniority else []))
        for fact in facts:
            if fact.source == "inferred":
                raise ValueError(f"{fact.id}: place and seniority may not be inferred from others")

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `audiences.jsonl`; `seniority` is {} when the text names none."""
        # By hand: dataclasses.asdict copies every value deeply and takes twenty times as long.
        return {
            "industries": tuple(map(_dict, self.industries)),
            "skills_keywords": tuple(map(_dict, self.skills_keywords)),
            "locations": tuple(map(_dict, self.locations)),
            "seniority": _dict(self.seniority) if self.seniority else {},
            "occupation": tuple(map(_dict, self.occupation)),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Primitives":
        seniority = data.get("seniority") or None
        return cls(
            industries=tuple(_primitive(p) for p in data.get("industries", ())),
            skills_keywords=tuple(_primitive(p) for p in data.get("skills_keywords", ())),
            locations=tuple(_primitive(p) for p in data.get("locations", ())),
            seniority=_primitive(seniority) if seniority else None,
            occupation=tuple(_primitive(p) for p in data.get("occupation", ())),
        )


def _dict(fact: Primitive) -> dict[str, Any]:
    return {
        "id": fact.id,
        "label": fact.label,
        "score": fact.score,
        "source": fact.source,
        "evidence": tuple(
            {"field": e.field, "start": e.start, "end": e.end, "text": e.text}
            for e in fact.evidence
        ),
    }


def _primitive(data: dict[str, Any]) -> Primitive:
    return Primitive(
        id=str(data["id"]),
        label=str(data["label"]),
        score=float(data["score"]),
        source=data.get("source", "text"),
        evidence=tuple(Evidence(**e) for e in data.get("evidence", ())),
    )


@dataclass(frozen=True, slots=True)
class Arm:
    """One audience variant of an ad: a segment's `cluster_key`, or "broad".

    `budget_share` sums to 1 over an ad's arms; `propensity` is the probability with which this
    arm was chosen to run, kept for off-policy evaluation.
    """

    arm: str
    rank: int
    score: float
    budget_share: float
    propensity: float
    primitives: Primitives
    reason: str = ""
    labels: tuple[str, ...] = field(default=())


BROAD = "broad"
