"""How well the policy refuses what is unlawful and lets through what is not.

python -m benchmarks.policy cases            labelled cases of both authors
python -m benchmarks.policy generate -n N    N generated primitive sets: does the checker fault one?
python -m benchmarks.policy mutations        loosened rules: does anything notice?
"""

import argparse
import copy
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import Pool
from pathlib import Path

from assets.publishing.policy import Policy, lexicon, rulebook
from domain.errors import JobadsError, PolicyRefusal, SetupError
from domain.platform import Network
from jobads.offline import Offline
from resources.policy import ROOT, load_policy, read_table

UNSENT = "nothing was sent"
CASES = ROOT / "taxonomy" / "policy"
COUNTRIES = ("US", "CA", "DE", "FR", "GB", "SE", "IN", "BR")
DATES = (date(2026, 1, 15), date(2026, 11, 24), date(2027, 12, 15))
PLACES = {
    "US": ("geo:4671654", "Austin"), "CA": ("geo:6167865", "Toronto"),
    "DE": ("geo:2950159", "Berlin"), "FR": ("geo:2988507", "Paris"),
    "GB": ("geo:2643743", "London"), "SE": ("geo:2673730", "Stockholm"),
    "IN": ("geo:1275339", "Mumbai"), "BR": ("geo:3448439", "São Paulo"),
}  # fmt: skip


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


FACTS = ("industries", "skills_keywords")
FIELDS = (
    "age", "gender", "postcode", "religion", "nationality", "lookalike", "excluded_locations",
    "behaviors", "radius_km", "zzz", "interests", "negative_keywords", "$lookup", "campaign",
)  # fmt: skip
SAID = (
    "Python", "Nursing", "Forklift driving", "Health care", "Information technology", "Welding",
    "C++", "Excel", "Black box testing", "Women's health", "Family law", "React Native",
    "recent graduates", "young professionals", "native english speaker", "men only", "90210",
    "10115 Berlin", "SW1A 1AA", "M5V 2T6", "muslim", "hispanic", "retirees", "wheelchair users",
    "sorority", "Ivy League graduates", "veterans", "single mothers", "unmarried", "lgbtq",
    "union members", "y\u200boung professionals", "уoung team", "ＭＥＮ ＯＮＬＹ", "able-bodied",
    "age_min", '{"$id": "x"}', "<script>", "a" * 90, "word " * 12, "",
    "🎉", "بحث", "多様", "\u202eabc",
    "millennials", "caucasian", "housewives", "jeune diplômé", "junges Team", "nur Frauen",
)  # fmt: skip
TITLES = ("Registered Nurse", "Software Engineer (m/w/d)", "Truck Driver", "Koch", "Infirmière",
          "Senior Accountant – Remote", "Youth Services Librarian", "Salesperson")  # fmt: skip
SHORTS = ("Care for patients.", "Build data pipelines. Salary $80,000 per year. Equal opportunity.",
          "Work with young people and families in Berlin.", "x" * 279,
          "Teach. " * 30)  # fmt: skip


def generated(chance: random.Random) -> tuple[Network, str, date, dict]:
    """One point of the grid with random facts, half of them hostile."""
    country, network = chance.choice(COUNTRIES), chance.choice(list(Network))

    def fact(label: str, id_: str = "") -> dict:
        inferred = chance.random() < 0.3 and not id_
        evidence = [] if inferred else [{"field": "title", "start": 0, "end": 1, "text": label}]
        return {"id": id_ or f"x:{label[:9]}", "label": label, "score": 0.5,
                "source": "inferred" if inferred else "text", "evidence": evidence}  # fmt: skip

    primitives: dict = {
        name: [fact(chance.choice(SAID)) for _ in range(chance.randrange(5))] for name in FACTS
    }
    spot = PLACES[chance.choice((country, country, chance.choice(COUNTRIES)))]
    kinds = [spot, ("remote", "Remote"), (f"country:{country}", country), ("geo:4736286", "Texas"),
             ("zip:78701", "78701"), ("neighborhood:1", "Soho"), ("geo:0", "Nowhere")]  # fmt: skip
    primitives["locations"] = [
        fact(label, id_) for id_, label in chance.sample(kinds, chance.randrange(4))
    ]
    for place in primitives["locations"]:
        if chance.random() < 0.2:
            place["radius_km"] = 1
    level = chance.choice(("", "Senior", "Entry level", "young", "Internship"))
    primitives["seniority"] = fact(level, "level:x") if level else {}
    for name in chance.sample(FIELDS, chance.randrange(3)):
        primitives[name] = chance.choice(([18, 25], "female", {"min": 20}, ["78701"]))
    job = {
        "title": chance.choice(TITLES), "description_short": chance.choice(SHORTS),
        "target_url": "https://jobs.example/1", "budget_daily": chance.choice((100, 2500, 99999)),
        "location": spot[1], "schedule_start": "2026-12-01T09:00:00+00:00",
        "dsa_payer": "Acme", "dsa_beneficiary": "Acme",
    }  # fmt: skip
    return network, country, chance.choice(DATES), {"job": job, "primitives": primitives}


ALLOWED = {s.casefold(): str(6_003_000_000 + i) for i, s in enumerate(SAID)}


def faults(count: int, seed: int, policy: Policy | None = None) -> tuple[Counter, list[str]]:
    """(payloads, refusals, faults) of `count` generated sets, and the first faults in words."""
    policy, chance = policy or load_policy(), random.Random(seed)
    counts, shown = Counter(), []
    for _ in range(count):
        network, country, on, given = generated(chance)
        run = Offline(network, (country,), on, policy, ALLOWED)
        try:
            payload = run.compiled(given)["payload"]
        except JobadsError:
            counts["refused"] += 1
            continue
        counts["payloads"] += 1
        try:
            run.check(payload)
        except PolicyRefusal as error:
            counts["faults"] += 1
            shown.append(f"{network} {country} {on}: {error}")
    return counts, shown[:20]


@dataclass(frozen=True)
class Mutant:
    """One loosened rule or word: what was changed, and the policy with it, or why it is none."""

    name: str
    policy: Policy | None


def mutants() -> Iterator[Mutant]:
    """Every single loosening: a drop that keeps, a rewrite that keeps, another way to go, a smaller
    circle, a rule that starts later or speaks elsewhere, a word that is forgotten or excused."""
    base, rules, words = load_policy(), read_table(ROOT, "rules"), read_table(ROOT, "words")
    for i, row in enumerate(rules["rules"]):
        for change in _loosened(row):
            data = copy.deepcopy(rules)
            data["rules"][i] |= change
            yield _mutant(f"{row['id']} {change}", lambda d=data: replace(base, rules=rulebook(d)))
    for trait, patterns in words["shut_out"].items():
        for i, pattern in enumerate(patterns):
            data = copy.deepcopy(words)
            del data["shut_out"][trait][i]
            yield _mutant(
                f"forgets {trait}: {pattern}", lambda d=data: replace(base, words=lexicon(d))
            )
    for i, pattern in enumerate(words["proxies"]):
        data = copy.deepcopy(words)
        del data["proxies"][i]
        name = f"forgets proxies: {pattern}"
        yield _mutant(name, lambda d=data: replace(base, words=lexicon(d)))
    for key, value in (("work", "[a-z]+"), ("harmless", ["."])):
        data = copy.deepcopy(words)
        data[key] = value
        yield _mutant(f"{key} excuses all", lambda d=data: replace(base, words=lexicon(d)))


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


def _mutant(name: str, build) -> Mutant:  # type: ignore[no-untyped-def]
    try:
        return Mutant(name, build())
    except SetupError:
        return Mutant(name, None)


def killed(mutant: Mutant, sample: int) -> str:
    """What noticed the mutant: its table, a case, or the second checker; "" when nothing did."""
    if mutant.policy is None:
        return "table"
    for path in sorted(CASES.glob("cases*.jsonl")):
        answers = scored(path, mutant.policy)
        if {s.id for s in answers if not s.right} - {s.id for s in _right(path) if not s.right}:
            return "cases"
        if any(UNSENT in s.said for s in answers):
            return "checker"  # it refused what the compiler let through
    counts, _ = faults(sample, 11, mutant.policy)
    return "checker" if counts["faults"] else ""


_MEMORY: dict[Path, list[Scored]] = {}


def _right(path: Path) -> list[Scored]:
    if path not in _MEMORY:
        _MEMORY[path] = scored(path, load_policy())
    return _MEMORY[path]


def _cases() -> None:
    for path in sorted(CASES.glob("cases*.jsonl")):
        found = scored(path, load_policy())
        for legal, word in ((False, "illegal refused"), (True, "legal let through")):
            mine = [s for s in found if s.legal is legal]
            print(f"{path.name}: {sum(s.right for s in mine)} of {len(mine)} {word}")
        for s in found:
            if not s.right:
                print(f"  {s.id}: {'blocked' if s.legal else 'let through'} {s.said}")


def _generate(count: int, processes: int) -> None:
    start = time.perf_counter()
    with Pool(processes) as pool:
        part = 10_000
        parts = [(min(part, count - i), i) for i in range(0, count, part)]
        total, shown = Counter(), []
        for counts, words in pool.starmap(faults, parts, chunksize=1):
            total.update(counts)
            shown += words
    took = time.perf_counter() - start
    grid = f"{len(Network)} networks × {len(COUNTRIES)} countries × {len(DATES)} dates"
    print(f"{count:,} sets over {grid} in {took:.0f} s")
    print(", ".join(f"{total[name]:,} {name}" for name in ("payloads", "refused", "faults")))
    print("\n".join(shown[:20]))


def _mutations(processes: int) -> None:
    every = list(mutants())
    with Pool(processes) as pool:
        ends = pool.starmap(killed, [(m, 300) for m in every], chunksize=1)
    tally = Counter(ends)
    print(f"{len(every)} mutations, {len(every) - tally['']} killed "
          f"({100 * (1 - tally[''] / len(every)):.1f} %): {dict(tally)}")  # fmt: skip
    for mutant, end in zip(every, ends, strict=True):
        if not end:
            print(f"  survives: {re.sub(' +', ' ', mutant.name)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("cases", "generate", "mutations"))
    parser.add_argument("-n", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    if given.what == "cases":
        _cases()
    elif given.what == "generate":
        _generate(given.n, given.processes)
    else:
        _mutations(given.processes)


if __name__ == "__main__":
    main()
