"""Clients that send texts."""

from __future__ import annotations

import pytest

from app.services.account.token import make_token
from models.account import TokenScope


@pytest.fixture
def browser(login, manager):
    return login(manager)


@pytest.fixture
def bearer(session, manager):
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}
