"""Skills of ESCO and technologies of O*NET, and the phrases by which an ad names them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.segmentation.text.phrases import Field, plain_key, stem_key

VENDORS = (
    "Microsoft",
    "Adobe",
    "Oracle",
    "IBM",
    "Apache",
    "Google",
    "Autodesk",
    "The MathWorks",
    "Atlassian",
    "Red Hat",
    "Apple",
    "Amazon",
    "ESRI",
    "Intuit",
    "Dassault Systemes",
    "Bentley",
    "Trimble",
    "Cisco",
    "SAP",
)
EVERYDAY = 0.02
"""Share of O*NET occupations from which on a word of their tasks says nothing about a job."""
LANGUAGES = "L"
KINDS = {"K": "knowledge", "S": "skill", "T": "transversal", "A": "attitude", LANGUAGES: "language"}
LONGEST = 6  # words
SHORT = 4  # letters


@dataclass(frozen=True, slots=True)
class Phrase:
    """`shape` is how the phrase was had, which is what its certainty is measured by; `exact` is the
    spelling that a name must have where its letters are an everyday word. A `plain` key is looked
    up among words as they stand, any other among their stems."""

    key: str
    skill: str
    shape: str
    exact: str = ""
    plain: bool = False


def skills(corpus: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(id, label, kind, code) of every skill, and (key, skill row, shape, exact, plain) of the
    phrases; where a phrase has several skills the first of `_ranked` keeps it."""
    spread = _spread(corpus)
    technologies = list(_technologies(corpus))
    esco = pl.read_parquet(corpus / "esco_skills.parquet").sort("esco_skill_id")
    rows = [*technologies, *(_skill(*row) for row in esco.iter_rows())]
    vocabulary = pl.DataFrame(
        [row[:4] for row in rows], schema=["id", "label", "kind", "code"], orient="row"
    ).unique("id", keep="first", maintain_order=True)
    number = {id_: i for i, id_ in enumerate(vocabulary["id"])}
    kept: dict[tuple[bool, str], Phrase] = {}
    for phrase in _ranked(rows, spread):
        kept.setdefault((phrase.plain, phrase.key), phrase)
    phrases = pl.DataFrame(
        sorted((p.key, number[p.skill], p.shape, p.exact, p.plain) for p in kept.values()),
        schema={
            "key": pl.String,
            "skill": pl.UInt16,
            "shape": pl.String,
            "exact": pl.String,
            "plain": pl.Boolean,
        },
        orient="row",
    )
    return vocabulary, phrases


def _spread(corpus: Path) -> Counter[str]:
    """Share of the O*NET occupations whose tasks hold a stem."""
    tasks = pl.read_parquet(corpus / "onet_task_statements.parquet")
    said = tasks.group_by("onet_soc_code").agg(pl.col("task").str.join(" . "))["task"]
    counts: Counter[str] = Counter()
    for text in said:
        counts.update({word for word, *_ in Field("", text).stems})
    return Counter({word: n / len(said) for word, n in counts.items()})  # type: ignore[misc]


def _technologies(corpus: Path) -> Iterator[tuple]:
    frame = pl.read_parquet(corpus / "onet_technology_skills.parquet")
    for name, code in (
        frame.group_by("example").agg(pl.col("commodity_code").mode().min()).sort("example").rows()
    ):
        slug = re.sub(r"[^a-z0-9+#]+", "-", name.lower()).strip("-")
        yield f"onet-tech:{slug}", name, "technology", code, ""


def _skill(id_: str, label: str, codes: str, also: str | None) -> tuple:
    groups = re.findall(r"'([A-Z][\d.]*)'", codes)
    kind = LANGUAGES if "L1" in groups or "L" in groups else groups[0][0]
    return f"esco:{id_}", label, KINDS[kind], groups[-1], also or ""


def _ranked(rows: list[tuple], spread: Counter[str]) -> Iterator[Phrase]:
    """Own names before other names, technologies before skills, short labels before long."""
    by_length = sorted(rows, key=lambda r: (len(r[1].split()), r[0]))
    for id_, label, kind, *_ in by_length:
        if kind == "technology":
            yield from _named(id_, label, spread)
    for id_, label, kind, *_ in by_length:
        if kind != "technology":
            yield from _own(id_, label, kind, spread)
    for id_, _, kind, _, also in by_length:
        for phrase in also.split(" | ") if kind != "technology" else ():
            yield from _other(id_, phrase, kind, spread)


def _named(id_: str, name: str, spread: Counter[str]) -> Iterator[Phrase]:
    """A product's full name, then without its kind, its abbreviation or its vendor. A name whose
    words are all everyday ones, or of few letters, must be written as its maker writes it."""
    for form in _forms(name):
        key = plain_key(form)
        words = key.split()
        rarest = min((spread[w] for w in stem_key(form).split()), default=1.0)
        most = EVERYDAY if len(words) > 1 else 0.0  # "World" without its maker is no product
        if not words or len(words) > LONGEST or (form != name and rarest > most):
            continue
        risky = rarest > 0 or (len(words) == 1 and len(form) <= SHORT)
        length = "several" if len(words) > 1 else "one"
        shape = f"technology {length}{' as written' * risky}"
        yield Phrase(key, id_, shape, form if risky else "", plain=True)


def _forms(name: str) -> Iterator[str]:
    yield name
    bare = name.removesuffix(" software")
    if any(w[0].islower() for w in bare.split()):
        bare = name  # "Word processing software": without its last word it is no name
    elif bare != name:
        yield bare
    *before, last = bare.split()
    if _abbreviates(last, before):
        yield last
        yield " ".join(before)
    for vendor in VENDORS:
        short = bare.removeprefix(f"{vendor} ")
        if short != bare:
            yield short


def _abbreviates(last: str, before: list[str]) -> bool:
    """Whether the last word is what the words before it are called in short: SQL, HTML, SSRS."""
    letters = iter("".join(before).lower())
    return (
        bool(re.fullmatch(r"[A-Z][A-Z0-9]{1,7}", last))
        and any(word[0] == last[0].lower() for word in map(str.lower, before))
        and all(c in letters for c in last.lower() if c.isalpha())
    )


def _own(id_: str, label: str, kind: str, spread: Counter[str]) -> Iterator[Phrase]:
    """A skill's own name; what stands in brackets tells it from others and is not said."""
    form = re.sub(r" \(.*\)", "", label)
    key = stem_key(form)
    words = key.count(" ") + 1
    if 1 < words <= LONGEST:
        yield Phrase(key, id_, f"{kind}'s name, {_length(words)}")
    elif key and spread[key] < 5 * EVERYDAY:
        cased = form[0].isupper() and spread[key] > 0
        if cased and form != label:
            return  # "Salt (tools …)": no ad can be trusted to mean it
        yield Phrase(
            key, id_, f"{kind}'s name, one{' rare' * (spread[key] == 0)}", form if cased else ""
        )


def _other(id_: str, phrase: str, kind: str, spread: Counter[str]) -> Iterator[Phrase]:
    """An alternative name: alone it must be rare, an abbreviation must be written as one, and of an
    attitude it must be long. ("and procedures" is the rest of a name that a comma cut.)"""
    key = stem_key(phrase)
    words = key.split()
    least = 3 if kind in ("transversal", "attitude", "language") else 2
    if not words or words[0] in ("and", "or"):
        return
    if least <= len(words) <= LONGEST:
        yield Phrase(key, id_, f"{kind}'s other name, {_length(len(words))}")
    elif len(words) == 1 and kind == "knowledge" and spread[key] == 0 and len(key) > 2:
        short = phrase.isupper() or len(phrase) <= SHORT
        yield Phrase(key, id_, "knowledge's other name, one", phrase if short else "")


def _length(words: int) -> str:
    return "two" if words == 2 else "three or more"
