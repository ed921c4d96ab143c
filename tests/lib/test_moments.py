"""Dates and quantities as exports write them (F14, F15)."""

import pytest

from app.lib.jalali import JalaliError, format_datetime
from app.lib.persian import latin_digits
from app.lib.tables.values.moments import AmbiguousDate, parse_moment
from app.lib.tables.values.quantities import AmbiguousNumber, parse_quantity
from app.lib.tables.values.styles import DateStyle, NumberStyle


def read(text: str, style: DateStyle | None = None) -> str:
    return latin_digits(format_datetime(parse_moment(text, style)))


@pytest.mark.parametrize(
    "text",
    [
        "1405/08/20 - 14:30",
        "1405/08/20 14:30:05.000",
        "14:30 1405/08/20",
        "۱۴:۳۰ - ۱۴۰۵/۰۸/۲۰",
        "1405/08/20, 14:30",
        "1405-8-20T14:30",
        "20/08/1405 14:30",
        "1405/8/20 2:30 ب.ظ",
        "۲۰ آبان ۱۴۰۵ ساعت ۱۴:۳۰",
        "چهار‌شنبه، 20 آبان‌ماه 1405 - 14:30",
        "2026-11-11 14:30",
        "2026-11-11T14:30:00+03:30",
        "2026-11-11T11:00:00.000Z",
        "2026-11-11 11:00:00 UTC",
        "2026/11/11 2:30:00 PM GMT+3:30",
        "2026-11-11 11:00 GMT",
        "2026-11-11 13:00 UTC+2",
        "2026-11-11 06:00 GMT-5",
        "Wed Nov 11 2026 14:30:00 GMT+0330 (Iran Standard Time)",
        "Nov 11, 2026 2:30 PM",
        "Wednesday, 11th November 2026 at 14:30",
    ],
)
def test_f15_one_moment_in_many_writings(text):
    assert read(text) == "1405/08/20 14:30"


@pytest.mark.parametrize(
    "text",
    [
        "دیروز",
        "1405/07/31",
        "2026-13-01",
        "2026/02/30",
        "۲۰ آبان",
        "1405/08/20 25:00",
        "13/13/2026",
        "1405/08/20 - ثبت",
        "2026-11-11 14:30 GMT+3:3",
        "2026-11-11 14:30 GMT+25",
        "2026-11-11 14:30 +9900",
    ],
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(JalaliError):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "style", "day"),
    [
        ("11/12/2026", DateStyle.GREGORIAN_DMY, "1405/09/20 00:00"),
        ("11/12/2026", DateStyle.GREGORIAN_MDY, "1405/08/21 00:00"),
        ("05/08/20", DateStyle.JALALI_YMD, "1405/08/20 00:00"),
        ("20/08/05", DateStyle.JALALI_DMY, "1405/08/20 00:00"),
        ("11/11/26", DateStyle.GREGORIAN_MDY, "1405/08/20 00:00"),
        ("26/11/11", DateStyle.GREGORIAN_YMD, "1405/08/20 00:00"),
    ],
)
def test_what_has_several_readings_needs_an_answer(text, style, day):
    with pytest.raises(AmbiguousDate):
        parse_moment(text)

    assert read(text, style) == day


def test_a_day_after_the_twelfth_needs_no_answer():
    assert read("25/12/2026") == read("12/25/2026") == "1405/10/04 00:00"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.0", 1),
        ("2.00", 2),
        ("۲ عدد", 2),
        ("۳٫۰", 3),
        ("x4", 4),
        ("5 pcs", 5),
        ("1٬200", 1200),
        ("۱۲تا", 12),
    ],
)
def test_f14_quantities_with_units_and_zeros(text, number):
    assert parse_quantity(text, most=10_000) == number


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "450000", "دو", "1 2", "4,500,000", "1.0.0"])
def test_what_is_no_quantity_is_refused(text):
    assert parse_quantity(text, most=10_000) is None


@pytest.mark.parametrize(
    ("text", "fraction", "thousands"), [("1.000", 1, 1000), ("2,000", 2, 2000), ("1,500", None, 1500)]
)
def test_a_sign_before_three_digits_needs_an_answer(text, fraction, thousands):
    with pytest.raises(AmbiguousNumber):
        parse_quantity(text, most=10_000)

    assert parse_quantity(text, NumberStyle.FRACTION, most=10_000) == fraction
    assert parse_quantity(text, NumberStyle.THOUSANDS, most=10_000) == thousands
