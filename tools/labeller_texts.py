"""What the occupation head learns from: O*NET, ESCO, and pseudo-ads composed of O*NET's parts."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.segmentation.model.profiles import ngrams
from assets.segmentation.text.phrases import stem_key

TITLES, TASKS, ADS, LISTS = 4, 6, 5, 2
"""Of each occupation: titles and tasks alone, pseudo-ads, and lists of terms."""
HELD_OUT = 5
"""A title or a task of which SHA-256 mod HELD_OUT is 0 is in no training text."""
OPENINGS = (
    "We are looking for a {title} to join our team.",
    "An exciting opportunity has arisen for a {title}. This is a permanent, full time position.",
    "Our client, a growing organisation, now wishes to recruit an experienced {title}.",
    "{title} required. Immediate start, competitive salary, free parking.",
    "As a {title} you will be part of a friendly and supportive team. Duties include:",
    "{title}, 12 month contract. The successful candidate will:",
)
# What employers and agencies say whatever the job is: the head has to learn that it means nothing.
ABOUT = (
    "Founded over twenty years ago, we are a leading company with offices around the world.",
    "Our client is a well established and highly successful business with plans to grow.",
    "We put our customers first and take pride in the quality of our service.",
    "The company offers real career progression and a structured training programme.",
    "Due to continued growth, an additional member of staff is now needed.",
    "We are a specialist recruitment consultancy and work as an employment agency.",
    "We are committed to the safety and wellbeing of everyone who works with us.",
    "The role is based in the city centre, close to public transport.",
    "You will report to the manager and work closely with colleagues in other departments.",
    "Working hours are Monday to Friday, with occasional evenings and weekends.",
    "The salary is competitive and depends on experience, plus bonus and benefits.",
    "Benefits include paid holidays, pension, life insurance and a staff discount.",
    "You will have excellent communication skills and work well under pressure.",
    "Previous experience in a similar role is essential; a degree is preferred.",
    "The ideal candidate is reliable, organised, a team player and able to meet deadlines.",
    "You must be proficient in Word, Excel and e-mail and have good attention to detail.",
    "A full driving licence and the right to work in this country are required.",
    "We are an equal opportunity employer and welcome applications from everybody.",
    "Successful candidates will be contacted by our recruitment team within five days.",
    "To apply, send your CV and a covering letter, or click the button below.",
    "If you have not heard from us within two weeks, your application was not successful.",
    "For further information about this and other vacancies, please call our office.",
)
CONTENT_FREE = (*ABOUT, *(opening.format(title="person") for opening in OPENINGS))
"""What is said of any job."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the O*NET-SOC code of its occupation; `weight` counts it beside others."""

    text: str
    code: str
    weight: float = 1.0


def examples(corpus: Path, titles: Path, *, held_out: bool = False) -> list[Example]:
    """Training texts in a fixed order; or pseudo-ads of what was held out, one an occupation.

    `titles` is data/reference/titles.parquet: it says which O*NET occupation an ESCO title means.
    """
    parts = {
        "title": _listed(corpus / "onet_alternate_titles.parquet", "alternate_title"),
        "task": _listed(corpus / "onet_task_statements.parquet", "task"),
        "technology": _listed(corpus / "onet_technology_skills.parquet", "example"),
    }
    named = pl.read_parquet(corpus / "onet_occupations.parquet").sort("onet_soc_code")
    found: list[Example] = []
    for code, title, description in named.rows():
        kept = {
            kind: [p for p in mine.get(code, ()) if kind == "technology" or _out(p) == held_out]
            for kind, mine in parts.items()
        }
        kept["title"] = kept["title"] or [title]
        chance = random.Random(f"{code} {held_out}")
        if held_out:
            found += [Example(t, code) for t in _ads(kept, chance, 1) if kept["task"]]
        else:
            found.append(Example(f"{title}\n{description}", code))
            found += [Example(t, code) for t in _some(kept["title"], TITLES, chance)]
            found += [Example(t, code) for t in _some(kept["task"], TASKS, chance)]
            if kept["task"]:
                found += [Example(t, code) for t in _ads(kept, chance, ADS)]
                found += [Example(t, code) for t in _lists(kept, chance)]
    return found if held_out else found + list(_esco(corpus, titles))


def _out(text: str) -> bool:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % HELD_OUT == 0


def _listed(path: Path, column: str) -> Mapping[str, list[str]]:
    """Distinct values of a column by occupation, sorted, without what a title says in brackets."""
    plain = pl.read_parquet(path).with_columns(pl.col(column).str.replace(r" \([^)]*\)$", ""))
    return dict(plain.group_by("onet_soc_code").agg(pl.col(column).unique().sort()).rows())


def _some(of: list[str], most: int, chance: random.Random) -> list[str]:
    return chance.sample(of, min(most, len(of)))


def _ads(parts: Mapping[str, list[str]], chance: random.Random, n: int) -> Iterator[str]:
    """A title, an opening, tasks and technologies, and up to eight of what anybody says around."""
    for _ in range(n):
        title = chance.choice(parts["title"])
        tools = ", ".join(_some(parts["technology"], chance.choice((0, 0, 4)), chance))
        between = chance.choice((" ", "\n"))
        tasks = _some(parts["task"], chance.randint(2, 6), chance)
        said = chance.sample(ABOUT, chance.randint(0, 8))
        before, after = said[: len(said) // 3], said[len(said) // 3 :]
        first = chance.choice(OPENINGS).format(title=title)
        body = between.join(filter(None, [first, *before, *tasks, tools, *after]))
        yield f"{title}\n{body}"


def _lists(parts: Mapping[str, list[str]], chance: random.Random) -> Iterator[str]:
    """Terms as a profile lists them: words that stand side by side in tasks and titles."""
    for _ in range(LISTS):
        tasks = " . ".join(_some(parts["task"], 6, chance))
        terms = [t for t in dict.fromkeys(ngrams(tasks)) if t.count(" ") < 2]
        chosen = _some(parts["title"], 2, chance) + _some(terms, 10, chance)
        chance.shuffle(chosen)
        yield ", ".join(chosen).lower()


def _esco(corpus: Path, titles: Path) -> Iterator[Example]:
    """ESCO's occupations by the O*NET code that most of their titles have, as surely as they do."""
    frame = pl.read_parquet(titles).filter(~pl.col("ending"), pl.col("onet") != "")
    known = {
        key: (str(code), float(share))
        for key, code, share in frame.select("key", "onet", "onet_share").iter_rows()
    }
    rows = pl.read_parquet(corpus / "esco_occupations.parquet").sort("esco_occupation_uri")
    for label, also, text in rows.select("preferred_label", "alt_labels", "description").rows():
        others = sorted(set((also or "").split(" | ")) - {label, ""})
        votes = _votes([label, *others], known)
        if votes:
            code, share = min(votes.items(), key=lambda v: (-v[1], v[0]))
            weight = round(share / votes.total(), 3)
            yield Example(f"{label}\n{text or ''}".strip(), code, weight)
            yield Example(", ".join([label, *others[:6]]), code, weight)


def _votes(titles: Iterable[str], known: Mapping[str, tuple[str, float]]) -> Counter[str]:
    votes: Counter[str] = Counter()
    for title in titles:
        code, share = known.get(stem_key(title), ("", 0.0))
        if code:
            votes[code] += share  # type: ignore[assignment]
    return votes
