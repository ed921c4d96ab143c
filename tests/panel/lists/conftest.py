"""Members of lists."""

import pytest

from tests.factories import member


@pytest.fixture
def colleague_manager(session, organization):
    person = member("Manager", organization, "parviz")
    session.commit()
    return person


@pytest.fixture
def browser(login, manager):
    return login(manager)


@pytest.fixture
def own_browser(login, consultant):
    """A consultant's: a filter shows them nothing that a colleague works on."""
    return login(consultant)
