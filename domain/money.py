"""Money as integers: minor units with a currency in operations, micros in the performance log."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from domain.errors import InputError

# ISO 4217 exponents; a currency that is not listed is refused, never guessed.
EXPONENT = {
    "AUD": 2,
    "BRL": 2,
    "CAD": 2,
    "CHF": 2,
    "CLP": 0,
    "CZK": 2,
    "DKK": 2,
    "EUR": 2,
    "GBP": 2,
    "HUF": 2,
    "INR": 2,
    "JPY": 0,
    "KRW": 0,
    "MXN": 2,
    "NOK": 2,
    "NZD": 2,
    "PLN": 2,
    "SEK": 2,
    "SGD": 2,
    "USD": 2,
    "ZAR": 2,
}
# Decimal reads "1_000", "1e3" and the digits of other scripts, too: a slip is likelier than a wish.
_UNUSUAL = re.compile(r"[_eE]|[^\x00-\x7f]")
MAX_MINOR = 10**12
"""Most minor units of one amount."""


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` integer minor units (cents) of ISO currency `currency`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENT:
            known = ", ".join(sorted(EXPONENT))
            raise InputError(f"currency {self.currency!r} is not known", mend=f"use one of {known}")
        if type(self.minor) is not int:
            raise InputError(f"money must be an integer of minor units, got {self.minor!r}")
        if not 0 <= self.minor <= MAX_MINOR:
            raise InputError(f"amount {self.minor} is outside 0..{MAX_MINOR} minor units")

    @classmethod
    def parse(cls, amount: object, currency: str) -> "Money":
        """Read a decimal amount of major units ("25", "25.50"); floats, NaN and fractions of a
        minor unit are refused.

        >>> print(Money.parse("25.5", "eur"), Money.parse("5000", "JPY"))
        25.50 EUR 5000 JPY
        >>> Money.parse("25.505", "EUR")
        Traceback (most recent call last):
            ...
        domain.errors.InputError: '25.505' has more decimals than EUR has - round to the minor unit
        """
        code = currency.strip().upper()
        if code not in EXPONENT:
            raise InputError(
                f"currency {currency!r} is not known", mend="use an ISO 4217 code such as EUR"
            )
        try:
            value = Decimal(str(amount).strip())
        except InvalidOperation:
            raise InputError(f"{amount!r} is not an amount", mend="write it as 25.00") from None
        if not value.is_finite():
            raise InputError(f"{amount!r} is not a finite amount", mend="write it as 25.00")
        if value < 0:
            raise InputError(f"{amount!r} is below zero", mend="write it as 25.00")
        if value > MAX_MINOR:
            raise InputError(f"{amount!r} is too large", mend=f"stay below {MAX_MINOR}")
        if _UNUSUAL.search(str(amount)):
            raise InputError(f"{amount!r} is no plain amount", mend="write it as 25.00")
        scaled = value.scaleb(EXPONENT[code])
        if scaled != scaled.to_integral_value():
            raise InputError(
                f"{amount!r} has more decimals than {code} has", mend="round to the minor unit"
            )
        return cls(int(scaled), code)

    @property
    def micros(self) -> int:
        """10⁻⁶ of a major unit, the networks' reporting unit."""
        return self.minor * 10 ** (6 - EXPONENT[self.currency])

    def __str__(self) -> str:
        exponent = EXPONENT[self.currency]
        return f"{Decimal(self.minor).scaleb(-exponent):.{exponent}f} {self.currency}"


def minimum(currency: str) -> Money:
    """The smallest daily budget we accept: 1.00, or 100 where there is no minor unit.

    >>> print(minimum("EUR"), minimum("JPY"))
    1.00 EUR 100 JPY
    """
    exponent = EXPONENT.get(currency)
    if exponent is None:
        raise InputError(
            f"currency {currency!r} is not known", mend="use an ISO 4217 code such as EUR"
        )
    return Money(10**exponent if exponent else 100, currency)
