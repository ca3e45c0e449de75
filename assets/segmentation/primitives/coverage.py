"""What share of ads gets each kind of primitive, and how sure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from domain.primitives import Primitive, Primitives

Pick = Callable[[Primitives], Sequence[Primitive]]


def _named(system: str) -> Pick:
    return lambda p: [f for f in p.occupation if f.id.startswith(f"{system}:")]


KINDS: dict[str, Pick] = {
    "skills": lambda p: p.skills_keywords,
    "skills, technologies": lambda p: [
        f for f in p.skills_keywords if f.id.startswith("onet-tech:")
    ],
    "occupation, O*NET-SOC": _named("onet"),
    "occupation, ISCO-08": _named("isco"),
    "industry, NAICS": lambda p: p.industries,
    "industry, in the ad's words": lambda p: [f for f in p.industries if f.source == "text"],
    "place": lambda p: [f for f in p.locations if ":" in f.id],
    "remote or hybrid": lambda p: [f for f in p.locations if ":" not in f.id],
    "seniority": lambda p: [p.seniority] if p.seniority else [],
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one kind of primitive: the share of ads in [0, 1] that have one, the mean number where
    they have, and the median certainty of an ad's best."""

    kind: str
    share: float
    mean_count: float
    certainty: float


def coverage(found: Iterable[Primitives]) -> list[Coverage]:
    """One row for each kind; nothing of no ads."""
    ads = list(found)
    return [_of(kind, [pick(p) for p in ads]) for kind, pick in KINDS.items()] if ads else []


def _of(kind: str, facts: Sequence[Sequence[Primitive]]) -> Coverage:
    some = [f for f in facts if f]
    best = sorted(max(p.score for p in f) for f in some)
    return Coverage(
        kind,
        len(some) / len(facts),
        sum(map(len, some)) / len(some) if some else 0.0,
        best[len(best) // 2] if best else 0.0,
    )
