"""Locks beside a SQLite file: one host for the file, one process on the host for a task."""

from __future__ import annotations

import fcntl
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Hosts renew their claim every ten seconds; it expires after three missed renewals.
CLAIM_EXPIRES_AFTER = 30.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def host_id() -> str:
    """The boot id of the kernel, which containers of one machine share."""
    with suppress(OSError):
        return _BOOT.read_text("ascii").strip()
    return socket.gethostname()


def claim_host(path: Path, *, host: str | None = None) -> str | None:
    """Claim the file at *path* for this host; returns the name of another host that already uses it."""
    claim, own = path.with_name(f"{path.name}.host"), host or host_id()
    with suppress(OSError, ValueError, KeyError, TypeError):
        current = json.loads(claim.read_text("utf-8"))
        if current["host"] != own and abs(time.time() - claim.stat().st_mtime) < CLAIM_EXPIRES_AFTER:
            return str(current["name"])
    with suppress(OSError):
        claim.write_text(json.dumps({"host": own, "name": socket.gethostname()}), "utf-8")
    return None


@contextmanager
def exclusive_lock(path: Path, work: str) -> Iterator[bool]:
    """Yield whether this process has the lock for *work* on the file at *path*; a killed process releases it."""
    with path.with_name(f"{path.name}.{work}").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
