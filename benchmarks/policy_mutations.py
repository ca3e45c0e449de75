"""Loosened rules and forgotten words: does anything notice?"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

from assets.publishing.policy import Policy, Words, lexicon, rulebook
from assets.publishing.policy.files import load_policy, read_table
from benchmarks.policy_cases import Scored, files, scored, unlawful_keywords, unlawful_texts
from benchmarks.policy_sets import faults
from domain.errors import SetupError
from resources.files.bundled import ROOT

UNSENT = "nothing was sent"
# Lists of excuses: to forget one of them is stricter, not looser.
EXCUSES = frozenset({"stop", "field", "exper", "clients", "tolerated", "harmless", "groups"})


@dataclass(frozen=True)
class Mutant:
    """One loosened rule or word: what was changed, and how to make the policy with it."""

    name: str
    made: Callable[[], Policy]

    @cached_property
    def policy(self) -> Policy | None:
        """None where the table's own checks refuse it."""
        try:
            return self.made()
        except SetupError:
            return None


def mutants(words_alone: bool = False) -> Iterator[Mutant]:
    """Every single loosening: a drop that keeps, a rewrite that keeps, another way to go, a smaller
    circle, a rule that starts later or speaks elsewhere; a frame, phrase, proxy or a language's
    slot that is forgotten, an excuse for all. `words_alone`: each word of each slot instead."""
    base, rules, words = load_policy(), read_table(ROOT, "rules"), read_table(ROOT, "words")
    if not words_alone:
        for i, row in enumerate(rules["rules"]):
            for change in _loosened(row):
                data = copy.deepcopy(rules)
                data["rules"][i] |= change
                name = f"{row['id']} {change}"
                yield Mutant(name, lambda d=data: replace(base, rules=rulebook(d)))
    for name, forget in _single(words) if words_alone else _forgotten(words):
        yield Mutant(name, partial(_without, words, forget))


def _without(words: dict, forget: Callable[[dict], Any]) -> Policy:
    data = copy.deepcopy(words)
    forget(data)
    words_left = lexicon(data)
    return replace(load_policy(), read_words=lambda: words_left)


def _forgotten(words: dict) -> Iterator[tuple[str, Callable[[dict], Any]]]:
    for path in _lists(words):
        where = ".".join(path)
        if _is_slot(path):
            yield f"forgets {where}", lambda d, p=path: _at(d, p).clear()
            continue
        for i, said in enumerate(_at(words, path)):
            yield f"forgets {where}: {said}", lambda d, p=path, i=i: _at(d, p).pop(i)
    yield "work excuses all", lambda d: d.update(work="[a-z]+")
    yield "harmless excuses all", lambda d: d.update(harmless=["."])
    yield "all is tolerated", lambda d: d["tolerated"].append(".+")


def _single(words: dict) -> Iterator[tuple[str, Callable[[dict], Any]]]:
    for path in filter(_is_slot, _lists(words)):
        for i, said in enumerate(_at(words, path)):
            yield f"forgets {'.'.join(path)}: {said}", lambda d, p=path, i=i: _at(d, p).pop(i)


def _is_slot(path: Sequence[str]) -> bool:
    return path[0] in ("languages", "every") and "said" not in path


def _lists(table: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(table, dict):
        for key, inner in table.items():
            if key not in EXCUSES:
                yield from _lists(inner, (*path, key))
    elif isinstance(table, list) and table:
        yield path


def _at(table: Any, path: Sequence[str]) -> Any:
    for key in path:
        table = table[key]
    return table


def _loosened(row: dict) -> list[dict]:
    changes: list[dict] = []
    if row["fate"] == "drop":
        changes += [{"fate": "keep", "to": to} for to in ("place", "keyword", "interest", "text")]
        if row["countries"] != "all" or row["field"] == "inferred":
            changes += [
                {"from": date(2100, 1, 1)},
                {"countries": "us_ca"},
                {"until": date(2027, 12, 3)},
            ]
    if row["fate"] == "rewrite":
        changes.append({"fate": "keep"})
    if row.get("to") in ("text", "interest"):
        changes += [{"fate": "keep", "to": to} for to in ("keyword", "interest") if to != row["to"]]
    if row.get("radius_km"):
        changes += [{"radius_km": km} for km in (0, 5, 24)]
    return changes


def killed(mutant: Mutant, sample: int) -> str:
    """What noticed the mutant: its table, a case, a phrase, or the second checker; or ""."""
    if mutant.policy is None:
        return "table"
    if mutant.policy.rules is load_policy().rules:
        by = _unread(mutant.policy.words)
        if by:
            return by
    else:
        for path in files():
            answers = scored(path, mutant.policy)
            if {s.id for s in answers if not s.right} - {s.id for s in _right(path) if not s.right}:
                return "cases"
            if any(UNSENT in s.said for s in answers):
                return "checker"  # it refused what the compiler let through
    counts, _ = faults(sample, 11, mutant.policy)
    return "checker" if counts["faults"] else ""


def _unread(words: Words) -> str:
    """Where the first text or keyword comes from that only the whole table refuses, or ""."""
    base = load_policy().words
    if words.tolerated == base.tolerated:
        held = {p.pattern for p in words.shut_out}
        known = {p.pattern for p in base.shut_out}
        new = tuple(p for p in words.shut_out if p.pattern not in known)
        only_new = replace(words, shut_out=new)
    else:
        held, only_new = set(), words
    for source, text, hits in _hits():
        if not hits & held and not only_new.shuts_out(text):
            return source
    if (words.proxies, words.work, words.harmless) != (base.proxies, base.work, base.harmless):
        return next(
            (s for s, label in unlawful_keywords() if base.proxy(label) and not words.proxy(label)),
            "",
        )
    return ""


@cache
def _hits() -> list[tuple[str, str, frozenset]]:
    """(where from, text, patterns that refuse it) for what the whole table refuses."""
    base = load_policy().words
    found = [
        (source, text, frozenset(p.pattern for p, _ in base.phrases(text)))
        for source, text in unlawful_texts()
    ]
    return [row for row in found if row[2]]


@cache
def _right(path: Path) -> list[Scored]:
    return scored(path, load_policy())
