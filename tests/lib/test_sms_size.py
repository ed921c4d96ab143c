"""Pages of texts as operators count them, and links in texts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib.sms_text.size import has_link, size_of

PERSIAN, LATIN = "س", "a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PERSIAN * 70, (1, 0)),
        (PERSIAN * 71, (2, 63)),
        (PERSIAN * 134, (2, 0)),
        (PERSIAN * 135, (3, 66)),
        (PERSIAN * 201, (3, 0)),
        (PERSIAN * 202, (4, 66)),
        (LATIN * 160, (1, 0)),
        (LATIN * 161, (2, 145)),
        (LATIN * 306, (2, 0)),
        (LATIN * 307, (3, 152)),
        ("€" * 80, (1, 0)),
        ("😀" * 35, (1, 0)),
        ("", (1, 160)),
    ],
)
def test_pages_are_counted_as_operators_count(text, expected):
    assert size_of(text)[:2] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # An emoji at the end of the first page goes to the second as a whole.
        (PERSIAN * 66 + "😀" + PERSIAN * 66, (3, 66, 135, False)),
        (PERSIAN * 65 + "😀" + PERSIAN * 67, (2, 0, 134, False)),
        (PERSIAN * 66 + "😀" + PERSIAN * 65, (2, 0, 134, False)),
        ("😀" * 36, (2, 61, 73, False)),
        # So does a character of the extended alphabet.
        (LATIN * 152 + "€" + LATIN * 151, (2, 0, 306, True)),
        (LATIN * 152 + "€" + LATIN * 152, (3, 152, 307, True)),
        ("€" * 81, (2, 143, 163, True)),
        # In a text of other letters it is one character.
        ("€" * 69 + PERSIAN, (1, 0, 70, False)),
    ],
)
def test_a_character_of_two_units_is_not_divided(text, expected):
    assert size_of(text) == expected


@given(st.lists(st.sampled_from(["س", "a", "€", "😀", "🇮🇷", "\u200c"]), max_size=320).map("".join))
def test_a_longer_text_is_never_smaller(text):
    sizes = [size_of(f"س{text[:end]}") for end in range(0, len(text), 7)]

    assert all(one.length <= other.length and one.pages <= other.pages for one, other in pairwise(sizes))
    assert all(0 <= size.left < 70 and size.length >= size.pages for size in sizes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ببینید: https://ava.ir/a", True),
        ("HTTP://X", True),
        ("www.ava", True),
        ("به ava.ir بروید", True),
        ("shop.example.COM", True),
        ("سلام. حال شما", False),
        ("قیمت ۱.۵۰۰ تومان", False),
        ("نسخهٔ v1.2", False),
        ("mail@ava.ir", False),
        ("", False),
    ],
)
def test_a_link_is_found(text, expected):
    assert has_link(text) is expected
