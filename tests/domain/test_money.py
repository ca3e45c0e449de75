import pytest

from domain.errors import InputError
from domain.money import Money, minimum


@pytest.mark.parametrize(("text", "minor"), [("25", 2500), ("25.50", 2550), (" 1.00 ", 100)])
def test_an_amount_of_major_units_becomes_minor_units(text, minor):
    assert Money.parse(text, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize(
    "text", ["NaN", "inf", "1.005", "", "ten", "-1", "1e40", "1e3", "1_000", "١٠٠"]
)
def test_what_is_no_exact_amount_is_refused(text):
    with pytest.raises(InputError):
        Money.parse(text, "EUR")


def test_a_currency_without_minor_units_keeps_its_exponent():
    assert Money.parse("500", "JPY").micros == 500_000_000
    assert Money.parse("5.00", "EUR").micros == 5_000_000


def test_a_float_is_never_money():
    with pytest.raises(InputError):
        Money(10.0, "EUR")


def test_the_minimum_is_one_major_unit():
    assert str(minimum("EUR")) == "1.00 EUR"
