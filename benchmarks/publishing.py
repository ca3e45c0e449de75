"""What posting costs of our own CPU, beyond the bare SDKs with the same requests.

python -m benchmarks.publishing --ads 20

Ads of two arms are posted by `publish --due`'s own path to the twins through the real SDKs, and
after each the same requests are sent again by the bare SDK under fresh names. CPU is of this
process and all its threads; the twins are processes of their own.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.bare import Call, Door, Watch, instead, replay
from benchmarks.crash.schedules import Schedule
from benchmarks.crash.stage import Stage
from benchmarks.doors import door
from domain.ledger import DueAd
from domain.platform import Network
from jobads.demo import ACCOUNTS
from resources.operations.database import Database

WARM = 3
ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Measured:
    """Milliseconds of CPU of each ad, of its replay, and of ours outside of the SDK's calls."""

    network: Network
    bare: Any = None
    calls: list[Call] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    outside: list[float] = field(default_factory=list)
    first: float = 0.0
    statements: int = 0
    commits: int = 0

    @property
    def added(self) -> list[float]:
        return [ours - raw for ours, raw in zip(self.ours, self.raw, strict=True)]


class Bench:
    """A home on disk with three twins, and the outside as `publish` builds it."""

    def __init__(self, folder: Path) -> None:
        from assets.outside import Outside

        self.stage = Stage(folder=folder)
        os.environ |= {"JOBADS_HOME": str(self.stage.home), **self.stage.twins.env}
        self.outside = Outside.from_env()
        self.posted: list[DueAd] = []

    def close(self) -> None:
        self.outside.store.close()
        self.stage.close()

    def post(self, network: Network) -> float:
        """CPU milliseconds of posting one new ad until it runs."""
        return self._post(self.due(network))

    def due(self, network: Network) -> DueAd:
        """A new ad, accepted and scheduled."""
        plan = self.stage.ad(Schedule(0, str(network))).plan
        return DueAd(plan.team_id, plan.job_id, network, plan.account_id, plan.digest, 0)

    def _post(self, due: DueAd) -> float:
        from assets.publishing.service import post_due

        begun = time.process_time()
        report = post_due(due, self.outside, lambda _: None)
        spent = 1000 * (time.process_time() - begun)
        if not report.live:
            raise SystemExit(f"{due.network}: the ad does not run: {report.slots}")
        self.posted.append(due)
        return spent

    def door(self, network: Network) -> Door:
        token, app = ACCOUNTS[network][1], ("", "")
        if network is Network.X:
            known = self.outside.settings.app(network)
            app = (known.id, known.secret)
        return door(network, self.stage.twins.env, token, app)

    def count(self, network: Network, bare: Door) -> tuple[list[Call], Counter[str]]:
        """The requests of one posting, and what it asked of the database."""
        calls: list[Call] = []
        seen: Counter[str] = Counter()

        def statement(inner: Any, *args: Any, **given: Any) -> Any:
            seen["statements"] += 1
            return inner(*args, **given)

        def commit(inner: Any, *args: Any) -> Any:
            seen["commits"] += 1
            return inner(*args)

        due = self.due(network)
        with ExitStack() as stack:
            stack.enter_context(instead(sa.Connection, "execute", statement))
            stack.enter_context(instead(Database, "write", commit))
            stack.enter_context(bare.recorded(calls))
            self._post(due)
        return calls, seen

    def once(self) -> float:
        """CPU milliseconds of what a run of `publish --due` does once for all ads: listing what is
        due and stale, and the table of slots."""
        from assets.publishing.service import record, retire_stale

        record(self.posted, self.outside)  # opens the warehouse
        begun = time.process_time()
        self.outside.store.schedule.due(self.outside.now())
        record(self.posted, self.outside)
        retire_stale(self.outside)
        return 1000 * (time.process_time() - begun)


def measure(bench: Bench, networks: list[Network], ads: int) -> list[Measured]:
    """Networks take turns, so that what else the machine does is spread over all of them."""
    found = [Measured(network) for network in networks]
    for m in found:
        m.first = bench.post(m.network)
        for _ in range(WARM - 1):
            bench.post(m.network)
        m.bare = bench.door(m.network)
        m.calls, seen = bench.count(m.network, m.bare)
        m.statements, m.commits = seen["statements"], seen["commits"]
    for seed in range(WARM + ads):
        for m in found:
            pair(bench, m, seed)
    for m in found:
        m.ours, m.raw, m.outside = m.ours[WARM:], m.raw[WARM:], m.outside[WARM:]
    return found


def pair(bench: Bench, m: Measured, seed: int) -> None:
    """One ad by our way, and its requests once more by the bare SDK."""
    watch = Watch()
    with watch.over(m.bare):
        m.ours.append(bench.post(m.network))
    m.outside.append(m.ours[-1] - 1000 * watch.spent)
    m.raw.append(1000 * replay(m.calls, m.bare, seed))


def launch() -> list[str]:
    """A Dagster run of one ad that has nothing to do, in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        env = os.environ | {"DAGSTER_HOME": home, "DAGSTER_DISABLE_TELEMETRY": "1"}
        code = (
            "import dagster as dg; from assets.definitions import defs; "
            "i = dg.DagsterInstance.get(); i.add_dynamic_partitions('ads', ['none']); "
            "r = defs.resolve_job_def('posting').execute_in_process("
            "instance=i, partition_key='none', raise_on_error=False); "
            "print(r.success, open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
        )
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    success, _, peak_kib = done.stdout.strip().partition(" ")
    if success != "True":
        raise SystemExit(f"the run failed: {done.stderr[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [f"{wall:.1f} s, {cpu:.1f} s of CPU, {int(peak_kib) / 1024:.0f} MiB"]


def rows(found: list[Measured]) -> list[str]:
    said = [
        "| network | requests | SQL statements | commits | ours ms | bare SDK ms | added ms | "
        "quartiles | outside the SDK's calls ms | first ad of a process ms |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for m in found:
        low, added, high = statistics.quantiles(m.added, n=4)
        said.append(
            f"| {m.network} | {len(m.calls)} | {m.statements} | {m.commits} | "
            f"{statistics.median(m.ours):.1f} | {statistics.median(m.raw):.1f} | {added:.1f} | "
            f"{low:.1f} to {high:.1f} | {statistics.median(m.outside):.1f} | {m.first:.0f} |"
        )
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ads", type=int, default=20)
    parser.add_argument("--networks", nargs="+", default=[str(n) for n in Network])
    parser.add_argument("--profile", default="", help="Write cProfile's numbers of ours here.")
    parser.add_argument("--launch", action="store_true", help="Also one Dagster run.")
    given = parser.parse_args()
    loads = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="publishing-") as folder:
        bench = Bench(Path(folder))
        try:
            if given.profile:
                profile(bench, Network(given.networks[0]), given.ads, given.profile)
                return
            found = measure(bench, [Network(n) for n in given.networks], given.ads)
            once, posted = bench.once(), sum(len(m.ours) + 2 * WARM + 1 for m in found)
            launched = launch() if given.launch else []
        finally:
            bench.close()
    print(f"Python {platform.python_version()}, SQLAlchemy {sa.__version__}")
    print(f"load before and after: {loads[0]:.1f}, {os.getloadavg()[0]:.1f}")
    print(*rows(found), sep="\n")
    print(f"once for all {posted} ads, the list of what is due and the table: {once:.0f} ms")
    for line in launched:
        print(f"one Dagster run: {line}")


def profile(bench: Bench, network: Network, ads: int, path: str) -> None:
    import cProfile

    for _ in range(WARM):
        bench.post(network)
    watch = cProfile.Profile(time.thread_time)
    from assets.publishing.service import post_due

    waiting = [bench.due(network) for _ in range(ads)]
    watch.enable()
    for due in waiting:
        post_due(due, bench.outside, lambda _: None)
    watch.disable()
    watch.dump_stats(path)


if __name__ == "__main__":
    main()
