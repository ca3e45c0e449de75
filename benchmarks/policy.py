"""How well the policy refuses what is unlawful and lets through what is not.

python -m benchmarks.policy cases            labelled cases of every author, phrases by language
python -m benchmarks.policy generate -n N    N generated primitive sets: does the checker fault one?
python -m benchmarks.policy mutations        loosened rules: does anything notice? --words: each
python -m benchmarks.policy ads --ads FILE   how many real ads' titles and first lines are refused
"""

import argparse
import re
import time
from collections import Counter
from itertools import islice
from multiprocessing import Pool
from pathlib import Path

import polars as pl

from assets.publishing import payload_validator
from assets.publishing.policy.files import load_policy
from benchmarks.policy_cases import files, phrases, scored
from benchmarks.policy_mutations import killed, mutants
from benchmarks.policy_sets import COUNTRIES, DATES, faults
from domain.errors import PolicyRefusal
from domain.platform import Network

SHORT = 280  # characters of an ad's short description


def cases() -> None:
    policy = load_policy()
    for path in files():
        found = scored(path, policy)
        for legal, word in ((False, "illegal refused"), (True, "legal let through")):
            mine = [s for s in found if s.legal is legal]
            print(f"{path.name}: {sum(s.right for s in mine)} of {len(mine)} {word}")
        for s in found:
            if not s.right:
                print(f"  {s.id}: {'blocked' if s.legal else 'let through'} {s.said}")
    for side in ("illegal", "legal"):
        texts = phrases(side)
        for name, judge in (("compiler", policy.words.shuts_out), ("second checker", refused)):
            n = sum(bool(judge(t)) for t in texts)
            print(f"phrases, {name}: {n} of {len(texts)} {side} refused")


def refused(text: str) -> str:
    """The second checker's words against a text, or ""."""
    link = {"link": "https://jobs.example", "message": text}
    body = {"object_story_spec": {"page_id": "1", "link_data": link}}
    try:
        payload_validator.check("meta", "creative", body)
    except PolicyRefusal as error:
        return str(error) if "message" in str(error) else ""
    return ""


def generate(count: int, processes: int, part: int = 10_000) -> None:
    start = time.perf_counter()
    parts = [(min(part, count - i), i) for i in range(0, count, part)]
    total: Counter = Counter()
    shown: list[str] = []
    with Pool(processes) as pool:
        for counts, words in pool.starmap(faults, parts, chunksize=1):
            total.update(counts)
            shown += words
    took = time.perf_counter() - start
    grid = f"{len(Network)} networks × {len(COUNTRIES)} countries × {len(DATES)} dates"
    print(f"{count:,} sets over {grid} in {took:.0f} s ({count / took:,.0f} a second)")
    for name in sorted({*total, "faults"}):
        print(f"  {name}: {total[name]:,}")
    print("\n".join(shown[:20]))


def mutations(processes: int, words: bool) -> None:
    with Pool(processes) as pool:
        parts = pool.starmap(_ends, [(i, processes, words) for i in range(processes)])
    ends = [end for part in parts for end in part]
    tally = Counter(by for _, by in ends)
    print(
        f"{len(ends)} mutations, {len(ends) - tally['']} killed "
        f"({100 * (1 - tally[''] / len(ends)):.1f} %): {dict(tally)}"
    )
    for name, by in ends:
        if not by:
            print(f"  survives: {re.sub(' +', ' ', name)}")


def _ends(first: int, step: int, words: bool) -> list[tuple[str, str]]:
    """(name, what noticed it) of every `step`-th mutant."""
    return [(m.name, killed(m, 100)) for m in islice(mutants(words), first, None, step)]


def ads(path: Path) -> None:
    """Titles and first lines of real ads (columns title, description) that are refused."""
    words, start = load_policy().words, time.perf_counter()
    rows = pl.read_parquet(path, columns=["title", "description"]).rows()
    first = second = 0
    for title, description in rows:
        texts = (title or "", (description or "")[:SHORT])
        said = next(filter(None, map(words.shuts_out, texts)), None)
        first += bool(said)
        second += any(map(refused, texts))
        if said:
            print(f"  {said[0]}: {said[1]}")
    took = time.perf_counter() - start
    print(
        f"{first} ({first / len(rows):.2%}) of {len(rows)} refused by the compiler, "
        f"{second} by the second checker; {1000 * took / len(rows):.1f} ms an ad"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("cases", "generate", "mutations", "ads"))
    parser.add_argument("-n", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--ads", type=Path, default=None)
    given = parser.parse_args()
    if given.what == "cases":
        cases()
    elif given.what == "generate":
        generate(given.n, given.processes)
    elif given.what == "ads":
        ads(given.ads)
    else:
        mutations(given.processes, given.words)


if __name__ == "__main__":
    main()
