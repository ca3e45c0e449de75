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

MOST_INDUSTRIES, MOST_SKILLS, MOST_EVIDENCE = 3, 15, 3
INFERRED_SCORE = 0.5  # what only the cluster says counts for half of what the text says
# The chance that one mention means it. A word of the title says what the job is; one of the text
# may be an aside.
TERM_IN_TITLE, TERM_IN_TEXT = 0.63, 0.28
ENGLISH, TECHNOLOGY = "en", "onet-tech:"
TITLE_LIFTS = 0.5  # of the doubt about a mention that a place in the title takes away
Said = Mapping[str, Sequence[tuple[float, Evidence]]]


def extract(
    title: str, description: str, location: str, taxonomy: Taxonomy, language: str = ENGLISH
) -> Primitives:
    """The ad's own primitives; each shows the words it was read from, by field and code points.

    Our vocabulary is English. Of a text in another language it reads what is written alike
    everywhere: names of technologies, places, and a title that has an English name.
    """
    head, body = Field("title", title), Field("description", description)
    where = Field("location", location)
    read = (head, body)
    spoken = language in (ENGLISH, "")
    text = body if spoken else Field("description", "")
    held = occupation(head, text, taxonomy.occupations, taxonomy.level_index)
    industries = _industries(read, taxonomy) if spoken else ()
    return Primitives(
        industries=(industries or _of_occupation(held, taxonomy))[:MOST_INDUSTRIES],
        skills_keywords=_skills(read, taxonomy, spoken)[:MOST_SKILLS],
        locations=locations(head, body, where, taxonomy),
        seniority=seniority(head, text, taxonomy),
        occupation=held,
    )


def _of_occupation(held: Sequence[Primitive], taxonomy: Taxonomy) -> tuple[Primitive, ...]:
    """Where people of the occupation mostly work, for an ad whose words name no industry."""
    codes = [(p, p.id.removeprefix("onet:")) for p in held if p.id.startswith("onet:")]
    return tuple(
        Primitive(i.id, i.label, round(p.score * INFERRED_SCORE, 4), "inferred")
        for p, code in codes
        for i in taxonomy.industries.values()
        if code.startswith(i.onet)
    )


def _skills(fields: Iterable[Field], taxonomy: Taxonomy, spoken: bool) -> tuple[Primitive, ...]:
    """Of a text in another language only technologies."""
    skills = taxonomy.skills
    said: dict[str, list[tuple[float, Evidence]]] = defaultdict(list)
    labels: dict[str, str] = {}
    for field in fields:
        never = taxonomy.forbidden_in(field)
        for m in skills.mentions(field):
            id_ = skills.ids[m.skill]
            if never.isdisjoint(range(m.start, m.end)) and (spoken or id_.startswith(TECHNOLOGY)):
                labels[id_] = skills.labels[m.skill]
                said[id_].append((_lifted(m, field), _shown(field, m.start, m.end)))
    return _ranked(said, labels)


def _lifted(mention: Mention, field: Field) -> float:
    doubt = 1 - mention.certainty
    return 1 - doubt * TITLE_LIFTS if field.name == "title" else mention.certainty


def _industries(fields: Iterable[Field], taxonomy: Taxonomy) -> tuple[Primitive, ...]:
    labels = {key: entry.label for key, entry in taxonomy.industries.items()}
    return _ranked(_terms(fields, taxonomy.industry_index, taxonomy), labels)


def _terms(fields: Iterable[Field], index: PhraseIndex[str], taxonomy: Taxonomy) -> Said:
    said: dict[str, list[tuple[float, Evidence]]] = defaultdict(list)
    for field in fields:
        sure = TERM_IN_TITLE if field.name == "title" else TERM_IN_TEXT
        never = taxonomy.forbidden_in(field)
        for m in index.find(field.words):
            if never.isdisjoint(range(m.start, m.end)):
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
            id_, labels[id_], scores[id_], "text", tuple(e for _, e in said[id_][:MOST_EVIDENCE])
        )
        for id_ in sorted(said, key=lambda id_: (-scores[id_], id_))
    )


def _either(chances: Iterable[float]) -> float:
    doubt = 1.0
    for chance in chances:
        doubt *= 1 - chance
    return round(1 - doubt, 4)


def supported(
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
    allowed = [t for t in terms if not taxonomy.forbidden(t)]
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
        skills_keywords=(*own.skills_keywords, *extra)[:MOST_SKILLS],
        industries=(*own.industries, *guessed)[:MOST_INDUSTRIES],
    )
