"""Load balancers learn whether the process lives and whether it can serve, and nothing else."""

import pytest
from sqlalchemy.exc import OperationalError

from app.extensions import db


@pytest.fixture
def away(monkeypatch):
    """A database that cannot be reached."""

    def fail(*_args, **_kwargs):
        raise OperationalError("SELECT 1", {}, OSError("connection to 10.0.0.7 failed"))

    monkeypatch.setattr(type(db.session()), "execute", fail)


@pytest.mark.parametrize(("path", "status"), [("/healthz", "ok"), ("/readyz", "ready")])
def test_a_visitor_gets_one_word_and_no_cookie(app, session, path, status):
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.json) == (200, {"status": status})
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Request-ID"]
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_asks_by_the_address_of_the_server_and_a_page_by_its_name_alone(
    app, session, monkeypatch, path
):
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["ava.example"])
    client = app.test_client()

    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/login/", headers={"Host": "10.0.0.7:8000"}).status_code == 400
    assert client.get("/login/", headers={"Host": "ava.example"}).status_code == 200


def test_without_a_database_the_process_lives_and_is_not_ready(app, session, away):
    alive, ready = app.test_client().get("/healthz"), app.test_client().get("/readyz")
    assert alive.status_code == 200
    assert (ready.status_code, ready.json) == (503, {"status": "unavailable"})
    assert ready.headers["Retry-After"] == "5"


def test_the_process_lives_without_a_statement(app, session, statements):
    app.test_client().get("/healthz")
    assert statements == []


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nothing_is_written_there(app, session, path):
    assert app.test_client().post(path).status_code == 405
