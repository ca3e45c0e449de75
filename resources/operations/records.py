"""What the operations store answers with. Tokens have no repr."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.approval import AD_CHANGED, Decision, Role, Withdrawal
from domain.caps import Cap, Running
from domain.money import Money
from domain.plan import Plan
from domain.platform import Network


@dataclass(frozen=True, slots=True)
class Team:
    """DSA payer and beneficiary are what the EU requires every ad to name."""

    id: UUID
    name: str
    domain: str
    currency: str
    dsa_payer: str | None = None
    dsa_beneficiary: str | None = None
    approval_threshold_minor: int = 0

    @property
    def approval_threshold(self) -> Money:
        """An ad whose whole daily budget is at most this needs no approval; 0: every one does."""
        return Money(self.approval_threshold_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Member:
    """A person, or the workbench itself, as a member of one team."""

    user_id: str
    email: str
    name: str
    role: Role

    @property
    def actor(self) -> str:
        """As the audit log names who acted."""
        return "system" if self.email == "system@localhost" else self.email


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of one team, or of everything (`team_id` None)."""

    team_id: str | None
    since: datetime
    stopped_by: str
    reason: str


class AdStamp(NamedTuple):
    """Of an ad what decides how its money is split, and a hash of all that a person wrote on it: by
    it a caller knows that nothing of the ad has changed, without building the ad."""

    id: str
    platforms: frozenset[Network]
    budget_daily: Money
    content: str


class OverCap(NamedTuple):
    """An ad to pause: the cap that it, or its team, could pass, what was spent under that cap, and
    what could be spent before another number is known; minor units of the cap's currency."""

    job_id: str
    cap: Cap
    spent_minor: int
    ahead_minor: int


class OverDaily(NamedTuple):
    """A daily cap below what is accepted under it, in minor units of the cap's currency."""

    cap: Cap
    accepted_minor: int
    running: Sequence[Running]


@dataclass(frozen=True, slots=True)
class Connection:
    """A team's advertising account on a network; `status` is active or needs_reauth.
    `changed_at`: when it got its token or its status."""

    team_id: UUID
    network: Network
    account_id: str
    platform_user_id: str
    status: str
    scopes: tuple[str, ...]
    token_expires_at: datetime | None
    token: str = field(repr=False)
    refresh_token: str | None = field(repr=False, default=None)
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredResume:
    """A person's sealed text, opened; `found` is what an erasure under way had found of them."""

    key: str
    created_at: datetime
    updated_at: datetime
    erasing_since: datetime | None
    found: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)


class Connected(NamedTuple):
    """A connection as people are shown it: no token. One that `renews` has a refresh token."""

    network: Network
    account_id: str
    platform_user_id: str
    status: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    renews: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AcceptedPlan:
    """A plan as it was accepted, by which rule and by whom."""

    plan: Plan
    digest: str
    rule: str
    accepted_by: str
    accepted_at: datetime
    daily_minor: int = 0
    currency: str = ""
    ad_version: str | None = None
    decision: Decision | None = None  # None while it waits
    withdrawal: Withdrawal | None = None

    @property
    def waits(self) -> bool:
        return self.decision is None and self.withdrawal is None

    @property
    def state(self) -> str:
        """In words: waits, approved, rejected, or why it is over."""
        if self.withdrawal is None:
            return "waits" if self.decision is None else str(self.decision)
        if self.withdrawal.rule == AD_CHANGED:
            return f"void: {AD_CHANGED} ({self.withdrawal.reason})"
        reason = f": {self.withdrawal.reason}" if self.withdrawal.reason else ""
        return f"withdrawn by {self.withdrawal.withdrawn_by}{reason}"


class Saved(NamedTuple):
    """What a save did; `kept` lists ads that differ but are past draft and were left alone."""

    new: int
    changed: int
    unchanged: int
    kept: Sequence[UUID] = ()
