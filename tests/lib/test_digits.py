"""Whole numbers in the digits of three scripts."""

import pytest

from app.lib.digits import LARGEST, parse_int


@pytest.mark.parametrize("text", ["1250", "۱۲۵۰", "١٢٥٠", "۱2٥0", "0001250"])
def test_reads_the_digits_of_three_scripts(text):
    assert parse_int(text) == 1250


@pytest.mark.parametrize("text", [None, "", " 1", "1 ", "-1", "+1", "1.0", "1_000", "۱٬۲۵۰", "²", "१", "x"])
def test_is_none_for_anything_else(text):
    assert parse_int(text) is None


def test_is_none_outside_its_bounds():
    assert [parse_int(text, least=1, most=9) for text in ("0", "1", "9", "10")] == [None, 1, 9, None]


def test_fits_into_a_column():
    assert parse_int(str(LARGEST)) == LARGEST
    assert parse_int(str(LARGEST + 1)) is None
    assert parse_int("9" * 10_000) is None
