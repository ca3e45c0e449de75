"""Labelled cases of several authors, and phrases by language: how many are judged rightly."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from assets.publishing.policy import Policy
from domain.platform import Network
from jobads.offline import Offline
from resources.files.bundled import ROOT

CASES = ROOT / "taxonomy" / "policy"
_CHOICE = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True)
class Scored:
    id: str
    legal: bool
    right: bool
    said: str


def scored(path: Path, policy: Policy) -> list[Scored]:
    """Each case of a file. An illegal one is refused by an error, or when none of its `forbidden`
    strings is in the payload (where its own text is unlawful, only an error counts); a legal one
    passes when there is no error and every `required` string is in the payload."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        case = json.loads(line)
        on = date.fromisoformat(case["on"])
        run = Offline(Network(case["network"]), (case["country"],), on, policy)
        answer = run.line(json.dumps(case["input"]))
        text = json.dumps(answer["payload"], ensure_ascii=False).casefold()
        refused = bool(answer["error"])
        if case["legal"]:
            right = not refused and all(str(s).casefold() in text for s in case["required"])
        else:
            clean = not any(str(s).casefold() in text for s in case["forbidden"])
            right = refused or (clean and not case.get("error"))
        found.append(Scored(case["id"], case["legal"], right, str(answer["error"] or "")))
    return found


def files() -> list[Path]:
    return sorted(CASES.glob("cases*.jsonl"))


def phrases(side: str) -> list[str]:
    """Phrases of one side ("illegal", "legal", "keywords"); [a|b] stands for each of its words."""
    table = yaml.safe_load((CASES / "phrases.yaml").read_text("utf-8"))[side]
    return [said for tongue in table.values() for line in tongue for said in _written(line)]


def _written(line: str) -> Iterator[str]:
    choice = _CHOICE.search(line)
    if not choice:
        yield line
        return
    for word in choice[1].split("|"):
        yield from _written(line[: choice.start()] + word + line[choice.end() :])


def unlawful_texts() -> list[tuple[str, str]]:
    """(where from, text) of every text that is unlawful by itself."""
    found = []
    for path in files():
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            if not case["legal"] and case.get("error"):
                job = case["input"]["job"]
                found += [("cases", job["title"]), ("cases", job["description_short"])]
    return [*found, *(("phrases", said) for said in phrases("illegal"))]


def unlawful_keywords() -> list[tuple[str, str]]:
    """(where from, label) of every keyword that stands for a trait of people."""
    found = [("phrases", said) for said in phrases("keywords")]
    for path in files():
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            if case["legal"]:
                continue
            wrong = {str(s).casefold() for s in case["forbidden"]}
            given = case["input"]["primitives"]
            facts = [*given.get("skills_keywords", ()), *given.get("industries", ())]
            found += [("cases", f["label"]) for f in facts if f["label"].casefold() in wrong]
    return found
