"""Every order of every step, once for each state of the world that it can lead to.

Search is breadth first over states, so a fault is reported by one of its shortest traces. A state
is the network, the ledger, the position of each worker and what may still go wrong. Two workers are
alike, so states that differ only in who is who count as one. Interleavings are counted as paths
through the graph of states: each is one order of all steps, and each of its states was judged.

What is no choice point, and why:
- An answer's arrival touches nothing but its worker: a request is one step, at the server's commit,
  and a death before the arrival is a death before the worker's next step.
- `posted` and `slots` read rows that only the lease's holder writes. Read later, they differ only
  for a worker that has lost the lease, whose next write or request is refused whatever it read.
- A request follows the check of its lease in one step, but for `late` scenarios: the lease cannot
  end in between, so nobody else can send or write, and edits touch nothing that a request does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.reliability.doors import REQUESTS, Answer
from tests.reliability.rows import Held
from tests.reliability.scenarios import Scenario
from tests.reliability.stage import Stage
from tests.reliability.workers import COME_AGAIN

DEAD = -1
UNSEEN = frozenset({"posted", "slots"})


class State(NamedTuple):
    """`world` and `workers` are numbers; the rest is what may still happen."""

    world: int
    workers: tuple[int, ...]
    crashes: int
    edits: int
    expiries: int
    wanes: int
    faults: int

    def worker(self, i: int, to: int) -> "State":
        """With worker `i` elsewhere; workers are kept in order, because they are alike."""
        others = (*self.workers[:i], *self.workers[i + 1 :], to)
        return self._replace(workers=tuple(sorted(others)))


Choice = tuple[str, State]


@dataclass(frozen=True)
class Found:
    """One fault with a shortest trace to it."""

    fault: str
    trace: tuple[str, ...]


@dataclass
class Result:
    """`interleavings` and `longest` (steps) are counted when nothing was found; `positions` are a
    worker's, `checks` judged worlds."""

    scenario: Scenario
    states: int = 0
    steps: int = 0
    worlds: int = 0
    positions: int = 0
    checks: int = 0
    interleavings: int = 0
    longest: int = 0
    found: list[Found] = field(default_factory=list)


def explore(scenario: Scenario, most_faults: int = 1) -> Result:
    """Walk the whole graph; stop after `most_faults` distinct faults."""
    stage, result = Stage(scenario), Result(scenario)
    start = _start(stage)
    ids, order = {start: 0}, [start]
    came: list[tuple[int, str]] = [(-1, "")]
    after: list[list[int]] = []
    for here, state in enumerate(order):  # grows as it is walked
        for fault in _wrong(stage, state):
            if fault not in {f.fault for f in result.found}:
                result.found.append(Found(fault, _trace(came, here)))
        if len(result.found) >= most_faults:
            break
        after.append([])
        for label, child in _choices(stage, state):
            if child not in ids:
                ids[child] = len(order)
                order.append(child)
                came.append((here, label))
            after[-1].append(ids[child])
    result.states, result.steps = len(after), sum(map(len, after))
    result.worlds, result.checks = len(stage.worlds), stage.checks
    result.positions = len(stage.workers.positions)
    if not result.found:
        result.interleavings, result.longest = _paths(after)
    return result


def _start(stage: Stage) -> State:
    s = stage.scenario
    workers = (stage.workers.start.number,) * s.workers
    world = stage.number(stage.first())
    return State(world, workers, s.crashes, s.most_edits, s.expiries, s.wanes, s.faults)


def _wrong(stage: Stage, state: State) -> Iterator[str]:
    yield from stage.faults(state.world)
    ends = [stage.workers.positions[n].ended for n in state.workers if n != DEAD]
    yield from (end for end in ends if end is not None and end not in COME_AGAIN)
    if all(end is not None for end in ends):
        yield from stage.aftermath(state.world)


def _choices(stage: Stage, state: State) -> Iterator[Choice]:
    for i, number in enumerate(state.workers):
        if number == DEAD or stage.workers.positions[number].ask is None:
            continue
        yield from _steps(stage, state, i)
        if state.crashes:
            label = f"! dies before: {stage.workers.positions[number].ask}"
            yield label, state.worker(i, DEAD)._replace(crashes=state.crashes - 1)
    if state.edits:
        world = stage.worlds[state.world]
        for name, act in stage.edits.items():
            ledger = act(world.ledger)
            if ledger is not None and ledger != world.ledger:
                to = stage.number(world._replace(ledger=ledger))
                yield f"! edit: {name}", state._replace(world=to, edits=state.edits - 1)
    yield from _time(stage, state)


def _steps(stage: Stage, state: State, i: int) -> Iterator[Choice]:
    """A worker's next step, with all that follows it unseen by others, and what may fail in it."""
    unseen = UNSEEN if stage.scenario.late else UNSEEN | REQUESTS
    positions, number, world = stage.workers.positions, state.workers[i], state.world
    label: list[str] = []
    while True:
        here, before = positions[number], world
        label.append(str(here.ask))
        world, number = stage.step(world, number)
        if state.faults and here.ask and here.ask.verb in REQUESTS:
            lost = stage.workers.next(here, Answer(error="Ambiguous")).number
            less = state.worker(i, lost)._replace(faults=state.faults - 1)
            yield f"{'; '.join(label)} ! never arrives", less._replace(world=before)
            yield f"{'; '.join(label)} ! answer lost", less._replace(world=world)
        ask = positions[number].ask
        if ask is None or ask.verb not in unseen:
            yield "; ".join(label), state.worker(i, number)._replace(world=world)
            return


def _time(stage: Stage, state: State) -> Iterator[Choice]:
    """What time does to the lease that is held."""
    lease = stage.worlds[state.world].ledger.lease
    if not lease.taken or lease.over:
        return
    if state.expiries and (stage.scenario.late or not _checked(stage, state, lease.epoch)):
        to = _with(stage, state, lease._replace(over=True, waning=False))
        yield "! the lease ends", to._replace(expiries=state.expiries - 1)
    if state.wanes and not lease.waning:
        to = _with(stage, state, lease._replace(waning=True))
        yield "! the lease wanes", to._replace(wanes=state.wanes - 1)


def _with(stage: Stage, state: State, lease: Held) -> State:
    world = stage.worlds[state.world]
    ledger = world.ledger._replace(lease=lease)
    return state._replace(world=stage.number(world._replace(ledger=ledger)))


def _checked(stage: Stage, state: State, epoch: int) -> bool:
    """Whether a living holder has checked its lease and is about to send."""
    alive = (stage.workers.positions[n] for n in state.workers if n != DEAD)
    return any(p.epoch == epoch and p.ask and p.ask.verb in REQUESTS for p in alive)


def _trace(came: list[tuple[int, str]], at: int) -> tuple[str, ...]:
    steps = []
    while at > 0:
        at, label = came[at]
        steps.append(label)
    return tuple(reversed(steps))


def _paths(after: list[list[int]]) -> tuple[int, int]:
    """How many paths lead from the first state to an end, and the length of the longest.

    The graph has no circles: each step uses up an answer or one of what may happen."""
    count: list[int | None] = [None] * len(after)
    deep = [0] * len(after)
    stack = [0]
    while stack:
        here = stack[-1]
        waiting = [c for c in after[here] if count[c] is None]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        if count[here] is None:
            count[here] = sum(count[c] or 0 for c in after[here]) if after[here] else 1
            deep[here] = max((deep[c] + 1 for c in after[here]), default=0)
    return count[0] or 0, deep[0]
