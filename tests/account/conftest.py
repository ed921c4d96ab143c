"""A member with a password, and a visitor without a session."""

import pytest
from werkzeug.security import generate_password_hash

from app.gateways import password_hash
from models.member import Member
from tests.account.steps import PASSWORD


@pytest.fixture
def limits(app, monkeypatch):
    monkeypatch.setitem(app.config, "LIMITS", True)


@pytest.fixture
def person(consultant, session) -> Member:
    """A consultant with a password, an address and a number."""
    consultant.password = generate_password_hash(PASSWORD, password_hash.METHOD)
    consultant.email, consultant.mobile = "sara@example.ir", "+989121234567"
    session.commit()
    return consultant


@pytest.fixture
def visitor(app, session):
    return app.test_client()
