"""The posting ledger's contract: the only truth about what was sent to a network.

Each method commits before it returns. A slot is the place of one (job, network, account, arm) and
is unique among those that are not terminal.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.lifecycle import SlotState
from domain.plan import Plan
from domain.platform import Mode, Network


@dataclass(frozen=True, slots=True)
class Slot:
    id: str
    team_id: str
    job_id: str
    network: Network
    account_id: str
    arm: str
    revision: str
    state: SlotState
    mode: Mode
    attempt: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """One object that a slot owns on the network, and the key that its name started with."""

    kind: str
    object_id: str
    key: str


@dataclass(frozen=True, slots=True)
class DueAd:
    """An ad whose accepted plan is due and not fully posted: the plan's digest names the work.

    `attempt` grows with every failed try, so that a run key made of both is new when it must be.
    """

    team_id: str
    job_id: str
    network: Network
    account_id: str
    digest: str
    attempt: int


class PostingLedger(Protocol):
    def due(self, now: datetime) -> Sequence[DueAd]:
        """Every ad that is due at `now`, accepted, and not already posted as accepted."""
        ...

    def accepted_plan(self, team_id: str, job_id: str, network: Network) -> Plan:
        """The newest accepted plan; NotFound when nobody accepted one."""
        ...

    def lease(
        self, team_id: str, job_id: str, network: Network, account_id: str, *, ttl_s: float
    ) -> AbstractContextManager[None]:
        """Hold the only right to post this ad there; Retryable when another holds it."""
        ...

    def open_slot(self, plan: Plan, arm: str, mode: Mode) -> Slot:
        """The slot's row at the plan's revision, created PLANNED when there is none.

        A non-terminal slot at an older revision that has been posted keeps its objects and its
        row, takes the new revision and goes back to SENDING.
        """
        ...

    def move(self, slot: Slot, to: SlotState, reason: str = "") -> Slot:
        """Store the move; IllegalMove when the table or the database forbids it."""
        ...

    def record(self, slot: Slot, posted: Posted) -> None:
        """Remember an object that the slot owns; one row per slot and kind, last key wins."""
        ...

    def posted(self, slot: Slot) -> Mapping[str, Posted]:
        """Objects of the slot by kind."""
        ...

    def slots(self, team_id: str, job_id: str | None = None) -> Sequence[Slot]:
        """Slots of a team, oldest first, terminal ones too."""
        ...

    def settle(self, team_id: str, job_id: str) -> None:
        """Move the ad's own status to what its slots say (live if any is active)."""
        ...
