"""Workers as trees of what they ask: the real posting code, run again for each new answer.

`post` and `retire` depend on nothing but their arguments and the answers of their doors, so a
worker's position is the sequence of answers that it has had. All workers run the same program and
share its trees; what they ask next after the same answers is computed once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

from assets.publishing import service
from domain.errors import JobadsError
from tests.publishing.conftest import NOW
from tests.reliability.doors import Answer, Ask, LedgerDoor, PlatformDoor, Script, Suspended

Doors = Callable[[Script], tuple[LedgerDoor, PlatformDoor]]
Program = Callable[[LedgerDoor, PlatformDoor], str]

# What a worker may end with: it tells the worker to come again.
COME_AGAIN = frozenset({"", "Retryable", "LeaseLost", "NotFound", "Ambiguous"})


def post_due(ledger: LedgerDoor, platform: PlatformDoor) -> str:
    """Post what is due; answers the name of the error that ended it, or ""."""
    return _each(
        ledger.due(NOW), lambda d: service.post_due(d, _outside(ledger, platform), _silent)
    )


def take_off(ledger: LedgerDoor, platform: PlatformDoor) -> str:
    """Take off what should not run."""
    return _each(ledger.stale(NOW), lambda d: service._retire(d, _outside(ledger, platform)))


TICK = (post_due, take_off)
"""One round of the workbench's schedule. Nothing is carried from one part to the next."""


def _each(ads: Sequence, act: Callable) -> str:
    for ad in ads:
        try:
            act(ad)
        except JobadsError as error:
            return type(error).__name__
    return ""


def _outside(ledger: LedgerDoor, platform: PlatformDoor) -> SimpleNamespace:
    """As much of `assets.outside.Outside` as posting and taking off touch; waiting is free. One
    door stands for every part of the store."""
    parts = ("ads", "connections", "leases", "ledger", "plans", "stops")
    store = SimpleNamespace(**dict.fromkeys(parts, ledger))
    return SimpleNamespace(
        store=store, platform=lambda *_: platform, now=lambda: NOW, sleep=_silent, settings=None
    )


def _silent(_: object) -> None:
    """Waiting is the scheduler's choice, and nobody reads what is said."""


@dataclass(slots=True, eq=False)
class Position:
    """A worker after some answers: it wants `ask`, or has `ended` with an error's name or "".

    `epoch` is the lease that it believes to hold, 0 for none."""

    number: int
    part: int
    before: "Position | None"
    answer: Answer
    epoch: int = 0
    ask: Ask | None = None
    ended: str | None = None
    after: dict[Answer, "Position"] = field(default_factory=dict)

    def answers(self) -> list[Answer]:
        return list(reversed([p.answer for p in _back(self) if p.before is not None]))


def _back(position: Position) -> Iterator[Position]:
    here: Position | None = position
    while here is not None:
        yield here
        here = here.before


class Workers:
    """The trees of a program's parts in one setting; `doors` gives each run its two doors."""

    def __init__(self, parts: Sequence[Program], doors: Doors) -> None:
        self._parts, self._doors = parts, doors
        self.positions: list[Position] = []
        self._starts: list[Position] = []
        for part in range(len(parts)):
            self._starts.append(self._at(Position(0, part, None, Answer())))
        self.start = self._starts[0]

    def next(self, position: Position, answer: Answer) -> Position:
        """Where the worker stands once it has this answer; a part that ended well is followed by
        the next."""
        known = position.after.get(answer)
        if known is None:
            here = Position(0, position.part, position, answer, _epoch(position, answer))
            known = self._at(here)
            if known.ended in COME_AGAIN and known.part + 1 < len(self._starts):
                known = self._starts[known.part + 1]
            position.after[answer] = known
        return known

    def _at(self, here: Position) -> Position:
        script = Script(here.answers())
        try:
            here.ended = self._parts[here.part](*self._doors(script))
        except Suspended as wants:
            here.ask = wants.ask
        except Exception as error:  # a fault of the code under test: it is a finding
            here.ended = f"{type(error).__name__}: {error}"
        if script.at != len(script.answers):
            raise AssertionError("the program did not repeat itself: it reads more than its doors")
        here.number = len(self.positions)
        self.positions.append(here)
        return here


def _epoch(before: Position, answer: Answer) -> int:
    verb = before.ask.verb if before.ask else ""
    if verb == "take" and not answer.error:
        return int(answer.value)
    return 0 if verb == "give_back" else before.epoch
