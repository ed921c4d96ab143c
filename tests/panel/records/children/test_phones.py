"""The phones of a customer: children that the search of their parent reads."""

import pytest
from sqlalchemy import select

from models.customer import CustomerPhone
from tests.factories import CustomerFactory


class TestPhones:
    def test_a_customer_is_found_by_any_of_their_numbers(self, session, login, manager, customer):
        client = login(manager)
        client.post("/customer-phones/add", data={"customer": str(customer.id), "number": "۰۲۱-۸۸۷۷۶۶۵۵"})

        assert f'data-pk="{customer.id}"' in client.get("/customers/?q=02188776655").text
        assert f'data-pk="{customer.id}"' in client.get("/customers/?q=8877").text
        phone = session.scalars(select(CustomerPhone)).one()
        assert phone.number == "+982188776655"
        client.post(f"/customer-phones/delete/{phone.id}")
        assert f'data-pk="{customer.id}"' not in client.get("/customers/?q=02188776655").text

    def test_a_phone_does_not_disturb_who_edits_the_customer(self, session, login, manager, customer):
        client, version = login(manager), customer.row_version
        client.post("/customer-phones/add", data={"customer": str(customer.id), "number": "02188776655"})

        session.refresh(customer)
        assert customer.row_version == version

    @pytest.mark.parametrize("number", ["88776655", "امید", "0219", "+12025550123", "9" * 70])
    def test_what_is_no_number_is_refused(self, login, manager, customer, number):
        data = {"customer": str(customer.id), "number": number}

        answer = login(manager).post("/customer-phones/add", data=data)

        assert answer.status_code == 422
        assert "number-error" in answer.text

    def test_a_number_stands_once_with_a_customer(self, login, manager, customer):
        client = login(manager)
        data = {"customer": str(customer.id), "number": "02188776655"}
        client.post("/customer-phones/add", data=data)

        assert client.post("/customer-phones/add", data=data).status_code == 422
        other = data | {"customer": str(CustomerFactory().id)}
        assert client.post("/customer-phones/add", data=other).status_code == 302
