"""A day's money over arms, in whole minor units that sum exactly to the ad's."""

from collections.abc import Sequence
from fractions import Fraction

from domain.errors import InputError


def split(total: int, shares: Sequence[float]) -> list[int]:
    """Largest remainder: integers that sum to `total`, each within one unit of its share.

    >>> split(1000, [0.5, 0.25, 0.25]), split(100, [1, 1, 1])
    ([500, 250, 250], [34, 33, 33])
    """
    weights = [Fraction(share) for share in shares]
    whole = sum(weights)
    if not weights or whole <= 0 or min(weights) < 0:
        raise InputError(f"budget shares {list(shares)} cannot split a budget")
    exact = [total * weight / whole for weight in weights]
    parts = [int(amount) for amount in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def over_networks(total: int, minimums: Sequence[int]) -> list[int]:
    """Equal parts of a day's money for as many of the leading networks as it carries, each at least
    at its account's minimum, zero for the rest: an ad spends its budget once, not once a network.

    >>> over_networks(1000, [100, 100, 400]), over_networks(1000, [100, 100, 300])
    ([500, 500, 0], [334, 333, 333])
    """
    for kept in range(len(minimums), 0, -1):
        parts = split(total, [1.0] * kept)
        if all(part >= least for part, least in zip(parts, minimums, strict=False)):
            return parts + [0] * (len(minimums) - kept)
    return [0] * len(minimums)


def affordable(total: int, shares: Sequence[float], minimum: int) -> int:
    """How many of the leading arms fit beside the last (broad), each at least at `minimum` a day;
    InputError when not even broad fits.

    >>> affordable(1000, [0.3, 0.2, 0.5], 200), affordable(1000, [0.3, 0.2, 0.5], 250)
    (2, 1)
    """
    if total < minimum:
        raise InputError(
            f"budget_daily is {total} minor units, the account's minimum is {minimum}",
            where="budget_daily",
            mend=f"give at least {minimum} minor units a day",
        )
    for kept in range(len(shares) - 1, 0, -1):
        if min(split(total, [*shares[:kept], shares[-1]])) >= minimum:
            return kept
    return 0
