"""A file that only one machine may work with, and of its processes one at a time: what SQLite can't do alone."""

from __future__ import annotations

import fcntl
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Whoever works with the file says so every ten seconds; after three times that he is gone.
GONE_AFTER = 30.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def host_id() -> str:
    """The running kernel: containers of one machine may share a file, two machines may not."""
    with suppress(OSError):
        return _BOOT.read_text("ascii").strip()
    return socket.gethostname()


def claim_host(path: Path, *, host: str | None = None) -> str | None:
    """Say that this machine works with the file at *path*; returns the name of another that does so already."""
    mark, own = path.with_name(f"{path.name}.host"), host or host_id()
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads(mark.read_text("utf-8"))
        if told["host"] != own and abs(time.time() - mark.stat().st_mtime) < GONE_AFTER:
            return str(told["name"])
    with suppress(OSError):
        mark.write_text(json.dumps({"host": own, "name": socket.gethostname()}), "utf-8")
    return None


@contextmanager
def exclusive_lock(path: Path, work: str) -> Iterator[bool]:
    """Whether nobody else on this machine does *work* with the file at *path*; a killed process lets go at once."""
    with path.with_name(f"{path.name}.{work}").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
