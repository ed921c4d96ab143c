"""Keys that order rows by hand: a key lies between those of its neighbours, so that a move writes one row."""

from __future__ import annotations

import secrets

from fractional_indexing import (
    BASE_62_DIGITS,
    FIError,
    generate_key_between,
    generate_n_keys_between,
    validate_order_key,
)

# A key grows by a character for each six moves into the same gap; this length is never reached by hand.
LONGEST = 1_000
# Random characters at the end of a key: two rows that are moved into one gap at the same time get different keys.
_RANDOM = 5


def key_between(above: str | None, below: str | None) -> str:
    """A new key after *above* and before *below*; None is the beginning or the end of the order.

    Where *below* does not come after *above*, since a neighbour was moved meanwhile, the key comes right after *above*.
    """
    if above is not None and below is not None and below <= above:
        below = None
    key = generate_key_between(above, below, digits=BASE_62_DIGITS)
    # A key that begins *below* would come after it with further characters.
    while below is not None and below.startswith(key):
        key = generate_key_between(above, key, digits=BASE_62_DIGITS)
    return key + _random_end()


def first_keys(count: int) -> list[str]:
    """Keys for *count* rows that nothing orders yet; the same ones each time."""
    keys: list[str] = generate_n_keys_between(None, None, count, BASE_62_DIGITS)
    return keys


def is_key(text: str) -> bool:
    """Whether *text* is a key, as `key_between` makes them."""
    if not 0 < len(text) <= LONGEST or not set(text) <= set(BASE_62_DIGITS):
        return False
    try:
        validate_order_key(text, digits=BASE_62_DIGITS)
    except (FIError, IndexError):
        return False
    return True


def _random_end() -> str:
    """Random characters; the last one is not zero, with which no key ends."""
    parts = [secrets.choice(BASE_62_DIGITS) for _ in range(_RANDOM - 1)]
    return "".join([*parts, secrets.choice(BASE_62_DIGITS[1:])])
