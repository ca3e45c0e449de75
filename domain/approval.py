"""Who may accept a plan, who may approve it, and what is approved by rule alone.

Accepting says "post this"; approving says "spend on it". Nobody does both to one plan, except who
may approve anyway.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import InputError
from domain.money import Money
from domain.platform import Network


class Role(StrEnum):
    """What a person may do in a team; each may do what the ones before may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    ADMIN = "admin"


class Decision(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"


ACCEPTORS = frozenset({Role.EDITOR, Role.APPROVER, Role.ADMIN})
APPROVERS = frozenset({Role.APPROVER, Role.ADMIN})
BY_A_PERSON = "decided by a person"
BY_AN_APPROVER = "accepted by who may approve"
BEFORE_APPROVALS = "accepted before approvals existed"
WITHDRAWN = "withdrawn by a person"
AD_CHANGED = "the ad changed"


@dataclass(frozen=True, slots=True)
class Approval:
    """One decision about one acceptance of a plan: by whom, in which role, by which rule, why."""

    id: int
    team_id: str
    job_id: str
    network: Network
    account_id: str
    digest: str
    decision: Decision
    rule: str
    user_id: str
    role: Role
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The end of one acceptance and of its approval: by a person (`rule` WITHDRAWN), or because the
    ad is no longer what was accepted (AD_CHANGED). It is not in force and no older plan is."""

    acceptance_id: int
    team_id: str
    job_id: str
    network: Network
    account_id: str
    digest: str
    rule: str
    withdrawn_by: str
    reason: str
    at: datetime


def check_acceptor(email: str, role: Role) -> None:
    """InputError when the role may not accept plans."""
    check_editor(email, role, "accept plans")


def check_editor(email: str, role: Role, to: str) -> None:
    """InputError when the role is too low `to` do what changes something."""
    if role not in ACCEPTORS:
        raise InputError(f"{email} is {role} and may not {to}", mend="ask an editor")


def check_approver(email: str, role: Role, *, accepted_it: bool) -> None:
    """InputError when the role may not approve, or when the same person accepted the plan.

    >>> check_approver("kim@acme.example", Role.APPROVER, accepted_it=False)
    >>> check_approver("kim@acme.example", Role.APPROVER, accepted_it=True)
    Traceback (most recent call last):
        ...
    domain.errors.InputError: kim@acme.example accepted this plan and may not ...
    """
    if role not in APPROVERS:
        raise InputError(
            f"{email} is {role} and may not decide about plans", mend="ask an approver or an admin"
        )
    if accepted_it:
        raise InputError(
            f"{email} accepted this plan and may not approve it too", mend="ask another approver"
        )


def check_withdrawer(email: str, role: Role, *, own: bool) -> None:
    """InputError unless the decision is the person's `own`, or the role may decide about plans."""
    if role not in APPROVERS and not own:
        raise InputError(
            f"{email} is {role} and may only withdraw what they accepted or approved themselves",
            mend="ask an approver or an admin",
        )


def rule_at_acceptance(role: Role, ad_daily: Money, threshold: Money) -> str | None:
    """The rule by which a plan is approved as it is accepted; None when it waits for a person.

    `ad_daily` is the daily budget of all the ad's accepted plans together, this one included. A
    threshold in another currency says nothing about it, and one of 0 lets nothing pass.

    >>> threshold = Money(2000, "EUR")
    >>> rule_at_acceptance(Role.EDITOR, Money(1500, "EUR"), threshold)
    "below the team's threshold of 20.00 EUR"
    >>> rule_at_acceptance(Role.EDITOR, Money(2500, "EUR"), threshold) is None
    True
    >>> rule_at_acceptance(Role.APPROVER, Money(2500, "EUR"), threshold)
    'accepted by who may approve'
    """
    if role in APPROVERS:
        return BY_AN_APPROVER
    same = ad_daily.currency == threshold.currency
    if same and 0 < ad_daily.minor <= threshold.minor:
        return f"below the team's threshold of {threshold}"
    return None
