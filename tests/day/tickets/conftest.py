"""Fixtures of tickets."""

from __future__ import annotations

import pytest

from app.services.message.send import start
from app.services.ticket.open import Question, open_ticket
from models.tenancy.scope import Actor, bind
from tests.factories import member


@pytest.fixture
def operator(session):
    return member("Operator", None, "operator")


@pytest.fixture
def second(session):
    return member("Operator", None, "second-operator")


@pytest.fixture
def acting(session):
    """Binds the session to a member as a request of theirs does."""

    def act(person):
        support = person.organization_id is None
        role = person.roles[0].name
        actor = Actor(
            person.organization_id,
            person.id,
            own=role == "Consultant",
            reads_tickets=role == "Manager",
            serves_tickets=support,
        )
        bind(session, actor)
        return session

    return act


@pytest.fixture
def ticket(session, manager, consultant, acting):
    """The ticket of the consultant."""
    acting(consultant)
    opened = open_ticket(Question("خط پیامک", "canaryticket وصل نمی‌شود"))
    session.commit()
    return opened.id


@pytest.fixture
def foreign(session, stranger_organization, acting):
    """A ticket of another organisation."""
    stranger = member("Manager", stranger_organization, "stranger")
    acting(stranger)
    opened = open_ticket(Question("پرسش بیگانه", "متن بیگانه"))
    session.commit()
    return opened.id


@pytest.fixture
def private(session, manager, consultant, colleague, acting):
    """A conversation of two consultants."""
    acting(consultant)
    message = start([colleague], "راز میان دو مشاور")
    session.commit()
    return message.thread_id


@pytest.fixture
def tickets(session, organization, stranger_organization, manager, consultant):
    """The keys of two tickets of the consultant and of one of another organisation."""
    stranger = member("Consultant", stranger_organization, "stranger")
    keys = []
    for person, subjects in ((consultant, ("یک", "دو")), (stranger, ("سه",))):
        bind(session, Actor(person.organization_id, person.id))
        keys += [open_ticket(Question(subject, "متن")).id for subject in subjects]
        session.commit()
    return keys
