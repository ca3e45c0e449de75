"""What the operations store answers with. Tokens have no repr."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

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


@dataclass(frozen=True, slots=True)
class Connection:
    """A team's advertising account on a network; `status` is active or needs_reauth."""

    team_id: UUID
    network: Network
    account_id: str
    platform_user_id: str
    status: str
    scopes: tuple[str, ...]
    token_expires_at: datetime | None
    token: str = field(repr=False)
    refresh_token: str | None = field(repr=False, default=None)


class Connected(NamedTuple):
    """A connection as people are shown it: no token."""

    network: Network
    account_id: str
    platform_user_id: str
    status: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AcceptedPlan:
    """A plan as it was accepted, by which rule and by whom."""

    plan: Plan
    digest: str
    rule: str
    accepted_by: str
    accepted_at: datetime


class Saved(NamedTuple):
    """What a save did; `kept` lists ads that differ but are past draft and were left alone."""

    new: int
    changed: int
    unchanged: int
    kept: Sequence[UUID] = ()
