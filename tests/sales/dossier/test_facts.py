"""Dossiers of companies: their facts, each refused at its field where it is wrong."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.dossier import Dossier
from tests.sales.dossier.steps import add


class TestFacts:
    @pytest.mark.parametrize(
        ("field", "value", "stored"),
        [
            ("national_id", "۱۰۳۸۰۲۸۴۷۹۰", "10380284790"),
            ("economic_code", "10380284790", "10380284790"),
            ("economic_code", "4111-2345-6789", "411123456789"),
            ("phone", "۰۷۱ ۳۶۲۸ ۴۴۰۰", "+987136284400"),
            ("website", "Pars.example/fa", "https://pars.example/fa"),
        ],
    )
    def test_a_code_is_stored_in_one_form(self, session, login, manager, field, value, stored):
        assert add(login(manager), **{field: value}).status_code == 302

        assert getattr(session.scalars(select(Dossier)).one(), field) == stored

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("national_id", "10380284791"),
            ("national_id", "1038028479"),
            ("national_id", "11111111111"),
            ("economic_code", "10380284791"),
            ("economic_code", "1234"),
            ("phone", "36284400"),
            ("website", "javascript:alert(1)"),
            ("website", "شرکت"),
        ],
    )
    def test_what_is_no_code_is_refused_at_its_field(self, session, login, manager, field, value):
        answer = add(login(manager), **{field: value})

        assert answer.status_code == 422
        assert f"{field}-error" in answer.text
        assert session.scalars(select(Dossier)).all() == []

    def test_two_companies_without_a_national_id_are_two(self, session, login, manager):
        client = login(manager)

        assert [add(client).status_code for _ in range(2)] == [302, 302]

    def test_one_national_id_is_one_company(self, login, manager):
        client = login(manager)
        add(client, national_id="10380284790")

        assert "national_id-error" in add(client, national_id="10380284790").text

    def test_a_customers_national_id_has_its_check_digit(self, session, login, manager, customer):
        client, url = login(manager), f"/customers/edit/{customer.id}"
        data = {"mobile": customer.mobile, "last_name": "ن"}

        assert "national_id-error" in client.post(url, data={**data, "national_id": "0499370890"}).text
        assert client.post(url, data={**data, "national_id": "۰۴۹۹۳۷۰۸۹۹"}).status_code == 302

    @pytest.mark.parametrize(("old", "shown"), [("12345", "۱۲۳۴۵"), ("۱۲۳۴۵", "۱۲۳۴۵"), ("12-345", "۱۲-۳۴۵")])
    def test_an_old_national_id_does_not_stop_other_edits(
        self, session, login, manager, customer, old, shown
    ):
        customer.national_id = old
        session.flush()
        client, url = login(manager), f"/customers/edit/{customer.id}"
        data = {"mobile": customer.mobile, "last_name": "ن", "national_id": shown, "city": "شیراز"}

        assert f'value="{shown}"' in client.get(url).text
        assert client.post(url, data=data).status_code == 302
        session.refresh(customer)
        assert (customer.national_id, customer.city) == (old, "شیراز")

    def test_codes_of_digits_are_shown_in_persian_ones(self, session, login, manager, dossier):
        dossier.registration_number, dossier.industry = "58210", "IT-24"
        session.flush()

        page = login(manager).get(f"/dossiers/show/{dossier.id}").text

        assert "۵۸۲۱۰" in page
        assert "58210" not in page
        assert "IT-24" in page
