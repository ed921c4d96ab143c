"""What a store of uploaded bytes owes its callers, whatever it is made of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

MOST_BYTES = 10 * 1024 * 1024
_CHUNK = 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}(\.part)?")


class TooLarge(Exception):
    """More bytes than a file may have."""


class StoreUnavailable(Exception):
    """The store is full, or can't be reached; nothing of the file was kept."""


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: its name and its bytes."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True)
class Stored:
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Entry:
    """A file that lies in the store, whoever put it there."""

    name: str
    size: int
    changed_at: datetime


class Storage(Protocol):
    """Files by a name that the store gives them; what lies under a name never changes."""

    def save(self, stream: BinaryIO, *, most_bytes: int = MOST_BYTES) -> Stored:
        """Keep the bytes, whole or not at all; raises `TooLarge` or `StoreUnavailable`."""

    def open(self, name: str) -> BinaryIO:
        """The bytes from their beginning; raises `FileNotFoundError` or `StoreUnavailable`."""

    def path(self, name: str) -> Path:
        """A file of this machine with the bytes, for readers that need one."""

    def delete(self, name: str) -> None:
        """Forget the bytes; to do it twice is no mistake."""

    def entries(self) -> Iterator[Entry]:
        """Everything that lies in the store, in no order, without holding all of it in memory."""


def fresh_name() -> str:
    """A name that says nothing, spread over sub-folders."""
    key = uuid4().hex
    return f"{key[:2]}/{key[2:4]}/{key}"


def is_name(text: str) -> bool:
    """Whether *text* is a name that a store gives."""
    return _NAME.fullmatch(text) is not None


def copy(source: BinaryIO, target: BinaryIO, most_bytes: int) -> tuple[str, int]:
    """Copy *source*; returns its digest and size, raises `TooLarge` as soon as it is."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest(), size
