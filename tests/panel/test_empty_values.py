"""E04 and S08: nothing to be seen in a field is nothing, whatever its type and whichever way it comes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.live import ROOT


def test_e04_every_type_of_column_takes_every_emptiness(app, request):
    """In a run of its own, on the same database server: its section must not be seen by other tests."""
    database = request.config.getoption("--database")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    plugins = ["-p", "tests.support.every_type", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "0", "--database", database]

    done = subprocess.run(
        [*command, "tests/support/empty_values.py"],
        cwd=ROOT,
        env={**os.environ, "PYTEST_XDIST_WORKER": f"{worker}_types", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == pytest.ExitCode.OK, done.stdout[-5000:] + done.stderr[-2000:]
