"""The condition of an action, on a section that is not the product's."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.live import ROOT


def test_one_condition_decides_menu_button_bulk_and_rest(app, request):
    """In a run of its own, on the same database server: its section must not be seen by other tests."""
    database = request.config.getoption("--database")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    plugins = ["-p", "tests.support.parcels", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "0", "--database", database]

    done = subprocess.run(
        [*command, "tests/support/action_conditions.py"],
        cwd=ROOT,
        env={**os.environ, "PYTEST_XDIST_WORKER": f"{worker}_parcels", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == pytest.ExitCode.OK, done.stdout[-5000:] + done.stderr[-2000:]
