"""`prefill`, `key`, `right`, `NotifyAct` and `TopBarButton` serve any section: articles, which the panel does not have."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.live import ROOT


def test_words_of_another_section(app, request):
    """In a run of its own, on the same database server: its section must not be seen by other tests."""
    database = request.config.getoption("--database")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    plugins = ["-p", "tests.support.reviewed_articles", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "0", "--database", database]

    done = subprocess.run(
        [*command, "tests/support/words_on_articles.py"],
        cwd=ROOT,
        env={**os.environ, "PYTEST_XDIST_WORKER": f"{worker}_articles", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == pytest.ExitCode.OK, done.stdout[-5000:] + done.stderr[-2000:]
