"""Uploaded bytes in a bucket of any store that speaks S3."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, cast

import fsspec
from botocore.exceptions import BotoCoreError

from app.gateways.storage.base import (
    MOST_BYTES,
    Entry,
    Stored,
    StoreUnavailable,
    copy,
    fresh_name,
    is_name,
)

# Copies for readers that need a file of this machine; they are fetched again when they are missing.
_COPIES_KEPT = 24 * 3600
# Seconds: nobody waits for a store that is away as long as for one that is slow.
_TIMES = {"connect_timeout": 5, "read_timeout": 20, "retries": {"max_attempts": 1}}
_TRIES = 2


class S3Storage:
    """Objects below ``s3://bucket/prefix``; *copies* is a folder of this machine for passing copies."""

    def __init__(self, url: str, *, copies: Path, **connection: str) -> None:
        self.root = url.removeprefix("s3://").rstrip("/")
        self.copies = copies
        self._connection = tuple(sorted(connection.items()))

    @property
    def _files(self) -> Any:
        return _file_system(self._connection)

    def save(self, stream: BinaryIO, *, most_bytes: int = MOST_BYTES) -> Stored:
        """An object appears with its last byte, so that there is none by halves."""
        name = fresh_name()
        with NamedTemporaryFile() as whole:
            digest, size = copy(stream, cast("BinaryIO", whole), most_bytes)
            whole.flush()
            try:
                with _told_apart():
                    self._files.put_file(whole.name, self._key(name))
            except FileNotFoundError as error:  # The bucket itself.
                raise StoreUnavailable(str(error)) from error
        return Stored(name, digest, size)

    def open(self, name: str) -> BinaryIO:
        with _told_apart():
            return BytesIO(self._files.cat_file(self._key(name)))

    def path(self, name: str) -> Path:
        target = self.copies / name.rpartition("/")[2]
        if not target.exists():
            self._fetch(name, target)
        return target

    def delete(self, name: str) -> None:
        with _told_apart():
            self._files.rm_file(self._key(name))

    def entries(self) -> Iterator[Entry]:
        # A sixteenth of the names is in memory at a time.
        for shard in "0123456789abcdef":
            with _told_apart():
                found = self._files.find(self.root, prefix=shard, detail=True)
            for key, told in found.items():
                name = key.removeprefix(f"{self.root}/")
                yield Entry(name, told["size"], told["LastModified"])

    def _key(self, name: str) -> str:
        if not is_name(name):
            raise ValueError("a name outside the store")
        return f"{self.root}/{name}"

    def _fetch(self, name: str, target: Path) -> None:
        """A reader beside this one sees the copy whole or not at all."""
        data = self.open(name).read()
        self.copies.mkdir(parents=True, exist_ok=True)
        for old in self.copies.iterdir():
            with suppress(FileNotFoundError):
                if old.stat().st_mtime < time.time() - _COPIES_KEPT:
                    old.unlink()
        with NamedTemporaryFile(dir=self.copies, delete=False) as part:
            part.write(data)
        Path(part.name).rename(target)


@contextmanager
def _told_apart() -> Iterator[None]:
    """A missing object is one thing, a store that does not answer or refuses another."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, BotoCoreError) as error:
        raise StoreUnavailable(str(error)) from error


@lru_cache(maxsize=8)
def _file_system(connection: tuple[tuple[str, str], ...]) -> Any:
    given = dict(connection)
    system = fsspec.filesystem(
        "s3",
        key=given.get("key"),
        secret=given.get("secret"),
        endpoint_url=given.get("endpoint"),
        client_kwargs={"region_name": given["region"]} if "region" in given else {},
        config_kwargs=_TIMES,
        # What others put there is seen at once.
        use_listings_cache=False,
    )
    system.retries = _TRIES
    return system
