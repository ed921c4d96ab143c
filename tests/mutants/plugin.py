"""A plugin of pytest: writes the seconds of each test that passed to the file that AVA_TEST_SECONDS names."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

PLACE = "AVA_TEST_SECONDS"

_seconds: defaultdict[str, float] = defaultdict(float)
_others: set[str] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[report.nodeid] += report.duration
    if not report.passed:
        _others.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    passed = {name: seconds for name, seconds in _seconds.items() if name not in _others}
    Path(os.environ[PLACE]).write_text(json.dumps(passed), "utf-8")
