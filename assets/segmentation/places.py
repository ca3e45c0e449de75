"""Where a job is, read from the ad's own words."""

import re

from assets.segmentation.taxonomy import Place, Taxonomy
from domain.primitives import Evidence, Primitive

_PART = re.compile(r"[^,;|/()\n]+")
_REMOTE = re.compile(
    r"\b(?:remote|work from home|telework|home[- ]based|homeoffice)\b", re.IGNORECASE
)
_IN_TEXT = re.compile(
    r"\b(?P<city>[^\W\d_][\w.'-]+(?: [^\W\d_a-z][\w.'-]+){0,2}), (?P<state>[A-Z]{2})\b"
)
MOST = 5


def locations(
    title: str, description: str, location: str, taxonomy: Taxonomy
) -> tuple[Primitive, ...]:
    """Places named by the location field; only where that says nothing, by the text.

    A score is the chance that the name means this place: its share of the population of all places
    so called in the region that the other words allow.
    """
    found = [*_field(location, taxonomy), *_remote(title, description, location)]
    if not found:
        found = _text(description, taxonomy)
    unique: dict[str, Primitive] = {}
    for place in found:
        unique.setdefault(place.id, place)
    return tuple(list(unique.values())[:MOST])


def _field(location: str, taxonomy: Taxonomy) -> list[Primitive]:
    found: list[Primitive] = []
    for group in re.finditer(r"[^;|\n]+", location):
        parts = [
            (m.group().strip(), group.start() + m.start() + _lead(m.group()))
            for m in _PART.finditer(group.group())
            if m.group().strip()
        ]
        place = _resolve([p for p, _ in parts], taxonomy)
        if place is None:
            continue
        (chosen, score), index = place
        words, start = parts[index]
        evidence = Evidence("location", start, start + len(words), words)
        found.append(Primitive(chosen.id, chosen.label, score, "text", (evidence,)))
    return found


def _lead(text: str) -> int:
    return len(text) - len(text.lstrip())


def _resolve(parts: list[str], taxonomy: Taxonomy) -> tuple[tuple[Place, float], int] | None:
    """The most exact place among `parts`, and the index of the part that names it."""
    names = [p.lower() for p in parts]
    country = next((taxonomy.countries[n] for n in names if n in taxonomy.countries), None)
    states = {i: taxonomy.states[n] for i, n in enumerate(names) if n in taxonomy.states}
    for i, name in enumerate(names):
        others = [s for j, s in states.items() if j != i]
        cities = _cities(name, taxonomy, others[0] if others else None, country)
        if cities and (others or country or i not in states):
            return cities, i
    for i, state in states.items():
        if country is None or country.country == state.country:
            return (state, 1.0), i
    for i, name in enumerate(names):
        if name in taxonomy.countries:
            return (taxonomy.countries[name], 1.0), i
    return None


def _cities(
    name: str, taxonomy: Taxonomy, state: Place | None, country: Place | None
) -> tuple[Place, float] | None:
    cities = [
        c
        for c in taxonomy.places.get(name, ())
        if (state is None or (c.region == state.region and c.country == state.country))
        and (country is None or state is not None or c.country == country.country)
    ]
    if not cities:
        return None
    best = max(cities, key=lambda c: (c.population, c.id))
    return best, best.population / max(1, sum(c.population for c in cities))


def _remote(title: str, description: str, location: str) -> list[Primitive]:
    for name, text in (("title", title), ("location", location)):
        match = _REMOTE.search(text)
        if match:
            evidence = Evidence(name, match.start(), match.end(), match.group())
            return [Primitive("remote", "Remote", 1.0, "text", (evidence,))]
    return []


def _text(description: str, taxonomy: Taxonomy) -> list[Primitive]:
    for match in _IN_TEXT.finditer(description):
        state = taxonomy.states.get(match["state"].lower())
        city = _cities(match["city"].lower(), taxonomy, state, None) if state else None
        if city:
            evidence = Evidence("description", *match.span("city"), match["city"])
            return [Primitive(city[0].id, city[0].label, city[1], "text", (evidence,))]
    return []
