"""Fixtures of the gateway tests: a sandbox, and a bucket on a local S3 server."""

import pytest

from app.gateways import http_client
from app.gateways.storage.s3 import S3Storage
from tests.support.s3 import KEYS, s3_server
from tests.support.sandbox import running_sandbox


@pytest.fixture
def sandbox(tmp_path):
    with running_sandbox(tmp_path) as running:
        yield running


@pytest.fixture
def short_timeout(monkeypatch):
    monkeypatch.setattr(http_client, "RESPONSE_TIMEOUT", 0.4)


@pytest.fixture(scope="session")
def server():
    with s3_server("ava") as address:
        yield address


@pytest.fixture
def bucket(server, tmp_path) -> S3Storage:
    return S3Storage(f"s3://ava/{tmp_path.name}", copies=tmp_path / "copies", endpoint=server, **KEYS)


@pytest.fixture
def in_bucket(app, server, tmp_path, monkeypatch):
    """Configures the app with a bucket."""
    settings = {"FILES_URL": f"s3://ava/{tmp_path.name}", "FILES_ENDPOINT": server}
    for name, value in {**settings, "FILES_KEY": KEYS["key"], "FILES_SECRET": KEYS["secret"]}.items():
        monkeypatch.setitem(app.config, name, value)
