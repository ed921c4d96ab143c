"""Temporary files of the tests in memory, where a commit of SQLite waits for no disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
# A run needs less than one gigabyte; a container often has 64 megabytes.
LEAST_BYTES = 3 * 1024**3


def use_memory_for_files() -> None:
    """Let this process and its children make temporary files in memory, unless TMPDIR is set or memory is scarce."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= LEAST_BYTES:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None
