"""What the occupation head learns from: O*NET, ESCO, and pseudo-ads composed of O*NET's parts."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.segmentation.phrases import stem_key
from assets.segmentation.profiles import ngrams

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
CLOSINGS = (
    "We offer holidays, a pension and training. Please send us your CV with a covering letter.",
    "You will have excellent communication skills and work well under pressure.",
    "Previous experience in a similar role is essential. Salary depends on experience.",
    "We are an equal opportunity employer. Apply now by clicking the button below.",
    "The ideal candidate is reliable, organised and able to meet deadlines.",
    "",
)


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
    """A title, what an employer says first, a few tasks, technologies, what he says last."""
    for _ in range(n):
        title = chance.choice(parts["title"])
        tools = ", ".join(_some(parts["technology"], chance.choice((0, 0, 3)), chance))
        body = chance.choice((" ", "\n")).join(_some(parts["task"], chance.randint(2, 5), chance))
        first, last = chance.choice(OPENINGS).format(title=title), chance.choice(CLOSINGS)
        yield "\n".join(filter(None, (title, first, body, tools, last)))


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
    known = {key: (str(code), float(share)) for key, code, share in
             frame.select("key", "onet", "onet_share").iter_rows()}  # fmt: skip
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
