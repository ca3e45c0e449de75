"""Every order of every step, once for each state of the world that it can lead to.

Search is breadth first over states, so a fault is reported by one of its shortest traces. A state
is the network, the ledger, the position of each worker and what may still go wrong. Two workers are
alike, so states that differ only in who is who count as one. Interleavings are counted as paths
through the graph of states: each is one order of all steps, and each of its states was checked.

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

from domain.lifecycle import AdStatus
from domain.platform import SHAPES
from tests.reliability import scenarios
from tests.reliability.doors import REQUESTS, Answer, LedgerDoor, PlatformDoor, Script
from tests.reliability.invariants import Judge
from tests.reliability.rows import Ledger
from tests.reliability.scenarios import Scenario
from tests.reliability.steps import Rules, World
from tests.reliability.workers import COME_AGAIN, TICK, Position, Workers

DEAD = -1
UNSEEN = frozenset({"posted", "slots"})
ROUNDS = 5  # an undisturbed worker has settled everything after so many


class State(NamedTuple):
    """`world` and `workers` are numbers; the rest is what may still happen."""

    world: int
    workers: tuple[int, ...]
    crashes: int
    edits: int
    expiries: int
    wanes: int
    faults: int


@dataclass
class Found:
    """One fault with a shortest trace to it."""

    fault: str
    trace: tuple[str, ...]


@dataclass
class Result:
    scenario: Scenario
    states: int = 0
    steps: int = 0
    worlds: int = 0
    positions: int = 0
    interleavings: int = 0
    checks: int = 0
    longest: int = 0
    found: list[Found] = field(default_factory=list)


class Explorer:
    """One scenario's graph of states."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario = scenario.known()
        control = scenario.control
        self.rules = Rules(scenario.network, scenario.plans, blind=control == "blind",
                           unfenced=control == "unfenced")  # fmt: skip
        eager = frozenset(SHAPES[scenario.network].switched if control == "eager" else ())

        def doors(script: Script) -> tuple[LedgerDoor, PlatformDoor]:
            ledger = LedgerDoor(script, scenario.plans, scenario.network)
            return ledger, PlatformDoor(script, scenario.network, eager=eager)

        self.workers = Workers(TICK, doors)
        self._unseen = UNSEEN if scenario.late else UNSEEN | REQUESTS
        self.judge = Judge(scenario.network, scenario.plans)
        self.worlds: list[World] = []
        self._numbers: dict[World, int] = {}
        self._stepped: dict[tuple[int, int], tuple[int, int]] = {}
        self._ends: dict[int, list[str]] = {}
        self._faults: dict[int, list[str]] = {}
        self.edits = {name: scenarios.edit(name, scenario.network) for name in scenario.edits}

    def number(self, world: World) -> int:
        known = self._numbers.get(world)
        if known is None:
            known = self._numbers[world] = len(self.worlds)
            self.worlds.append(world)
        return known

    def begin(self) -> State:
        """The world in which the workers set out."""
        world = World((), Ledger((), AdStatus.DRAFT))
        for name in self.scenario.start:
            if name == "post":
                world = self._alone(world)[0]
                continue
            ledger = scenarios.edit(name, self.scenario.network)(world.ledger)
            assert ledger is not None, name
            world = world._replace(ledger=ledger)
        s = self.scenario
        here = (self.workers.start.number,) * s.workers
        return State(self.number(world), here, s.crashes, s.most_edits, s.expiries, s.wanes,
                     s.faults)  # fmt: skip

    def explore(self, most_faults: int = 1) -> Result:
        """Walk the whole graph; stop early after `most_faults` distinct faults."""
        start = self.begin()
        ids, order, after = {start: 0}, [start], []
        came: list[tuple[int, str]] = [(-1, "")]
        result = Result(self.scenario)
        seen: set[str] = set()
        for here in range(10**9):
            if here == len(order) or len(seen) >= most_faults:
                break
            state = order[here]
            for fault in self._wrong(state, result):
                if fault not in seen:
                    seen.add(fault)
                    result.found.append(Found(fault, _trace(came, here)))
            children = []
            for label, child in self._choices(state):
                known = ids.get(child)
                if known is None:
                    known = ids[child] = len(order)
                    order.append(child)
                    came.append((here, label))
                children.append(known)
            after.append(children)
            result.steps += len(children)
        result.states, result.worlds = len(after), len(self.worlds)
        result.positions = len(self.workers.positions)
        if not result.found:
            result.interleavings, result.longest = _paths(after)
        return result

    def _choices(self, state: State) -> Iterator[tuple[str, State]]:
        world = self.worlds[state.world]
        positions = self.workers.positions
        for i, number in enumerate(state.workers):
            if number == DEAD or positions[number].ask is None:
                continue
            others = (*state.workers[:i], *state.workers[i + 1 :])
            ask = positions[number].ask
            for label, to, there, spent in self._outcomes(state, number):
                yield (
                    label,
                    state._replace(
                        world=to, workers=_sorted(others, there), faults=state.faults - spent
                    ),
                )
            if state.crashes:
                yield (
                    f"! dies before: {ask}",
                    state._replace(workers=_sorted(others, DEAD), crashes=state.crashes - 1),
                )
        if state.edits:
            for name, act in self.edits.items():
                ledger = act(world.ledger)
                if ledger is not None and ledger != world.ledger:
                    yield (
                        f"! edit: {name}",
                        state._replace(
                            world=self.number(world._replace(ledger=ledger)), edits=state.edits - 1
                        ),
                    )
        yield from self._time(state, world)

    def _time(self, state: State, world: World) -> Iterator[tuple[str, State]]:
        lease = world.ledger.lease
        if not lease.taken or lease.over:
            return
        if state.expiries and (self.scenario.late or not self._checked(state, lease.epoch)):
            over = world.ledger._replace(lease=lease._replace(over=True, waning=False))
            yield (
                "! the lease ends",
                state._replace(
                    world=self.number(world._replace(ledger=over)), expiries=state.expiries - 1
                ),
            )
        if state.wanes and not lease.waning:
            waning = world.ledger._replace(lease=lease._replace(waning=True))
            yield (
                "! the lease wanes",
                state._replace(
                    world=self.number(world._replace(ledger=waning)), wanes=state.wanes - 1
                ),
            )

    def _checked(self, state: State, epoch: int) -> bool:
        """Whether a living holder has checked its lease and is about to send."""
        alive = (self.workers.positions[n] for n in state.workers if n != DEAD)
        return any(p.epoch == epoch and p.ask and p.ask.verb in REQUESTS for p in alive)

    def _outcomes(self, state: State, number: int) -> Iterator[tuple[str, int, int, int]]:
        """(label, world, position, faults spent) of a worker's next step with all that follows it
        unseen by others."""
        label, world = "", state.world
        while True:
            position = self.workers.positions[number]
            ask = position.ask
            label = f"{label}; {ask}" if label else f"{ask}"
            before, (world, there) = world, self._step(world, number)
            if state.faults and ask.verb in REQUESTS:
                lost = self.workers.next(position, Answer(error="Ambiguous")).number
                yield f"{label} ! never arrives", before, lost, 1
                yield f"{label} ! answer lost", world, lost, 1
            number = there
            then = self.workers.positions[number].ask
            if then is None or then.verb not in self._unseen:
                yield label, world, number, 0
                return

    def _step(self, world: int, number: int) -> tuple[int, int]:
        known = self._stepped.get((world, number))
        if known is None:
            position = self.workers.positions[number]
            to, answer = self.rules.perform(self.worlds[world], position.ask)
            known = self.number(to), self.workers.next(position, answer).number
            self._stepped[world, number] = known
        return known

    def _wrong(self, state: State, result: Result) -> list[str]:
        """Faults of this state; a world's own are judged once."""
        if state.world not in self._faults:
            result.checks += 1
            world = self.worlds[state.world]
            self._faults[state.world] = list(self.judge.always(*world))
        faults = list(self._faults[state.world])
        ends = [self.workers.positions[n].ended for n in state.workers if n != DEAD]
        faults += [e for e in ends if e is not None and e not in COME_AGAIN]
        if all(end is not None for end in ends):
            if state.world not in self._ends:
                result.checks += 1
                self._ends[state.world] = self._aftermath(self.worlds[state.world])
            faults += self._ends[state.world]
        return faults

    def _aftermath(self, world: World) -> list[str]:
        """Let an undisturbed worker finish, and judge what it leaves."""
        lease = world.ledger.lease
        over = lease._replace(over=lease.taken)
        world, faults = self._alone(world._replace(ledger=world.ledger._replace(lease=over)))
        return [*faults, *(f"at last: {f}" for f in self.judge.finally_(*world))]

    def _alone(self, world: World) -> tuple[World, list[str]]:
        """Rounds of one worker until nothing is due and nothing stale."""
        for _ in range(ROUNDS):
            position: Position = self.workers.start
            asked = 0
            while position.ask is not None:
                number, there = self._step(self.number(world), position.number)
                world, position, asked = (
                    self.worlds[number],
                    self.workers.positions[there],
                    asked + 1,
                )
                faults = list(self.judge.always(*world))
                if faults:
                    return world, faults
            if position.ended not in COME_AGAIN:
                return world, [str(position.ended)]
            if asked == 2:  # nothing was due, nothing stale
                return world, []
        return world, [f"not settled after {ROUNDS} rounds"]


def _sorted(others: tuple[int, ...], one: int) -> tuple[int, ...]:
    return tuple(sorted((*others, one)))


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
        open_ = [c for c in after[here] if count[c] is None]
        if open_:
            stack.extend(open_)
            continue
        stack.pop()
        if count[here] is None:
            count[here] = sum(count[c] or 0 for c in after[here]) if after[here] else 1
            deep[here] = max((deep[c] + 1 for c in after[here]), default=0)
    return count[0] or 0, deep[0]
