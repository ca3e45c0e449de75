"""Where a job is, read from the ad's own words."""

import re
from collections.abc import Iterator

from assets.segmentation.primitives.gazetteer import Gazetteer, Place
from assets.segmentation.reference.taxonomy import Taxonomy
from assets.segmentation.text.phrases import Field
from domain.primitives import Evidence, Primitive

_PART = re.compile(r"[^,;|/()\n]+")
_NAME = r"[^\W\d_a-zß-ÿ][\w.'’-]*(?:[ -][^\W\d_a-zß-ÿ][\w.'’-]*){0,3}"
# "Austin, TX", "Leeds, United Kingdom": a name, then what it lies in.
_PLACED = re.compile(rf"\b(?P<city>{_NAME}), ?(?P<of>{_NAME})\b")
# "based in Leeds": where the words before say that the work is there.
_BASED = re.compile(
    r"\b(?:based|located|situated|position|role|job|office|offices|opportunity|vacancy|team|work"
    r"|working|branch|site|hospital|home|school|clinic|practice|location)\s?:?\s+"
    rf"(?:is\s+)?(?:based\s+|located\s+)?(?:in|at|near|within|:)\s+(?:the\s+)?(?P<city>{_NAME})"
)
_TITLED = re.compile(rf"(?:\s[-–—|]\s|,\s|\(|\bin\s)(?P<city>{_NAME})")
_NEGATED = re.compile(r"\b(?:not?|non|isn['’]t|cannot|without)\b[^.,;]{0,20}$", re.IGNORECASE)
BARE = 0.7  # of a city's certainty, where nothing but its name is said
SAID_IN_TEXT = 0.7  # certainty of a mode of work that running text names
SMALLEST_BARE = 100_000  # people: a smaller town's name alone is too often something else's
MAX_LOCATIONS = 5


def locations(
    title: Field, description: Field, location: Field, taxonomy: Taxonomy
) -> tuple[Primitive, ...]:
    """Places named by the location field; only where that says nothing, by the title or the text.
    Then remote or hybrid, wherever it is said.

    A score is the chance that the name means this place: its share of the population of all places
    so called in the region that the other words allow.
    """
    gazetteer = taxonomy.gazetteer
    found = list(_field(location, gazetteer))
    if not found:
        found = list(_text(title, _TITLED, gazetteer))[:1]
    if not found:
        found = list(_text(description, _BASED, gazetteer))[:1]
    unique: dict[str, Primitive] = {}
    for place in (*_modes(title, description, location, taxonomy), *found):
        unique.setdefault(place.id, place)
    return tuple(list(unique.values())[:MAX_LOCATIONS])


def _field(location: Field, gazetteer: Gazetteer) -> Iterator[Primitive]:
    for group in re.finditer(r"[^;|\n]+", location.text):
        parts = [
            (m.group().strip(), group.start() + m.start() + _lead(m.group()))
            for m in _PART.finditer(group.group())
            if m.group().strip()
        ]
        place = _resolve([p for p, _ in parts], gazetteer)
        if place is None:
            continue
        (chosen, score), index = place
        words, start = parts[index]
        yield _said(chosen, score, location, start, start + len(words))


def _lead(text: str) -> int:
    return len(text) - len(text.lstrip())


def _said(place: Place, score: float, field: Field, start: int, end: int) -> Primitive:
    evidence = Evidence(field.name, start, end, field.text[start:end])
    return Primitive(place.id, place.label, round(score, 4), "text", (evidence,))


def _resolve(parts: list[str], gazetteer: Gazetteer) -> tuple[tuple[Place, float], int] | None:
    """The most exact place among `parts`, and the index of the part that names it."""
    names = [p.lower() for p in parts]
    country = next((gazetteer.countries[n] for n in names if n in gazetteer.countries), None)
    states = {i: gazetteer.states[n] for i, n in enumerate(names) if n in gazetteer.states}
    for i, name in enumerate(names):
        others = [s for j, s in states.items() if j != i]
        cities = _cities(name, gazetteer, others[0] if others else None, country)
        if cities and (others or country or i not in states):
            return cities, i
    for i, state in states.items():
        if country is None or country.country == state.country:
            return (state, 1.0), i
    for i, name in enumerate(names):
        if name in gazetteer.countries:
            return (gazetteer.countries[name], 1.0), i
    return None


def _cities(
    name: str, gazetteer: Gazetteer, state: Place | None, country: Place | None
) -> tuple[Place, float] | None:
    cities = [
        c
        for c in gazetteer.cities(name)
        if (state is None or (c.region == state.region and c.country == state.country))
        and (country is None or state is not None or c.country == country.country)
    ]
    if not cities:
        return None
    best = max(cities, key=lambda c: (c.population, c.id))
    return best, best.population / max(1, sum(c.population for c in cities))


def _modes(
    title: Field, description: Field, location: Field, taxonomy: Taxonomy
) -> Iterator[Primitive]:
    """Remote or hybrid: a word in the title or the location is enough; running text must say it of
    the work, and what is denied is not said."""
    for field, index, score in (
        (location, taxonomy.mode_index, 1.0),
        (title, taxonomy.mode_index, 1.0),
        (description, taxonomy.mode_text_index, SAID_IN_TEXT),
    ):
        for match in index.find(field.words):
            if _NEGATED.search(field.text[max(0, match.start - 30) : match.start]):
                continue
            mode = taxonomy.work_modes[match.value]
            evidence = Evidence(
                field.name, match.start, match.end, field.text[match.start : match.end]
            )
            yield Primitive(mode.id, mode.label, score, "text", (evidence,))
            return


def _text(field: Field, bare: re.Pattern[str], gazetteer: Gazetteer) -> Iterator[Primitive]:
    """Cities with the state or country that they lie in, then larger cities that `bare` finds."""
    for match in _PLACED.finditer(field.text):
        within = match["of"].lower()
        state, country = gazetteer.states.get(within), gazetteer.countries.get(within)
        if state is None and country is None:
            continue
        for start in _starts(match["city"]):
            name = match["city"][start:]
            city = _cities(name.lower(), gazetteer, state, country)
            if city:
                yield _said(*city, field, match.start("city") + start, match.end("city"))
                break
    for match in bare.finditer(field.text):
        for end in _ends(match["city"]):
            city = _cities(match["city"][:end].lower(), gazetteer, None, None)
            if city and city[0].population >= SMALLEST_BARE:
                at = match.start("city")
                yield _said(city[0], BARE * city[1], field, at, at + end)
                break


def _starts(name: str) -> list[int]:
    """Where the last words of a name begin, all of them first: "Nurse Austin" holds "Austin"."""
    return [0, *(m.end() for m in re.finditer(r"[ -]", name))]


def _ends(name: str) -> list[int]:
    """Where the first words of a name end, all of them first, without the stop of a sentence."""
    ends = [*(m.start() for m in re.finditer(r"[ -]", name)), len(name)]
    return [len(name[:end].rstrip(".'’-")) for end in reversed(ends)]
