"""Who may do what, and what passes by rule."""

import pytest

from domain.approval import Role, check_acceptor, check_approver, rule_at_acceptance
from domain.errors import InputError
from domain.money import Money

FIFTY, NOTHING = Money(5000, "EUR"), Money(0, "EUR")


@pytest.mark.parametrize("role", [Role.APPROVER, Role.ADMIN])
def test_who_may_approve_approves_by_accepting(role):
    """Whatever the amount."""
    assert rule_at_acceptance(role, Money(10**9, "EUR"), NOTHING)


@pytest.mark.parametrize(
    ("daily", "threshold", "passes"),
    [
        (Money(5000, "EUR"), FIFTY, True),
        (Money(5001, "EUR"), FIFTY, False),
        (Money(100, "EUR"), NOTHING, False),
        (Money(100, "USD"), FIFTY, False),
    ],
)
def test_an_editors_acceptance_passes_up_to_the_threshold_in_its_currency(daily, threshold, passes):
    """0, the default, lets nothing pass."""
    rule = rule_at_acceptance(Role.EDITOR, daily, threshold)
    assert rule == ("below the team's threshold of 50.00 EUR" if passes else None)


def test_viewers_accept_nothing():
    """And the message names who."""
    with pytest.raises(InputError, match=r"ann@a\.example is viewer"):
        check_acceptor("ann@a.example", Role.VIEWER)


@pytest.mark.parametrize(
    ("role", "own"), [(Role.VIEWER, False), (Role.EDITOR, False), (Role.ADMIN, True)]
)
def test_only_an_approver_who_did_not_accept_it_decides(role, own):
    """Four eyes, without exception for admins."""
    with pytest.raises(InputError):
        check_approver("ann@a.example", role, accepted_it=own)
