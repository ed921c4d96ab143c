"""Where uploaded bytes lie: a folder of this machine, behind a protocol that another store can fulfil."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

from flask import current_app

MOST_BYTES = 10 * 1024 * 1024
_CHUNK = 1024 * 1024


class TooLarge(Exception):
    """More bytes than a file may have."""


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
    """Files by a name that the store gives them."""

    def save(self, stream: BinaryIO, *, most_bytes: int = MOST_BYTES) -> Stored: ...
    def open(self, name: str) -> BinaryIO: ...
    def path(self, name: str) -> Path: ...
    def delete(self, name: str) -> None: ...
    def entries(self) -> Iterator[Entry]: ...


class LocalStorage:
    """Files under *root*, spread over sub-folders; a file is there whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def save(self, stream: BinaryIO, *, most_bytes: int = MOST_BYTES) -> Stored:
        """Keep the bytes of *stream*; raises `TooLarge` and keeps nothing of what is larger."""
        key = uuid4().hex
        name = f"{key[:2]}/{key[2:4]}/{key}"
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        try:
            digest, size = _copy(stream, unfinished, most_bytes)
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return Stored(name, digest, size)

    def open(self, name: str) -> BinaryIO:
        return self.path(name).open("rb")

    def path(self, name: str) -> Path:
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise ValueError("a name outside the store")
        return path

    def delete(self, name: str) -> None:
        self.path(name).unlink(missing_ok=True)

    def entries(self) -> Iterator[Entry]:
        """Everything that lies in the store, in no order."""
        for path in self.root.glob("*/*/*"):
            # A file may be deleted while the folder is read.
            with suppress(FileNotFoundError):
                told = path.stat()
                changed_at = datetime.fromtimestamp(told.st_mtime, UTC)
                yield Entry(path.relative_to(self.root).as_posix(), told.st_size, changed_at)


def storage() -> Storage:
    """The store that the app is configured with."""
    return LocalStorage(Path(current_app.config["UPLOAD_FOLDER"]))


def _copy(stream: BinaryIO, target: Path, most_bytes: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > most_bytes:
                raise TooLarge
            digest.update(chunk)
            file.write(chunk)
        # The row that names the file is committed later; a crash in between must not leave it empty.
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size
