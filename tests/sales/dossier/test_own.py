"""Which dossiers a member sees, and which pages they cost."""

from __future__ import annotations

from io import BytesIO

from models.customer import Address, Customer, CustomerPhone
from models.dossier import DocumentKind, DossierContact, DossierDocument
from tests.factories import CustomerFactory, DossierFactory, FollowUpFactory, ResultTitleFactory, member
from tests.support.attached import PDF


class TestOwn:
    def test_a_consultant_sees_the_dossiers_of_their_customers_and_their_own(
        self, session, login, consultant, dossier, customer
    ):
        customer.dossier = dossier
        mine = DossierFactory(legal_name="شرکت خودم", created_by_id=consultant.id)
        session.flush()
        client = login(consultant)

        page = client.get("/dossiers/").text

        assert f'data-pk="{dossier.id}"' in page
        assert f'data-pk="{mine.id}"' in page
        assert "شرکت دیگری" not in page
        assert client.get(f"/dossiers/show/{dossier.id}").status_code == 200

    def test_a_dossier_of_others_is_not_there_for_who_has_dossiers_and_customers(
        self, session, login, colleague, dossier, customer
    ):
        customer.dossier = dossier
        person = DossierContact(dossier_id=dossier.id, name="مینا")
        CustomerFactory(
            created_by_id=colleague.id,
            dossier=DossierFactory(legal_name="شرکت همکار", created_by_id=colleague.id),
        )
        FollowUpFactory(consultant_id=colleague.id)
        session.add(person)
        session.flush()
        client = login(colleague)

        assert client.get(f"/dossiers/show/{dossier.id}").status_code == 404
        assert client.get(f"/dossiers/of/{dossier.id}").status_code == 404
        assert client.get(f"/dossier-contacts/edit/{person.id}").status_code == 404
        assert f'data-pk="{dossier.id}"' not in client.get("/dossiers/").text

    def test_of_a_shared_dossier_they_see_their_own_customers(
        self, session, login, consultant, dossier, customer
    ):
        customer.dossier = dossier
        CustomerFactory(dossier=dossier, first_name=None, last_name="ازآنِدیگری")
        session.flush()

        page = login(consultant).get(f"/dossiers/show/{dossier.id}").text

        assert str(customer) in page
        assert "ازآنِدیگری" not in page

    def test_a_support_agent_has_no_dossiers(self, login, organization, manager, dossier, customer):
        client = login(member("SupportAgent", organization))

        assert client.get(f"/dossiers/for/{customer.id}").status_code == 403
        assert "/dossiers/" not in client.get(f"/customers/show/{customer.id}").text


class TestCost:
    def test_a_list_and_a_page_cost_the_same_however_much_there_is(
        self, session, login, manager, dossier, statements
    ):
        client = login(manager)
        for number in range(12):
            CustomerFactory(dossier=dossier)
            session.add(DossierContact(dossier_id=dossier.id, name=str(number)))
            session.add(DossierDocument(dossier_id=dossier.id, kind=DocumentKind.OTHER))
            DossierFactory(legal_name=f"شرکت {number}")
        session.flush()
        client.get("/dossiers/")
        client.get(f"/dossiers/show/{dossier.id}")

        statements.clear()
        client.get("/dossiers/")
        assert len(statements) <= 6, "\n".join(statements)
        statements.clear()
        client.get(f"/dossiers/show/{dossier.id}")
        assert len(statements) <= 10, "\n".join(statements)

    def test_the_page_of_a_customer_costs_ten_statements(
        self, session, login, manager, consultant, statements
    ):
        client = login(manager)
        customer: Customer = FollowUpFactory(consultant_id=consultant.id).customer
        customer.dossier = DossierFactory()
        for number in range(5):
            FollowUpFactory(consultant_id=consultant.id, order__customer=customer)
            session.add(Address(customer_id=customer.id, line=str(number), is_default=number == 0))
            session.add(CustomerPhone(customer_id=customer.id, number=f"0218877665{number}"))
        work = FollowUpFactory(consultant_id=consultant.id, order__customer=customer)
        session.flush()
        title, form = ResultTitleFactory().id, {"note": "با فایل", "files": (BytesIO(PDF), "رسید.pdf")}
        client.post(f"/follow-ups/{work.id}/result", data={**form, "result_title": title})
        client.post(f"/customers/{customer.id}/files/add", data={"files": (BytesIO(PDF), "قرارداد.pdf")})
        client.get(f"/customers/show/{customer.id}")

        statements.clear()
        page = client.get(f"/customers/show/{customer.id}").text

        assert "رسید.pdf" in page
        assert "قرارداد.pdf" in page
        assert len(statements) <= 10, "\n".join(each[:150] for each in statements)
