"""Runs of tests with a section of no product, which must be declared before the app is made and seen by no other test."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.live import ROOT


def assert_passes(request: pytest.FixtureRequest, plugin: str, *modules: str) -> None:
    """Run *modules* with *plugin* on the database server of this run."""
    database = request.config.getoption("--database")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    plugins = ["-p", plugin, "-p", "no:cacheprovider", "-p", "no:randomly"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "0", "--database", database, *modules]
    name = f"{worker}_{plugin.removeprefix('tests.support.').partition('.')[0]}"

    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTEST_XDIST_WORKER": name, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == pytest.ExitCode.OK, done.stdout[-5000:] + done.stderr[-2000:]
