"""Mobile numbers: every spelling in, one canonical form out."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib.mobile import MobileError, canonical_mobile, display_mobile, local_mobile, mobile_fragment

CASES = [
    case
    for case in json.loads((Path(__file__).parents[1] / "data/hostile_inputs.json").read_text("utf-8"))
    if case["group"] == "Mobile numbers"
]
NATIONAL = st.from_regex(r"9[0-9]{9}", fullmatch=True)


def built(value):
    return value["ch"] * value["n"] if isinstance(value, dict) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_hostile_numbers(case):
    if case["expect"].startswith("OK"):
        assert canonical_mobile(built(case["value"])) == case["expect"].removeprefix("OK→")
    else:
        with pytest.raises(MobileError):
            canonical_mobile(built(case["value"]))


@given(
    national=NATIONAL,
    prefix=st.sampled_from(["0", "", "+98", "0098", "98", "tel:+98", "'0", "\u202a+98"]),
    noise=st.sampled_from(["", " ", "-", "\u200c", "\u00a0", "."]),
    digits=st.sampled_from(["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"]),
)
def test_every_spelling_is_the_same_number(national, prefix, noise, digits):
    spelt = prefix + noise.join([national[:3], national[3:6], national[6:]])

    assert canonical_mobile(spelt.translate(str.maketrans("0123456789", digits))) == f"+98{national}"


@given(NATIONAL)
def test_the_local_form_leads_back(national):
    assert canonical_mobile(local_mobile(f"+98{national}")) == f"+98{national}"


def test_shown_in_persian_digits_and_groups():
    assert display_mobile("+989121234567") == "۰۹۱۲ ۱۲۳ ۴۵۶۷"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0912 12", "91212"),
        ("۱۲۳۴", "1234"),
        ("+98912", "912"),
        ("0098912", "912"),
        ("علی", None),
        ("12a", None),
    ],
)
def test_parts_of_numbers_are_searched_without_their_prefix(text, digits):
    assert mobile_fragment(text) == digits


@pytest.mark.parametrize(
    "text",
    [
        "p:+989121234567",
        "p:09121234567",
        "phone: 0912 123 4567",
        "موبایل: ۰۹۱۲۱۲۳۴۵۶۷",
        '="09121234567"',
        '="+989121234567"',
        "=09121234567",
        "09121234567،",
        "09121234567 ;",
    ],
)
def test_f04_what_exports_write_around_a_number(text):
    assert canonical_mobile(text) == "+989121234567"


@pytest.mark.parametrize("text", ["p:021 8877 6655", "09121234567، 09351234567", "x:09121234567", '="ندارد"'])
def test_f04_what_is_no_number_stays_refused(text):
    with pytest.raises(MobileError):
        canonical_mobile(text)
