"""The contracts of the posting ledger, the only truth about what was sent to a network, and of the
leases without which nothing is written to it.

Each method commits before it returns. A slot is the place of one (job, network, account, arm) and
is unique among those that are not terminal.

Writing needs the lease of the place (team, job, network, account). Every take of a place has a
higher `epoch` than all before it, slots carry the epoch under which they are held, and a write
succeeds only if, in its own transaction, the lease of that epoch is still held and has not ended.
Otherwise it raises LeaseLost and changes nothing: who was stopped for too long cannot write over
who took its place.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.lifecycle import SlotState
from domain.plan import Plan
from domain.platform import Mode, Network, Review


@dataclass(frozen=True, slots=True)
class Lease:
    """The only right to post one ad to one account until `expires_at`; `epoch` is never used twice
    for a place, `holder` names who took it."""

    team_id: str
    job_id: str
    network: Network
    account_id: str
    holder: str
    epoch: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """`epoch` is the lease's under which the slot was last opened or adopted, `plan_digest` the
    plan's that it was opened for; `review` is what the network's review said at `reviewed_at`, in
    its own words in `review_reason`."""

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
    epoch: int = 0
    plan_digest: str = ""
    review: Review = Review.UNKNOWN
    review_reason: str = ""
    reviewed_at: datetime | None = None


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


class Leases(Protocol):
    """Who may post what at this moment."""

    def acquire(
        self, team_id: str, job_id: str, network: Network, account_id: str, *, ttl_s: float
    ) -> AbstractContextManager[Lease]:
        """Hold the only right to post this ad there; Retryable when another holds it. Given back
        at the end of the block, if it still is ours then."""
        ...

    def renew(self, lease: Lease, ttl_s: float) -> Lease:
        """The same lease, ending `ttl_s` seconds from now; LeaseLost when it ended or was taken."""
        ...

    def holds(self, lease: Lease, margin_s: float = 0.0) -> None:
        """Ask before each request to a network that may take `margin_s` seconds: LeaseLost when
        the lease was taken or ends within them."""
        ...


class PostingLedger(Protocol):
    """The slots of every ad and the objects that they own."""

    def open_slot(self, plan: Plan, arm: str, mode: Mode, lease: Lease) -> Slot:
        """The slot's row at the plan's revision and under the lease's epoch, created PLANNED when
        there is none.

        A non-terminal slot at an older revision that has been posted keeps its objects and its
        row, takes the new revision and goes back to SENDING. LeaseLost without the lease; Retryable
        when another plan is in force by now: read the accepted plan again."""
        ...

    def adopt(self, lease: Lease) -> Sequence[Slot]:
        """Every open slot of the lease's place, oldest first, from now on under its epoch: who
        pauses or closes what another opened starts with this."""
        ...

    def move(self, slot: Slot, to: SlotState, reason: str = "") -> Slot:
        """Store the move; IllegalMove when the table or the database forbids it, LeaseLost when
        the slot's epoch is over. ACTIVE needs an approval of the slot's `plan_digest`."""
        ...

    def rest(self, slot: Slot) -> None:
        """Remember that nothing of the slot runs, its state unchanged: its objects were paused and
        confirmed so. A slot may be spending from VERIFIED on, until PAUSED, an end, or this."""
        ...

    def record(self, slot: Slot, posted: Posted) -> None:
        """Remember an object that the slot owns; one row per slot and kind, last key wins.
        LeaseLost when the slot's epoch is over."""
        ...

    def posted(self, slot: Slot) -> Mapping[str, Posted]:
        """Objects of the slot by kind."""
        ...

    def slots(self, team_id: str, job_id: str | None = None) -> Sequence[Slot]:
        """Slots of a team, oldest first, terminal ones too. To read: who wants to write opens or
        adopts them under a lease."""
        ...

    def settle(self, lease: Lease) -> None:
        """Move the ad's own status to what its slots say (live if any is active). LeaseLost
        without the lease."""
        ...
