"""Explore the model of the posting ledger and print what was counted.

python -m tests.reliability.model [--full] [--trace]

Without --full: the scenarios of Meta and Google that the tests explore, and the negative controls.
With it also X, more faults, more edits, and workers that stop between check and sending. Exits with
1 when a scenario shows a fault or a control shows none.
"""

import argparse
import sys
import time

from tests.reliability import scenarios
from tests.reliability.explore import Result, explore
from tests.reliability.scenarios import GOOGLE, META, Scenario, X

HEAD = ("scenario", "states", "steps", "worlds judged", "interleavings", "CPU s", "found")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="everything: minutes")
    parser.add_argument("--trace", action="store_true", help="print the trace of what was found")
    given = parser.parse_args(arguments)
    held = [*scenarios.basic(META), *scenarios.basic(GOOGLE)]
    if given.full:
        held += [*scenarios.basic(X), *scenarios.further()]
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD), flush=True)
    wrong = [s.name for s in held if _explored(s, given.trace).found]
    wrong += [s.name for s in scenarios.controls() if not _explored(s, given.trace).found]
    for scenario in scenarios.late() if given.full else ():
        _explored(scenario, given.trace, most_faults=50)
    print(f"not as expected: {', '.join(wrong) or 'nothing'}")
    return 1 if wrong else 0


def _explored(scenario: Scenario, trace: bool, most_faults: int = 1) -> Result:
    began = time.process_time()
    result = explore(scenario, most_faults)
    paths = f"{result.interleavings:.1e}" if result.interleavings else "-"
    said = "; ".join(f.fault for f in result.found) or "nothing"
    cells = (
        scenario.name,
        f"{result.states:,}",
        f"{result.steps:,}",
        f"{result.checks:,}",
        paths,
        f"{time.process_time() - began:.0f}",
        said,
    )
    print("| " + " | ".join(cells) + " |", flush=True)
    for found in result.found if trace else ():
        print("", found.fault, *found.trace, sep="\n    ")
    return result


if __name__ == "__main__":
    sys.exit(main())
