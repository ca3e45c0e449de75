"""What it costs to compile the plans of a team, and what one changed ad among them costs.

python -m benchmarks.planning --cache FOLDER/vectors.db [--ads 100 1000 10000] [--runs 3]

(Needs JOBADS_CORPUS_DIR.) Real ads of one team, each on three networks that the twins serve, go
through the graph's own assets, called as functions: starting a run comes on top (3 s a process).
For each number of ads: everything from nothing; then nothing new; then, `--runs` times, one ad is
edited and its new plans are made. Vectors come from the cache; an edited text is encoded. CPU is of
this process and all its threads, in seconds; `wall` is the clock's.
"""

import argparse
import inspect
import logging
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from assets import checks, intake
from assets.publishing import assets as publishing
from assets.resources import from_env
from assets.segmentation import assets as segmentation
from benchmarks.machine import machine
from benchmarks.texts import ads as corpus_ads
from domain.job_ad import SHORT_MAX, TITLE_MAX, JobAd
from domain.money import Money
from domain.platform import Network
from jobads.demo import ACCOUNTS
from jobads.home import prepare
from jobads.twins import twins
from resources.operations.store import OperationsStore
from resources.settings import Settings

START = datetime(2027, 1, 4, 9, tzinfo=UTC)
ASSETS = ("job_ads", "embeddings", "segments", "audience_plans", "checks")


@dataclass
class Cost:
    """Seconds of CPU and of the clock by asset."""

    cpu: dict[str, float] = field(default_factory=dict)
    wall: dict[str, float] = field(default_factory=dict)
    done: Any = None

    def time(self, name: str, call: Callable[[], Any]) -> Any:
        cpu, wall = time.process_time(), time.perf_counter()
        answer = call()
        self.cpu[name] = time.process_time() - cpu
        self.wall[name] = time.perf_counter() - wall
        return answer


def own(definition: Any, context: Any, opened: Mapping[str, Any]) -> Any:
    """Call the asset's or check's function with the resources that it names: Dagster's way to call
    one takes 0.9 s of CPU each time."""
    function = definition.node_def.compute_fn.decorated_fn
    names = inspect.signature(function).parameters
    return function(**{name: context if name == "context" else opened[name] for name in names})


def materialize(opened: Mapping[str, Any], team: str) -> Cost:
    """Every asset from the operations store to the plans, with its checks, in the graph's order."""
    cost = Cost()
    here = SimpleNamespace(log=logging.getLogger("benchmark"), partition_key=team)
    cost.time("job_ads", lambda: own(intake.job_ads, here, opened))
    cost.time("embeddings", lambda: own(segmentation.embeddings, here, opened))
    cost.time("segments", lambda: list(own(segmentation.segments, here, opened)))
    answer = cost.time("audience_plans", lambda: own(publishing.audience_plans, here, opened))
    looks = (
        checks.no_contact_data,
        checks.unit_vectors,
        checks.silhouettes_in_range,
        checks.shares_sum_to_one,
    )
    cost.time("checks", lambda: [own(look, here, opened) for look in looks])
    cost.done = dict(answer.metadata)
    return cost


def add_ads(store: OperationsStore, team: Any, count: int) -> None:
    """The first ads of the corpus, as if a recruiter had written them for all three networks."""
    rows = corpus_ads(Path(os.environ["JOBADS_CORPUS_DIR"])).head(count)
    user, now = store.teams.system_user(team.id), datetime.now(UTC)
    made = []
    for row in rows.iter_rows(named=True):
        text = " ".join((row["description"] or row["title"]).split())[:90_000]
        made.append(
            JobAd(
                id=uuid4(),
                team_id=team.id,
                title=(row["title"] or "Job")[:TITLE_MAX].strip(),
                description_short=text[:SHORT_MAX].rsplit(" ", 1)[0] or "A job.",
                description_long=text,
                target_url=f"https://magneto.example/jobs/{len(made)}",
                platforms=frozenset(Network),
                budget_daily=Money(6000, "USD"),
                schedule_start=START,
                location=(row["location"] or "")[:300].strip(),
                created_by_user_id=user,
                created_at=now,
                updated_at=now,
            )
        )
    store.ads.save_drafts(team.id, made)


def edits(store: OperationsStore, team: Any, runs: int) -> list[tuple[str, Callable[[], Any]]]:
    """One ad's budget, then another's words."""
    jobs = store.ads.of_team(team.id)
    found: list[tuple[str, Callable[[], Any]]] = []
    for n in range(runs):
        one, other = jobs[(7 * n) % len(jobs)], jobs[(7 * n + 3) % len(jobs)]
        more = Money(one.budget_daily.minor + 100, "USD")
        words = f"{other.description_long} Shift {n}."
        found.append(
            (
                "its budget",
                lambda one=one, more=more: store.ads.edit(team.id, one.id, budget_daily=more),
            )
        )
        found.append(
            (
                "its words",
                lambda o=other, w=words: store.ads.edit(team.id, o.id, description_long=w),
            )
        )
    return found


def measure(count: int, cache: Path, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JOBADS_HOME"] = folder
        (Path(folder) / "cache").mkdir()
        if cache.exists():
            shutil.copy(cache, Path(folder) / "cache" / "vectors.db")
        settings = Settings.from_env()
        prepare(settings)
        store = OperationsStore.open(settings)
        team = store.teams.add("Magneto", "magneto.example", "USD", "Magneto", "Magneto")
        for network, (account, token, user) in ACCOUNTS.items():
            store.connections.connect(team.id, network, account, token=token, platform_user_id=user)
        add_ads(store, team, count)
        with twins(settings) as served:
            os.environ |= served.env
            opened = from_env()
            first = materialize(opened, str(team.id))
            plans = first.done["compiled"] + first.done["refused"]
            show(count, "from nothing", [first], plans)
            show(count, "nothing new", [materialize(opened, str(team.id)) for _ in range(runs)], 0)
            by_edit: dict[str, list[Cost]] = {}
            for name, edit in edits(store, team, runs):
                edit()
                cost = materialize(opened, str(team.id))
                touched = cost.done["compiled"] + cost.done["refused"]
                assert touched == len(Network), cost.done
                by_edit.setdefault(name, []).append(cost)
            for name, costs in by_edit.items():
                show(count, f"one ad changed: {name}", costs, len(Network))
        shutil.copy(Path(folder) / "cache" / "vectors.db", cache)
    for name in [*served.env, "JOBADS_HOME"]:
        os.environ.pop(name, None)


def show(ads: int, what: str, costs: list[Cost], plans: int) -> None:
    def middle(values: list[float]) -> str:
        return f"{statistics.median(values):.2f}"

    columns = [middle([c.cpu[name] for c in costs]) for name in ASSETS]
    total = [sum(c.cpu.values()) for c in costs]
    wall = [sum(c.wall.values()) for c in costs]
    each = f"{1000 * costs[0].cpu['audience_plans'] / plans:.1f}" if plans > len(Network) else ""
    print(
        f"| {ads:,} | {what} | {plans:,} | {' | '.join(columns)} | {middle(total)} "
        f"({min(total):.2f} to {max(total):.2f}) | {middle(wall)} | {each} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--ads", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    print(
        f"{machine()}\n\n| ads | what | plans | {' | '.join(ASSETS)} | CPU s together | wall s "
        f"| ms a plan |\n|{'---|' * (len(ASSETS) + 6)}"
    )
    for count in given.ads:
        measure(count, given.cache, given.runs)


if __name__ == "__main__":
    main()
