"""`only_in` serves any section: lessons of a product, which the panel does not have."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.live import ROOT


def test_children_of_another_section(app, request):
    """In a run of its own, on the same database server: its section must not be seen by other tests."""
    database = request.config.getoption("--database")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    plugins = ["-p", "tests.support.product_lessons", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "0", "--database", database]

    done = subprocess.run(
        [*command, "tests/support/lessons_on_products.py"],
        cwd=ROOT,
        env={**os.environ, "PYTEST_XDIST_WORKER": f"{worker}_lessons", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == pytest.ExitCode.OK, done.stdout[-5000:] + done.stderr[-2000:]
