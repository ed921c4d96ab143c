"""Random tokens, signatures, and symmetric encryption of stored secrets."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

_NONCE_BYTES = 12


def new_token() -> str:
    """A random URL-safe token of 256 bits."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """SHA-256 of *text* in hex. Tokens are stored as digests, so that a database dump contains no usable token."""
    return hashlib.sha256(text.encode()).hexdigest()


def sign(text: str) -> str:
    """The HMAC of *text* with the app's newest key, in hex."""
    return hmac.new(_keys()[0], text.encode(), hashlib.sha256).hexdigest()


def is_signed(text: str, signature: str | None) -> bool:
    """Whether *signature* signs *text* with the newest key or a fallback key."""
    made = (hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in _keys())
    return any(hmac.compare_digest(each, signature or "") for each in made)


def encrypt(text: str) -> str:
    """*text* encrypted with the app's newest key, base64-encoded."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    ciphertext = AESGCM(_keys()[0]).encrypt(nonce, text.encode(), None)
    return urlsafe_b64encode(nonce + ciphertext).decode()


def decrypt(ciphertext: str) -> str:
    """The decrypted text; tries the newest key, then the fallback keys. Raises `InvalidTag`."""
    data = urlsafe_b64decode(ciphertext)
    for key in _keys():
        try:
            return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None).decode()
        except InvalidTag:
            continue
    raise InvalidTag


def _keys() -> Sequence[bytes]:
    older: Sequence[str] = current_app.config.get("SECRET_KEY_FALLBACKS") or ()
    return [_derive_key(secret) for secret in (current_app.config["SECRET_KEY"], *older)]


@cache
def _derive_key(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"ava vault").derive(secret.encode())
