"""The names of stored files."""

from __future__ import annotations

import re
from uuid import uuid4

_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}(\.part)?")


def fresh_name() -> str:
    """A random name with two levels of sub-folders."""
    key = uuid4().hex
    return f"{key[:2]}/{key[2:4]}/{key}"


def is_name(text: str) -> bool:
    """Whether *text* has the form of a store's file name."""
    return _NAME.fullmatch(text) is not None
