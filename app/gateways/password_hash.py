"""Hashes of passwords."""

from __future__ import annotations

import secrets
from functools import cache
from threading import BoundedSemaphore

from werkzeug.security import check_password_hash, generate_password_hash

METHOD = "scrypt:32768:8:1"
# One check takes 32 MiB, so unlimited parallel logins could exhaust the memory.
_HASH_SLOTS = BoundedSemaphore(4)


def hash_password(password: str) -> str:
    with _HASH_SLOTS:
        return generate_password_hash(password, METHOD)


def password_matches(stored: str | None, password: str) -> bool:
    """Whether *password* matches the hash *stored*; takes the same time when there is no hash."""
    with _HASH_SLOTS:
        matches = check_password_hash(stored or _dummy_hash(), password)
    return matches and bool(stored)


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than `METHOD`."""
    return not stored.startswith(f"{METHOD}$")


@cache
def _dummy_hash() -> str:
    return generate_password_hash(secrets.token_hex(), METHOD)
