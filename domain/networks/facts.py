"""What is known of an ad network: one frozen record, and tables with one row for each network."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import NoReturn, TypeVar

from domain.errors import InputError, SetupError
from domain.money import EXPONENT
from domain.platform import Network

Row = TypeVar("Row")


def named(name: str) -> Network:
    """The network of that name; InputError when there is none.

    >>> named("meta") is Network.META
    True
    """
    if name not in set(Network):
        raise _unknown(name)
    return Network(name)


def _unknown(name: object) -> InputError:
    return InputError(
        f"{str(name)!r} is no network", where="network", mend=f"use {' or '.join(Network)}"
    )


class ByNetwork(dict[Network, Row]):
    """A table with one row for each network. SetupError names the network that has none, when the
    table is made; InputError names what is no network, when it is asked."""

    def __init__(self, what: str, rows: Mapping[Network, Row]) -> None:
        super().__init__(rows)
        for network in Network:
            if network not in self:
                raise SetupError(
                    f"the network {network} has no {what}",
                    where="networks",
                    mend="see CONTRIBUTING.md, Add a network",
                )

    def __missing__(self, name: object) -> NoReturn:
        raise _unknown(name)


@dataclass(frozen=True, slots=True)
class Service:
    """What is reached by an address of its own.

    `setting` is the environment's name for another address than `live`, the network's own. The twin
    takes the first free port from `port`, which its command line calls `option`. A `scheme` of ""
    is gRPC's, whose address is host:port."""

    network: Network
    name: str
    setting: str
    live: str
    port: int
    option: str = "--port"
    scheme: str = "http"


@dataclass(frozen=True, slots=True)
class App:
    """What a network knows our application by: Meta's app, X's consumer key, Google's client."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The application and one account of the sandbox network, worth nothing elsewhere: `user` is
    whom its ads are shown by."""

    app: App
    account: str
    token: str = field(repr=False)
    user: str = ""


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """All that one network is known by; SetupError when a role is played by no kind of `kinds`."""

    network: Network
    title: str
    """As people call it."""

    # How an ad is built.
    kinds: tuple[str, ...]
    """In creation order, parents first."""
    parent: Mapping[str, str]
    """The kind under which a kind is listed."""
    frozen: frozenset[str]
    """Kinds that never change after creation: a new revision makes a new object."""
    switched: tuple[str, ...]
    """Kinds that can be paused, parents first."""
    reported: str
    """The kind that performance is reported for."""
    reviewed: str
    """The kind that is reviewed."""
    nameless: frozenset[str]
    """Kinds whose body has no name of ours: a file goes by its content, others by their parent."""

    # Money.
    budget_field: str
    """The field of a body that holds a day's money."""
    overspend: Fraction
    """The most that a day may cost, as a multiple of its budget."""

    # Where each part of the network is, and what it knows us by.
    services: tuple[Service, ...]
    """What people and adapters reach first, what speaks HTTP last; a twin says them in this
    order."""
    app_settings: tuple[str, str]
    """The environment's names for the application's id and secret."""
    sandbox: Sandbox

    # What a job ad may target.
    ways: frozenset[str]
    """Where a fact may go: place, interest, keyword, text."""
    asked: frozenset[str]
    """Kinds of places that are looked up by name; the others say themselves where they are."""

    held: frozenset[str] = frozenset()
    """Kinds that are no objects of their own but what their parent holds (a line item's targeting):
    their id is the parent's, and they are found by it."""
    short: Mapping[str, int] = field(default_factory=dict)
    """How long the name of a kind may be, where that is shorter than usual."""
    end: tuple[str, str] | None = None
    """(kind, field) of the end that the network wants where the ad has none."""
    budget_in_micros: bool = True
    """False where the network counts in minor units of the currency."""
    whole_currencies: frozenset[str] = frozenset()
    """Currencies that it counts in whole units all the same."""
    arm_budget: str = ""
    """The kind that holds an arm's own daily money; "" where arms share their campaign's."""
    month_days: Fraction | None = None
    """The most that a month may cost, in daily budgets; None where no limit is documented."""
    circles: bool = False
    """Whether a town is targeted as a circle."""
    needs_picture: bool = False
    names_payer: bool = False
    """Whether the ad itself says who pays and who benefits (DSA, Article 26)."""
    account_prefix: str = ""
    account_ignored: str = ""
    """Pattern of what a person may write inside an account's id and the network does not."""
    face: str = ""
    """What a team's connection must name as whom its ads are shown by: Meta's page."""
    shows_pin: bool = False
    """Whether the login shows a PIN to a person whose browser is on another machine."""

    def __post_init__(self) -> None:
        known = set(self.kinds)
        named = {self.reported, self.reviewed, *self.switched, *self.parent, *self.parent.values()}
        named |= {*self.frozen, *self.held, *self.nameless, *self.short}
        named |= {self.end[0]} if self.end else set()
        named |= {self.arm_budget} if self.arm_budget else set()
        if unknown := sorted(named - known):
            raise SetupError(f"{', '.join(unknown)} is no kind of {self.network}", where="networks")
        for kind, parent in self.parent.items():
            if self.kinds.index(parent) > self.kinds.index(kind):
                raise SetupError(f"{kind} stands before its {parent}", where=str(self.network))
        if not self.services or any(s.network is not self.network for s in self.services):
            raise SetupError("its services are not its own", where=str(self.network))

    def amount(self, minor: int, currency: str) -> int:
        """Minor units of money in the unit of `budget_field`; never more than was given.

        >>> from domain.networks import FACTS
        >>> FACTS[Network.META].amount(500_000, "HUF"), FACTS[Network.X].amount(2500, "EUR")
        (5000, 25000000)
        """
        exponent = EXPONENT[currency]
        if self.budget_in_micros:
            return int(minor * 10 ** (6 - exponent))
        return int(minor // 10**exponent) if currency in self.whole_currencies else minor

    def minor(self, amount: int, currency: str) -> int:
        """Minor units of an amount that the network counts, rounded up.

        >>> from domain.networks import FACTS
        >>> FACTS[Network.GOOGLE].minor(25_000_001, "EUR")
        2501
        """
        exponent = EXPONENT.get(currency, 2)  # an account may have a currency that ads may not
        if self.budget_in_micros:
            return ceil(Fraction(amount, 10 ** (6 - exponent)))
        return int(amount * 10**exponent) if currency in self.whole_currencies else amount

    @property
    def takes_pictures(self) -> bool:
        return "image" in self.kinds

    def account_id(self, written: str) -> str:
        """An account's id as the network's API spells it.

        >>> from domain.networks import FACTS
        >>> FACTS[Network.META].account_id("7"), FACTS[Network.GOOGLE].account_id("123-456-7890")
        ('act_7', '1234567890')
        """
        bare = re.sub(self.account_ignored, "", written)
        return self.account_prefix + bare.removeprefix(self.account_prefix)
