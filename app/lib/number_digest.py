"""Keyed digests of mobile numbers: they are compared as the numbers are, and a copy of the database does not show these."""

from __future__ import annotations

import hmac
from functools import lru_cache

from config import Config

LENGTH = 64
_NAME_LENGTH = 8


def digest_number(number: str) -> str:
    """The HMAC-SHA256 of a canonical *number*, in hex."""
    return hmac.digest(_key(Config.NUMBERS_KEY), number.encode(), "sha256").hex()


def key_name() -> str:
    """The name of the present key, which does not show the key: digests that another key has made find no number."""
    return hmac.digest(_key(Config.NUMBERS_KEY), b"name of the key", "sha256").hex()[:_NAME_LENGTH]


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    # A key of its own for this purpose, where the secret signs other things too.
    return hmac.digest(secret.encode(), b"ava numbers", "sha256")
