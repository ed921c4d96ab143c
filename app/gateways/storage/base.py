"""The interface of file stores, and the copying with a limit that they share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

MOST_BYTES = 10 * 1024 * 1024
_CHUNK = 1024 * 1024


class TooLarge(Exception):
    """The file exceeds the size limit."""


class StoreUnavailable(Exception):
    """The store is full or unreachable; no part of the file was saved."""


@dataclass(frozen=True)
class Upload:
    """An uploaded file: its original name and its bytes."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True)
class Stored:
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Entry:
    """A file found in the store, including files that the app did not put there."""

    name: str
    size: int
    changed_at: datetime


class Storage(Protocol):
    """Files under names that the store assigns; the content under a name never changes."""

    def save(self, stream: BinaryIO, *, most_bytes: int = MOST_BYTES) -> Stored:
        """Save the bytes, completely or not at all; raises `TooLarge` or `StoreUnavailable`."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading; raises `FileNotFoundError` or `StoreUnavailable`."""

    def path(self, name: str) -> Path:
        """A local file with the bytes, for readers that need a path."""

    def delete(self, name: str) -> None:
        """Delete a file; does nothing when it is missing."""

    def entries(self) -> Iterator[Entry]:
        """All files in the store, unordered, as a lazy iterator."""


def copy(source: BinaryIO, target: BinaryIO, most_bytes: int) -> tuple[str, int]:
    """Copy *source* to *target*; returns (SHA-256 hex digest, size). Raises `TooLarge`."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest(), size
