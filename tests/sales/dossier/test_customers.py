"""The customers and the people of a dossier: connected, disconnected, made from a customer."""

from __future__ import annotations

import json

from sqlalchemy import select

from models.dossier import Dossier, DossierContact
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, DossierFactory
from tests.sales.dossier.steps import HTMX


class TestFromTheCustomer:
    def test_it_is_made_with_the_name_and_connected(self, session, login, consultant, customer):
        client = login(consultant)
        to_form = client.get(f"/dossiers/for/{customer.id}").location

        form = client.get(to_form).text
        client.post(to_form, data={"legal_name": "شرکت او"})

        assert to_form == f"/dossiers/add?customer={customer.id}"
        assert customer.name in form
        session.refresh(customer)
        assert customer.dossier.legal_name == "شرکت او"
        assert client.get(f"/dossiers/for/{customer.id}").location == f"/dossiers/show/{customer.dossier_id}"
        assert "شرکت او" in client.get(f"/customers/show/{customer.id}").text

    def test_a_second_one_made_meanwhile_is_refused(self, session, login, manager, dossier, customer):
        customer.dossier = dossier
        session.flush()

        answer = login(manager).post(f"/dossiers/add?customer={customer.id}", data={"legal_name": "دومی"})

        assert answer.status_code == 422
        assert session.scalars(select(Dossier).where(Dossier.legal_name == "دومی")).all() == []

    def test_a_strangers_customer_has_none(self, login, colleague, customer):
        assert login(colleague).get(f"/dossiers/for/{customer.id}").status_code == 404

    def test_a_deleted_dossier_makes_way_for_a_new_one(self, session, login, manager, dossier, customer):
        customer.dossier = dossier
        session.flush()
        client = login(manager)
        client.post(f"/dossiers/delete/{dossier.id}")

        assert client.get(f"/dossiers/for/{customer.id}").location.startswith("/dossiers/add")
        assert "شرکت پارس‌گستر" not in client.get(f"/customers/show/{customer.id}").text


class TestCustomers:
    def connect(self, client, dossier, customer):
        return client.post(
            f"/dossiers/{dossier.id}/connect", data={"customer": str(customer.id)}, headers=HTMX
        )

    def test_they_are_connected_and_disconnected_with_undo(self, session, login, manager, dossier, customer):
        client = login(manager)

        assert self.connect(client, dossier, customer).status_code == 204
        assert str(customer) in client.get(f"/dossiers/{dossier.id}/side/customers", headers=HTMX).text
        answer = client.post(f"/dossiers/{dossier.id}/disconnect/{customer.id}", headers=HTMX)
        session.refresh(customer)
        assert customer.dossier_id is None
        client.post(json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"], headers=HTMX)
        session.refresh(customer)
        assert customer.dossier_id == dossier.id

    def test_a_customer_belongs_to_one(self, session, login, manager, dossier, customer):
        customer.dossier = DossierFactory(legal_name="سومی")
        session.flush()

        answer = self.connect(login(manager), dossier, customer)

        assert answer.status_code == 422
        assert "customer-error" in answer.text

    def test_both_have_an_event(self, session, login, manager, dossier, customer):
        client = login(manager)
        self.connect(client, dossier, customer)

        assert str(customer) in client.get(f"/dossiers/trail/{dossier.id}").text
        assert "<article" in client.get(f"/customers/trail/{customer.id}").text

    def test_nobody_connects_the_customer_of_another(
        self, session, login, consultant, colleague, dossier, customer
    ):
        dossier.created_by_id = colleague.id
        session.flush()
        client = login(colleague)

        assert self.connect(client, dossier, customer).status_code == 422
        assert client.post(f"/dossiers/{dossier.id}/disconnect/{customer.id}").status_code == 404

    def test_another_organisations_customer_is_not_there(
        self, session, login, manager, dossier, stranger_organization
    ):
        with acting_as(session, Actor(stranger_organization.id)):
            key = CustomerFactory().id

        answer = login(manager).post(f"/dossiers/{dossier.id}/connect", data={"customer": str(key)})

        assert answer.status_code == 422


class TestPeople:
    def test_one_of_them_is_the_liaison(self, session, login, manager, dossier):
        client = login(manager)
        for name in ("نخست", "دوم"):
            client.post("/dossier-contacts/add", data={"dossier": str(dossier.id), "name": name})
        client.post(
            "/dossier-contacts/add", data={"dossier": str(dossier.id), "name": "سوم", "is_liaison": "y"}
        )

        liaisons = session.scalars(select(DossierContact.name).where(DossierContact.is_liaison)).all()

        assert liaisons == ["سوم"]
        assert "رابط" in client.get(f"/dossiers/show/{dossier.id}").text
