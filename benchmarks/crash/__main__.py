"""Kill posting processes at every boundary, and count what the networks hold afterwards.

python -m benchmarks.crash -n 10000 [--seed 0] [--jobs 2] [--blind]

A schedule is one ad on one network: a process that posts it and may be killed (SIGKILL) before or
after any request or commit, a network that drops, stalls, throttles or fails, a rival process, and
a person who edits, archives or does not approve. Afterwards an undisturbed process does what the
workbench's schedule would do, and the twins' own files are counted. `--blind` disables the look
before each create: the negative control, which must show duplicates.
"""

import argparse
import gc
import json
import os
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.crash import worker
from benchmarks.crash.schedules import NETWORKS, STALL_S, Schedule, Sizes, schedule

BLOCK = 100  # schedules on one stage: its files stay small


class Forks:
    """Asks the warmed parent for processes, which it forks before it has opened anything."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back = os.fdopen(to, "w"), os.fdopen(back)

    def run(self, *specs: dict[str, Any]) -> list[int]:
        """Run one process for each spec, all at once; their exit codes, -9 for the killed."""
        self._to.write(json.dumps(specs) + "\n")
        self._to.flush()
        return list(json.loads(self._back.readline()))


def parent(commands: int, answers: int) -> None:
    """The warmed parent's loop: fork, wait, answer."""
    with os.fdopen(commands) as lines, os.fdopen(answers, "w") as out:
        for line in lines:
            pids = [_fork(spec) for spec in json.loads(line)]
            codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
            out.write(json.dumps(codes) + "\n")
            out.flush()


def _fork(spec: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        {"run": worker.run, "finish": worker.finish}[spec["do"]](spec)
        code = 0
    except BaseException as error:  # the child must not return into the parent's loop
        Path(spec["out"]).write_text(json.dumps({"crashed": f"{type(error).__name__}: {error}"}))
    finally:
        os._exit(code)


def drive(forks: Forks, seeds: range, blind: bool, report: Path) -> None:
    """Play the schedules of `seeds`, one line of JSON for each."""
    from benchmarks.crash.stage import Stage

    templates: dict[tuple[str, int], str] | None = None
    sizes: Sizes = {}
    with report.open("a") as out:
        for start in range(seeds.start, seeds.stop, BLOCK * seeds.step):
            stage = Stage(templates)
            templates = stage.templates
            try:
                if not sizes:
                    sizes = {(n, a): _size(stage, forks, n, a) for n in NETWORKS for a in (1, 2)}
                    told = {f"{n} {a}": size for (n, a), size in sizes.items()}
                    out.write(json.dumps({"sizes": told}) + "\n")
                for seed in range(start, min(start + BLOCK * seeds.step, seeds.stop), seeds.step):
                    drawn = schedule(seed, sizes)
                    out.write(json.dumps(_play(stage, forks, drawn, blind)) + "\n")
                    out.flush()
            finally:
                stage.close()


def _size(stage: Any, forks: Forks, network: str, arms: int) -> tuple[int, int]:
    """Boundaries and requests of an undisturbed posting."""
    ad = stage.ad(Schedule(0, network, arms=arms))
    spec = _spec(stage, ad, "run")
    codes = forks.run(spec)
    said = json.loads(Path(spec["out"]).read_text())
    if codes != [0] or said["said"]:
        raise SystemExit(f"an undisturbed posting to {network} failed: {said}")
    return said["boundaries"], said["requests"]


def _spec(stage: Any, ad: Any, do: str, **more: Any) -> dict[str, Any]:
    return {
        "do": do,
        "home": str(stage.home),
        "networks": dict(stage.twins.env),
        "job_id": ad.job_id,
        "team_id": stage.team,
        "editor": str(stage.editor),
        "offset_s": ad.offset_s,
        "edited": str(stage.home / "edited.json"),
        "out": str(stage.home / f"out-{more.pop('name', do)}.json"),
        **more,
    }


def _play(stage: Any, forks: Forks, drawn: Schedule, blind: bool) -> dict[str, Any]:
    ad = stage.ad(drawn)
    started = time.monotonic()
    edited = stage.dearer(ad.plan)
    (stage.home / "edited.json").write_text(json.dumps(edited.as_dict()))
    if drawn.running and drawn.approved:
        forks.run(_spec(stage, ad, "run", name="before"))
        edited = stage.dearer(edited)
        version = stage.store.ads.get(stage.team, ad.job_id).version
        stage.store.plans.accept(
            stage.dearer(ad.plan), ad_version=version, rule="crash harness: an edit"
        )
        (stage.home / "edited.json").write_text(json.dumps(edited.as_dict()))
    if drawn.fault:
        stage.plant(drawn.network, drawn.fault)
    specs = [
        _spec(
            stage,
            ad,
            "run",
            kill=drawn.kill,
            edit=drawn.edit,
            edit_at=drawn.edit_at,
            blind=blind,
            name="first",
        )
    ]
    if drawn.rival:
        late = ad.offset_s + (1000 if drawn.rival == "late" else 0)
        specs.append(
            _spec(stage, ad, "run", kill=drawn.rival_kill, offset_s=late, blind=blind, name="rival")
        )
    codes = forks.run(*specs)
    if drawn.fault.get("kind") == "stall":
        time.sleep(STALL_S)  # a lease outlasts every request that is under way when its holder dies
    stage.clear(drawn.network)
    last = _spec(stage, ad, "finish", blind=blind)
    finished = forks.run(last)
    said = json.loads(Path(last["out"]).read_text())
    found = _verdict(stage, ad, drawn)
    return {
        **asdict(drawn),
        "codes": codes,
        "finished": finished == [0] and said["finished"],
        "said": said.get("said", [said])[-2:],
        "seconds": round(time.monotonic() - started, 3),
        **found,
    }


def _verdict(stage: Any, ad: Any, drawn: Schedule) -> dict[str, Any]:
    """Count in the network's own file, against what is approved and wanted by now."""
    from benchmarks.crash import census
    from domain.errors import NotFound
    from domain.lifecycle import AdStatus
    from domain.platform import Network

    network = Network(drawn.network)
    status = stage.store.ads.get(stage.team, ad.job_id).status
    try:
        plan = stage.store.plans.in_force(stage.team, ad.job_id, network)
    except NotFound:
        plan = None
    held = census.held(network, stage.home / "twin", census.keys(plan or ad.plan))
    wanted = plan is not None and status is not AdStatus.ARCHIVED
    spends = census.spending(held)
    slots = stage.store.ledger.slots(stage.team, ad.job_id)
    return {
        "slots": [f"{s.arm} {s.state} {s.reason}".strip() for s in slots],
        "duplicates": census.duplicates(network, held),
        "lost": census.missing(plan, held) if plan and wanted else [],
        "unapproved": bool(held) if plan is None else spends and not wanted,
        "archived": status is AdStatus.ARCHIVED,
    }


def table(reports: list[Path]) -> int:
    """Print what was counted; answers how many schedules went wrong."""
    rows = [json.loads(line) for path in reports for line in path.read_text().splitlines()]
    rows = [row for row in rows if "seed" in row]
    kinds = ("duplicates", "lost", "unapproved")
    print(
        "network  schedules  killed  faults  rivals  edits  running  "
        + "  ".join(kinds)
        + "  unfinished"
    )
    for network in (*NETWORKS, "all"):
        mine = [r for r in rows if network in (r["network"], "all")]
        killed = sum(-9 in r["codes"] for r in mine)
        wrong = [sum(bool(r[k]) for r in mine) for k in kinds]
        print(
            f"{network:8} {len(mine):9} {killed:7} {sum(bool(r['fault']) for r in mine):7} "
            f"{sum(bool(r['rival']) for r in mine):7} {sum(bool(r['edit']) for r in mine):6} "
            f"{sum(r['running'] for r in mine):8} {wrong[0]:11} {wrong[1]:5} {wrong[2]:11} "
            f"{sum(not r['finished'] for r in mine):11}"
        )
    faults = Counter(f"{r['fault']['kind']} {r['fault']['where']}" for r in rows if r["fault"])
    print("faults: " + ", ".join(f"{k} {n}" for k, n in sorted(faults.items())))
    bad = [r for r in rows if not r["finished"] or any(r[k] for k in kinds)]
    for row in bad[:20]:
        print(json.dumps(row))
    return len(bad)


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m benchmarks.crash", description=__doc__)
    given.add_argument("-n", type=int, default=300, help="schedules")
    given.add_argument("--seed", type=int, default=0, help="the first schedule's seed")
    given.add_argument("--jobs", type=int, default=1, help="drivers side by side")
    given.add_argument("--blind", action="store_true", help="the negative control")
    given.add_argument("--out", type=Path, default=Path("out/crash"), help="folder of reports")
    asked = given.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    worker.warm()
    gc.freeze()  # what is warm stays shared: children copy none of it to collect it
    reports, pids = [], []
    for job in range(asked.jobs):
        reports.append(asked.out / f"crash-{job}.jsonl")
        reports[-1].write_text("")
        pids.append(
            _pair(
                range(asked.seed + job, asked.seed + asked.n, asked.jobs), asked.blind, reports[-1]
            )
        )
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    wrong = table(reports)
    return 1 if any(codes) or (wrong and not asked.blind) else 0


def _pair(seeds: range, blind: bool, report: Path) -> int:
    """A warmed parent and its driver; answers the parent's pid."""
    pid = os.fork()
    if pid:
        return pid
    commands, to = os.pipe()
    back, answers = os.pipe()
    driver = os.fork()
    if driver == 0:
        os.close(commands), os.close(answers)
        code = 1
        try:
            drive(Forks(to, back), seeds, blind, report)
            code = 0
        except BaseException as error:
            print(f"driver: {type(error).__name__}: {error}", file=sys.stderr)
            raise
        finally:
            os._exit(code)
    os.close(to), os.close(back)
    parent(commands, answers)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(driver, 0)[1]))


if __name__ == "__main__":
    sys.exit(main())
