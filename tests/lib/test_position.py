"""Keys that order rows by hand."""

import pytest

from app.lib.position import LONGEST, first_keys, is_key, key_between


def test_a_key_lies_between_its_neighbours():
    first = key_between(None, None)
    last = key_between(first, None)

    assert key_between(None, first) < first < key_between(first, last) < last


@pytest.mark.parametrize("side", ["upper", "lower", "both"])
def test_a_thousand_moves_into_one_gap_need_no_rebalancing(side):
    above, below = first_keys(2)
    keys = {above, below}
    for number in range(1_000):
        key = key_between(above, below)
        assert above < key < below
        assert is_key(key)
        keys.add(key)
        if side == "upper" or (side == "both" and number % 2):
            above = key
        else:
            below = key

    assert len(keys) == 1_002
    assert max(map(len, keys)) < LONGEST / 2


def test_keys_at_the_ends_stay_short():
    top = bottom = key_between(None, None)
    for _ in range(2_000):
        top, bottom = key_between(None, top), key_between(bottom, None)

    assert max(len(top), len(bottom)) < 12


def test_two_moves_into_one_gap_get_different_keys():
    above, below = first_keys(2)

    assert len({key_between(above, below) for _ in range(50)}) == 50


def test_neighbours_that_changed_places_are_no_error():
    lower, upper = first_keys(2)

    assert key_between(upper, lower) > upper
    assert key_between(upper, upper) > upper


@pytest.mark.parametrize(
    "text", ["", "a", "a00", "é", "a0 ", "A" + "0" * 26, "zz", "a" * 1_001, "a0\0", "ا۱"]
)
def test_other_texts_are_no_keys(text):
    assert not is_key(text)


def test_first_keys_are_in_order_and_the_same_each_time():
    assert first_keys(100) == sorted(set(first_keys(100)))
