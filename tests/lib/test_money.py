"""Money: typed in the organisation's currency, kept in rials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib.money import AmountError, Currency, format_amount, parse_amount


@pytest.mark.parametrize(
    ("typed", "currency", "rials"),
    [
        ("۱٬۲۵۰٬۰۰۰", Currency.TOMAN, 12_500_000),
        ("1,250,000", Currency.RIAL, 1_250_000),
        ("۱۲ ۰۰۰", Currency.RIAL, 12_000),
        ("5.5", Currency.TOMAN, 55),
    ],
)
def test_grouped_amounts_in_any_digits_are_read(typed, currency, rials):
    assert parse_amount(typed, currency) == rials


@pytest.mark.parametrize("typed", ["", "-5", "1e6", "رایگان", "1.25", "9" * 17, "²"])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(AmountError):
        parse_amount(typed, Currency.RIAL)


@given(st.integers(0, 10**14), st.sampled_from(Currency))
def test_what_is_shown_can_be_typed(rials, currency):
    assert parse_amount(format_amount(rials, currency), currency) == rials
