"""File store in an S3-compatible bucket."""

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

from app.gateways.storage.base import MOST_BYTES, Entry, Stored, StoreUnavailable, copy
from app.gateways.storage.names import fresh_name, is_name

# Seconds. Local copies serve readers that need a path; a missing copy is fetched again.
_COPY_LIFETIME = 24 * 3600
# Timeouts in seconds. An unreachable store must fail sooner than a slow one.
_CLIENT_CONFIG = {"connect_timeout": 5, "read_timeout": 20, "retries": {"max_attempts": 1}}
_ATTEMPTS = 2


class S3Storage:
    """Objects below ``s3://bucket/prefix``; *copies* is a local folder for temporary copies."""

    def __init__(self, url: str, *, copies: Path, **connection: str) -> None:
        self.root = url.removeprefix("s3://").rstrip("/")
        self.copies = copies
        self._connection = tuple(sorted(connection.items()))

    @property
    def _files(self) -> Any:
        return _file_system(self._connection)

    def save(self, stream: BinaryIO, *, most_bytes: int = MOST_BYTES) -> Stored:
        """Save the bytes of *stream*; an object becomes visible only when its upload is complete."""
        name = fresh_name()
        with NamedTemporaryFile() as whole:
            digest, size = copy(stream, cast("BinaryIO", whole), most_bytes)
            whole.flush()
            try:
                with _store_errors():
                    self._files.put_file(whole.name, self._key(name))
            except FileNotFoundError as error:
                # The bucket itself is missing.
                raise StoreUnavailable(str(error)) from error
        return Stored(name, digest, size)

    def open(self, name: str) -> BinaryIO:
        with _store_errors():
            return BytesIO(self._files.cat_file(self._key(name)))

    def path(self, name: str) -> Path:
        target = self.copies / name.rpartition("/")[2]
        if not target.exists():
            self._fetch(name, target)
        return target

    def delete(self, name: str) -> None:
        with _store_errors():
            self._files.rm_file(self._key(name))

    def entries(self) -> Iterator[Entry]:
        # `find` returns a list; by prefix, only a sixteenth of the names is in memory at a time.
        for shard in "0123456789abcdef":
            with _store_errors():
                found = self._files.find(self.root, prefix=shard, detail=True)
            for key, info in found.items():
                name = key.removeprefix(f"{self.root}/")
                yield Entry(name, info["size"], info["LastModified"])

    def _key(self, name: str) -> str:
        if not is_name(name):
            raise ValueError("a name outside the store")
        return f"{self.root}/{name}"

    def _fetch(self, name: str, target: Path) -> None:
        """Download an object to *target*; concurrent readers see a complete copy or none."""
        data = self.open(name).read()
        self.copies.mkdir(parents=True, exist_ok=True)
        for old in self.copies.iterdir():
            with suppress(FileNotFoundError):
                if old.stat().st_mtime < time.time() - _COPY_LIFETIME:
                    old.unlink()
        with NamedTemporaryFile(dir=self.copies, delete=False) as part:
            part.write(data)
        Path(part.name).rename(target)


@contextmanager
def _store_errors() -> Iterator[None]:
    """Converts connection errors to `StoreUnavailable`; a missing object stays `FileNotFoundError`."""
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
        config_kwargs=_CLIENT_CONFIG,
        # A cached listing would miss objects that other processes have added.
        use_listings_cache=False,
    )
    system.retries = _ATTEMPTS
    return system
