"""Merges of customers with dossiers that are deleted, before the merge or before its undo."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.customer import Customer
from models.customer_merge import CustomerMerge
from tests.factories import DossierFactory
from tests.sales.merge_steps import post_merge
from tests.sales.sale_steps import HTMX, RUN


@pytest.fixture
def dossiers(session, manager):
    rows = [DossierFactory(legal_name=name) for name in ("شرکت قدیم", "شرکت تازه")]
    session.commit()
    return rows


def give(session, customer, dossier):
    customer.dossier_id = dossier.id
    session.commit()


def delete(client, dossier):
    assert client.post(f"/dossiers/delete/{dossier.id}", data=RUN, headers=HTMX).status_code == 204


def dossier_of(session, customer):
    session.expire_all()
    return session.get(Customer, customer.id).dossier_id


def test_a_deleted_dossier_moves_where_there_is_no_other(session, client, twins, dossiers):
    first, second = twins
    give(session, second, dossiers[0])
    delete(client, dossiers[0])

    assert post_merge(client, first, second).status_code == 302
    assert dossier_of(session, first) == dossiers[0].id


def test_a_deleted_dossier_does_not_displace_one_that_is_there(session, client, twins, dossiers):
    first, second = twins
    for customer, dossier in zip(twins, dossiers, strict=True):
        give(session, customer, dossier)
    delete(client, dossiers[0])

    assert post_merge(client, first, second).status_code == 302
    assert dossier_of(session, first) == dossiers[1].id


def test_the_undo_gives_a_dossier_back_that_was_deleted_since(session, client, twins, dossiers):
    first, second = twins
    for customer, dossier in zip(twins, dossiers, strict=True):
        give(session, customer, dossier)
    post_merge(client, first, second, dossier_id=second.id)
    assert dossier_of(session, first) == dossiers[1].id
    delete(client, dossiers[0])
    merge = session.scalars(select(CustomerMerge)).one()

    assert client.post(f"/customers/undo-merge/{merge.id}", headers=HTMX).status_code == 204
    assert [dossier_of(session, each) for each in (first, second)] == [each.id for each in dossiers]
