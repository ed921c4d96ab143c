"""Declares the section before the app is made, makes its tables in the session of each test, and a kit with two lines."""

from __future__ import annotations

import pytest

from tests.factories import ProductFactory
from tests.support.kits.model import Kit, KitPart
from tests.support.kits.section import Kits

__all__ = ["Kits"]


@pytest.fixture(autouse=True)
def _tables(session):
    for model in (Kit, KitPart):
        model.__table__.create(session.connection())


@pytest.fixture
def book(session, manager):
    return ProductFactory(title="کتاب", price=500_000)


@pytest.fixture
def course(session, manager):
    return ProductFactory(title="دوره", price=2_000_000)


@pytest.fixture
def kit(session, manager, book, course):
    parts = [
        KitPart(product=course, count=1, price=2_000_000, amount=2_000_000, position=1),
        KitPart(product=book, count=2, price=500_000, amount=1_000_000, position=2),
    ]
    row = Kit(title="بسته", rebate=0, price=3_000_000, parts=parts)
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def client(login, manager):
    return login(manager)
