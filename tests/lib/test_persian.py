"""Persian text: stored as typed, found however it is spelt, sorted as a reader expects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib.persian import (
    TextError,
    TextReason,
    clean_text,
    escape_like,
    fold,
    group_number,
    is_blank,
    latin_digits,
    persian_digits,
    sort_key,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("علي رضا‌ئی", "علیرضایی"),
        ("كاظمي", "کاظمی"),
        ("۱۲٣", "123"),
        ("مُحَمَّد", "محمد"),
        ("ي ﻙ", "یک"),
        ("آرش", "ارش"),
        ("مؤمن", "مومن"),
        ("خانهٔ", "خانه"),
    ],
)
def test_spellings_meet_in_the_search_key(typed, stored):
    assert fold(typed) == fold(stored)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.sampled_from("آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"), min_size=2, max_size=2))
def test_letters_sort_as_in_the_alphabet(pair):
    alphabet = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"

    assert (sort_key(pair[0]) < sort_key(pair[1])) == (alphabet.index(pair[0]) < alphabet.index(pair[1]))


def test_persian_names_come_before_latin_ones():
    assert sorted(["Zahra", "یاسمن", "Ali", "آذر"], key=sort_key) == ["آذر", "یاسمن", "Ali", "Zahra"]


@pytest.mark.parametrize("text", ["ۀ ة ؤ إ أ", "None", "0", "{{config.items()}}", "😀👨‍👩‍👧‍👦🇮🇷"])
def test_text_is_stored_as_typed(text):
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("text", "reason"), [("a\0b", TextReason.CONTROL), ("س" * 5001, TextReason.TOO_LONG)]
)
def test_what_no_row_can_hold_is_refused(text, reason):
    with pytest.raises(TextError) as refusal:
        clean_text(text)

    assert refusal.value.reason is reason


@given(st.integers(0, 10**12))
def test_shown_numbers_can_be_read_back(number):
    assert int(latin_digits(persian_digits(number))) == number
    assert int(latin_digits(group_number(number)).replace("٬", "")) == number


def test_like_takes_wildcards_literally():
    assert escape_like("100%_a\\b") == "100\\%\\_a\\\\b"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n",
        "\u200c",
        "\u200b\u200d\ufeff",
        "\u00a0\u3000\u2007",
        "\u202a\u202e\u2066\u2069\u200e\u200f\u061c",
        "\u00ad\u2060\u180e",
        "\ufe0f",
        "\u3164\u115f\u1160\uffa0",
        "\u2800",
        "\u064b\u0651",
        "ـ",
        "\U000e0041",
    ],
    ids=ascii,
)
def test_s08_what_shows_nothing_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize(
    "text", ["ء", ".", "‌ا‌", "۰", "😀", "👨\u200d👩", "a", "می\u200cخواهم", "«»"], ids=ascii
)
def test_s08_what_shows_something_is_not(text):
    assert not is_blank(text)
