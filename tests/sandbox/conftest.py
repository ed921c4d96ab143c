"""Fixtures of the sandbox tests."""

import pytest

from tests.support.sandbox import running_sandbox


@pytest.fixture
def sandbox(tmp_path):
    with running_sandbox(tmp_path) as running:
        yield running
