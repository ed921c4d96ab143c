"""Fixtures of dossiers."""

from __future__ import annotations

import pytest

from tests.factories import CustomerFactory, DossierFactory, FollowUpFactory


@pytest.fixture
def dossier(session, manager):
    """A dossier of the organisation, beside another one with a customer of its own."""
    CustomerFactory(dossier=DossierFactory(legal_name="شرکت دیگری"), last_name="مشتری دیگری")
    return DossierFactory(legal_name="شرکت پارس‌گستر")


@pytest.fixture
def customer(session, manager, consultant):
    return FollowUpFactory(consultant_id=consultant.id).customer
