"""Fixtures of the board of tasks."""

import pytest

from app.lib.position import first_keys
from tests.factories import TaskFactory


@pytest.fixture
def cards(session, manager, consultant):
    """Three cards in the first column, in this order."""
    rows = [
        TaskFactory(title=title, owner_id=consultant.id, position=key)
        for title, key in zip(("یک", "دو", "سه"), first_keys(3), strict=True)
    ]
    session.commit()
    return rows
