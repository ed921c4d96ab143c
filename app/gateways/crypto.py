"""Secrets at the edge: hashes of passwords, random tokens, and texts that must come back but not lie open."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from functools import cache
from threading import BoundedSemaphore

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from werkzeug.security import check_password_hash, generate_password_hash

METHOD = "scrypt:32768:8:1"
# A check takes 32 MiB: more at once would let a rush of logins take the machine's memory.
_CHECKS = BoundedSemaphore(4)
_NONCE = 12


def hash_password(password: str) -> str:
    with _CHECKS:
        return generate_password_hash(password, METHOD)


def password_matches(stored: str | None, password: str) -> bool:
    """Whether *password* is the one that was *stored*; takes as long when nothing was."""
    with _CHECKS:
        matches = check_password_hash(stored or _nobodys_hash(), password)
    return matches and bool(stored)


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return not stored.startswith(f"{METHOD}$")


@cache
def _nobodys_hash() -> str:
    return generate_password_hash(secrets.token_hex(), METHOD)


def new_token() -> str:
    """256 random bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """What is kept of a token: enough to know it again, not to use it."""
    return hashlib.sha256(text.encode()).hexdigest()


def encrypt(text: str) -> str:
    """*text* under the app's newest key."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(_keys()[0]).encrypt(nonce, text.encode(), None)
    return urlsafe_b64encode(nonce + sealed).decode()


def decrypt(sealed: str) -> str:
    """The text again, under the newest key or one that it replaced; raises `InvalidTag` under none of them."""
    data = urlsafe_b64decode(sealed)
    for key in _keys():
        try:
            return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], None).decode()
        except InvalidTag:
            continue
    raise InvalidTag


def _keys() -> Sequence[bytes]:
    older: Sequence[str] = current_app.config.get("SECRET_KEY_FALLBACKS") or ()
    return [_derived(secret) for secret in (current_app.config["SECRET_KEY"], *older)]


@cache
def _derived(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"ava vault").derive(secret.encode())
