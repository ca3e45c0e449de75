"""One scenario set up: its worlds by number, its workers, its judge, and the steps of worlds."""

from domain.lifecycle import AdStatus
from domain.networks import FACTS
from tests.reliability import scenarios
from tests.reliability.doors import LedgerDoor, PlatformDoor, Script
from tests.reliability.invariants import Judge
from tests.reliability.rows import Ledger
from tests.reliability.scenarios import Scenario
from tests.reliability.steps import Rules, World
from tests.reliability.workers import COME_AGAIN, TICK, Workers

ROUNDS = 5  # an undisturbed worker has settled everything after so many


class Stage:
    """Worlds are numbered as they are reached; what was computed for one is kept."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario = scenario.known()
        control, network = scenario.control, scenario.network
        self.rules = Rules(
            network, scenario.plans, blind=control == "blind", unfenced=control == "unfenced"
        )
        eager = frozenset(FACTS[network].switched if control == "eager" else ())

        def doors(script: Script) -> tuple[LedgerDoor, PlatformDoor]:
            ledger = LedgerDoor(script, scenario.plans, network)
            return ledger, PlatformDoor(script, network, eager=eager)

        self.workers = Workers(TICK, doors)
        self.judge = Judge(network, scenario.plans)
        self.edits = {name: scenarios.edit(name, network) for name in scenario.edits}
        self.worlds: list[World] = []
        self._numbers: dict[World, int] = {}
        self._stepped: dict[tuple[int, int], tuple[int, int]] = {}
        self._faults: dict[int, list[str]] = {}
        self._ends: dict[int, list[str]] = {}

    @property
    def checks(self) -> int:
        """How many worlds were judged, alone or after an undisturbed worker."""
        return len(self._faults) + len(self._ends)

    def number(self, world: World) -> int:
        known = self._numbers.get(world)
        if known is None:
            known = self._numbers[world] = len(self.worlds)
            self.worlds.append(world)
        return known

    def first(self) -> World:
        """The world in which the workers set out."""
        world = World((), Ledger((), AdStatus.DRAFT))
        for name in self.scenario.start:
            if name == "post":
                world = self._alone(world)[0]
                continue
            ledger = scenarios.edit(name, self.scenario.network)(world.ledger)
            if ledger is None:
                raise ValueError(f"{self.scenario.name}: {name} is illegal at the start")
            world = world._replace(ledger=ledger)
        return world

    def step(self, world: int, position: int) -> tuple[int, int]:
        """The world and the worker's position after the worker's next step."""
        known = self._stepped.get((world, position))
        if known is None:
            here = self.workers.positions[position]
            to, answer = self.rules.perform(self.worlds[world], here.ask)
            known = self.number(to), self.workers.next(here, answer).number
            self._stepped[world, position] = known
        return known

    def faults(self, world: int) -> list[str]:
        """What must never be, and is in this world."""
        if world not in self._faults:
            self._faults[world] = list(self.judge.always(*self.worlds[world]))
        return self._faults[world]

    def aftermath(self, world: int) -> list[str]:
        """What is wrong once an undisturbed worker has had its time."""
        if world not in self._ends:
            ledger = self.worlds[world].ledger
            over = ledger._replace(lease=ledger.lease._replace(over=ledger.lease.taken))
            after, faults = self._alone(self.worlds[world]._replace(ledger=over))
            last = [f"at last: {fault}" for fault in self.judge.finally_(*after)]
            self._ends[world] = [*faults, *last]
        return self._ends[world]

    def _alone(self, world: World) -> tuple[World, list[str]]:
        """Rounds of one worker until nothing is due and nothing stale."""
        faults: list[str] = []
        for _ in range(ROUNDS):
            here, asked = self.workers.start, 0
            while here.ask is not None:
                number, there = self.step(self.number(world), here.number)
                world, here, asked = self.worlds[number], self.workers.positions[there], asked + 1
                faults += (f for f in self.faults(number) if f not in faults)
            if here.ended not in COME_AGAIN:
                return world, [*faults, str(here.ended)]
            if asked == 2:  # nothing was due, nothing stale
                return world, faults
        return world, [*faults, f"not settled after {ROUNDS} rounds"]
