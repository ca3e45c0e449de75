"""What one ad says about the job, as facts with their words; and what its cluster adds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from assets.segmentation.primitives.occupations import occupation
from assets.segmentation.primitives.places import locations
from assets.segmentation.primitives.seniority import seniority
from assets.segmentation.primitives.skills import Mention
from assets.segmentation.reference.taxonomy import Taxonomy
from assets.segmentation.text.phrases import Field, PhraseIndex, plain_key
from domain.primitives import Evidence, Primitive, Primitives

MAX_INDUSTRIES, MAX_SKILLS, MAX_EVIDENCE = 3, 15, 3
INFERRED_SCORE = 0.5  # what only the cluster says counts for half of what the text says
# The chance that one mention means it. A word of the title says what the job is; one of the text
# may be an aside.
TERM_IN_TITLE, TERM_IN_TEXT = 0.63, 0.28
ENGLISH, TECHNOLOGY = "en", "onet-tech:"
TITLE_BONUS = 0.5  # share of the uncertainty of a mention that the title takes away
Said = Mapping[str, Sequence[tuple[float, Evidence]]]


def extract(
    title: str, description: str, location: str, taxonomy: Taxonomy, language: str = ENGLISH
) -> Primitives:
    """The ad's own primitives; each shows the words it was read from, by field and code points.

    Our vocabulary is English. Of a text in another language it reads what is written alike
    everywhere: names of technologies, places, and a title that has an English name.

    >>> from assets.segmentation.reference.taxonomy_files import load_taxonomy
    >>> found = extract("Senior Nurse", "Care for patients.", "Austin, TX", load_taxonomy())
    >>> found.seniority.label, found.locations[0].label
    ('Senior', 'Austin')
    """
    head, body = Field("title", title), Field("description", description)
    where = Field("location", location)
    read = (head, body)
    is_english = language in (ENGLISH, "")
    text = body if is_english else Field("description", "")
    occupations = occupation(head, text, taxonomy.occupations, taxonomy.seniority_index)
    industries = _industries(read, taxonomy) if is_english else ()
    return Primitives(
        industries=(industries or _of_occupations(occupations, taxonomy))[:MAX_INDUSTRIES],
        skills_keywords=_skills(read, taxonomy, is_english)[:MAX_SKILLS],
        locations=locations(head, body, where, taxonomy),
        seniority=seniority(head, text, taxonomy),
        occupation=occupations,
    )


def _of_occupations(occupations: Sequence[Primitive], taxonomy: Taxonomy) -> tuple[Primitive, ...]:
    """Where people of the occupation mostly work, for an ad whose words name no industry."""
    codes = [(p, p.id.removeprefix("onet:")) for p in occupations if p.id.startswith("onet:")]
    return tuple(
        Primitive(i.id, i.label, round(p.score * INFERRED_SCORE, 4), "inferred")
        for p, code in codes
        for i in taxonomy.industries.values()
        if code.startswith(i.onet)
    )


def _skills(fields: Iterable[Field], taxonomy: Taxonomy, is_english: bool) -> tuple[Primitive, ...]:
    """Of a text in another language only technologies."""
    skills = taxonomy.skills
    said: dict[str, list[tuple[float, Evidence]]] = defaultdict(list)
    labels: dict[str, str] = {}
    for field in fields:
        proxy_positions = taxonomy.proxy_term_positions(field)
        for m in skills.mentions(field):
            id_ = skills.ids[m.skill]
            if proxy_positions.isdisjoint(range(m.start, m.end)) and (
                is_english or id_.startswith(TECHNOLOGY)
            ):
                labels[id_] = skills.labels[m.skill]
                said[id_].append((_certainty(m, field), _shown(field, m.start, m.end)))
    return _ranked(said, labels)


def _certainty(mention: Mention, field: Field) -> float:
    uncertainty = 1 - mention.certainty
    return 1 - uncertainty * TITLE_BONUS if field.name == "title" else mention.certainty


def _industries(fields: Iterable[Field], taxonomy: Taxonomy) -> tuple[Primitive, ...]:
    labels = {key: entry.label for key, entry in taxonomy.industries.items()}
    return _ranked(_terms(fields, taxonomy.industry_index, taxonomy), labels)


def _terms(fields: Iterable[Field], index: PhraseIndex[str], taxonomy: Taxonomy) -> Said:
    said: dict[str, list[tuple[float, Evidence]]] = defaultdict(list)
    for field in fields:
        sure = TERM_IN_TITLE if field.name == "title" else TERM_IN_TEXT
        proxy_positions = taxonomy.proxy_term_positions(field)
        for m in index.find(field.words):
            if proxy_positions.isdisjoint(range(m.start, m.end)):
                said[m.value].append((sure, _shown(field, m.start, m.end)))
    return said


def _shown(field: Field, start: int, end: int) -> Evidence:
    return Evidence(field.name, start, end, field.text[start:end])


def _ranked(said: Said, labels: Mapping[str, str]) -> tuple[Primitive, ...]:
    """Most certain first. One mention must mean it for the ad to: mentions are taken as independent
    witnesses."""
    scores = {id_: _either([sure for sure, _ in rows]) for id_, rows in said.items()}
    return tuple(
        Primitive(
            id_, labels[id_], scores[id_], "text", tuple(e for _, e in said[id_][:MAX_EVIDENCE])
        )
        for id_ in sorted(said, key=lambda id_: (-scores[id_], id_))
    )


def _either(chances: Iterable[float]) -> float:
    none = 1.0
    for chance in chances:
        none *= 1 - chance
    return round(1 - none, 4)


def with_segment_terms(
    own: Primitives,
    title: str,
    description: str,
    *,
    terms: Sequence[str],
    industries: Sequence[tuple[str, str, float]],
    taxonomy: Taxonomy,
) -> Primitives:
    """Add what the cluster says: a term that the ad's text holds comes with its words; one that it
    does not is `inferred`. `industries` are (id, label, score). Place and seniority stay.
    """
    fields = (Field("title", title), Field("description", description))
    allowed = [t for t in terms if not taxonomy.holds_proxy_term(t)]
    keyed = {f"term:{'-'.join(t.split())}": t for t in allowed}
    index = PhraseIndex.of((term, key) for key, term in keyed.items())
    said = {p.id: p for p in _ranked(_terms(fields, index, taxonomy), keyed)}
    known = {plain_key(p.label) for p in own.skills_keywords}
    extra = [
        said.get(key) or Primitive(key, term, INFERRED_SCORE, "inferred")
        for key, term in keyed.items()
        if plain_key(term) not in known
    ]
    extra.sort(key=lambda p: p.source != "text")
    mine = {p.id for p in own.industries}
    guessed = [
        Primitive(id_, label, round(score * INFERRED_SCORE, 4), "inferred")
        for id_, label, score in industries
        if id_ not in mine and id_ != "unknown"
    ]
    return replace(
        own,
        skills_keywords=(*own.skills_keywords, *extra)[:MAX_SKILLS],
        industries=(*own.industries, *guessed)[:MAX_INDUSTRIES],
    )
