"""File store in a local folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from app.gateways.storage.base import MOST_BYTES, Entry, Stored, StoreUnavailable, copy
from app.gateways.storage.names import fresh_name


class LocalStorage:
    """Files under *root*, in two levels of sub-folders; a file appears only when it is complete."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def save(self, stream: BinaryIO, *, most_bytes: int = MOST_BYTES) -> Stored:
        """Save the bytes of *stream*; saves nothing and raises `TooLarge` when there are too many."""
        name = fresh_name()
        path = self.path(name)
        unfinished = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            digest, size = _write(stream, unfinished, most_bytes)
            unfinished.rename(path)
            _sync_folders(path.parent, self.root)
        except OSError as error:
            # A full disk, for example: the partial file is removed below, other files are unchanged.
            raise StoreUnavailable(str(error)) from error
        finally:
            with suppress(OSError):
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
        for path in self.root.glob("*/*/*"):
            # A file may be deleted while the folder is read.
            with suppress(FileNotFoundError):
                info = path.stat()
                changed_at = datetime.fromtimestamp(info.st_mtime, UTC)
                yield Entry(path.relative_to(self.root).as_posix(), info.st_size, changed_at)


def _write(stream: BinaryIO, target: Path, most_bytes: int) -> tuple[str, int]:
    with target.open("xb") as file:
        written = copy(stream, file, most_bytes)
        # The database row is committed later; a crash after that commit must not lose the file's content.
        file.flush()
        os.fsync(file.fileno())
    return written


def _sync_folders(folder: Path, root: Path) -> None:
    """Sync the directory entries of a new file and of its possibly new sub-folders."""
    for each in (folder, folder.parent, root):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
