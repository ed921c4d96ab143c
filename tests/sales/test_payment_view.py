"""Payments: added with a receipt, asked about where they are unusual, verified in one click and taken back."""

import re
from io import BytesIO

import pytest
from sqlalchemy import select

from models.audit.event import AuditEvent
from models.sale import Sale, SaleStatus
from models.transaction import Transaction, TransactionStatus
from tests.factories import SaleFactory, TransactionFactory
from tests.sales.sale_steps import HTMX, RUN, payment_of
from tests.support.attached import PDF


def test_verifying_takes_one_click_and_is_taken_back(session, login, manager, sale):
    client, key = login(manager), payment_of(session, sale).id

    answer = client.post(f"/transactions/action/verify/{key}", data=RUN, headers=HTMX)
    assert answer.status_code == 204
    assert f"/transactions/{key}/take-back" in answer.headers["HX-Trigger"]
    session.expire_all()
    assert (session.get(Sale, sale.id).paid, sale.status) == (400_000, SaleStatus.PARTLY_PAID)

    assert client.post(f"/transactions/{key}/take-back", headers=HTMX).status_code == 204
    assert payment_of(session, sale).status is TransactionStatus.PENDING
    assert session.get(Sale, sale.id).paid == 0
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["verify", "undo_verification"]


def test_rejecting_asks_the_reason_beside_the_field(session, login, manager, sale):
    client, url = login(manager), f"/transactions/action/reject/{payment_of(session, sale).id}"

    assert 'name="reason"' in client.post(url, headers=HTMX).text
    refused = client.post(url, data={**RUN, "reason": " "}, headers=HTMX)
    assert (refused.status_code, "دلیل را بنویسید" in refused.text) == (422, True)
    assert client.post(url, data={**RUN, "reason": "نام یکی نیست"}, headers=HTMX).status_code == 204
    assert "نام یکی نیست" in client.get(f"/sales/show/{sale.id}").text


def test_several_payments_are_verified_at_once_and_the_others_named(session, login, manager, sale):
    first = payment_of(session, sale)
    done = TransactionFactory(sale=sale, amount=1, status=TransactionStatus.VERIFIED)
    session.commit()
    data = {**RUN, "action": "verify", "rowid": [str(first.id), str(done.id)]}

    answer = login(manager).post("/transactions/action_post", data=data, headers=HTMX)

    assert (
        "۱ از ۲" in answer.headers["HX-Trigger"].encode().decode("unicode_escape")
        or "1" in answer.headers["HX-Trigger"]
    )
    session.expire_all()
    assert session.get(Transaction, first.id).status is TransactionStatus.VERIFIED


class TestAddingPayments:
    def form(self, sale, **fields):
        return {"sale": str(sale.id), "method": "card", "amount": "1000", "at": "1405/09/01", **fields}

    def test_with_a_receipt_and_back_to_the_sale(self, session, login, consultant, sale):
        data = self.form(sale, reference="9", files=(BytesIO(PDF), "رسید.pdf"))
        answer = login(consultant).post("/transactions/add", data=data)

        assert answer.location == f"/sales/show/{sale.id}"
        page = login(consultant).get(answer.location).text
        assert "رسید.pdf" in page

    def test_the_form_begins_with_the_sale_and_its_balance(self, login, consultant, sale):
        page = login(consultant).get(f"/transactions/add?sale={sale.id}").text
        assert f'<option value="{sale.id}" selected>' in page
        assert 'value="۱۰۰٬۰۰۰"' in page

    @pytest.mark.parametrize("key", ["x", "99999999", "9" * 30, "-1"])
    def test_an_unknown_sale_in_the_address_is_ignored(self, login, consultant, key):
        assert login(consultant).get(f"/transactions/add?sale={key}").status_code == 200

    def test_a_reference_is_asked_once(self, session, login, consultant, sale):
        client, data = login(consultant), self.form(sale, reference="774120")

        asked = client.post("/transactions/add", data=data)
        assert asked.status_code == 422
        assert "پیش‌تر برای" in asked.text
        assert "ذخیره با این حال" in asked.text
        sure = re.findall(r'name="_sure" value="([^"]+)"', asked.text)
        assert client.post("/transactions/add", data=data | {"_sure": sure}).status_code == 302
        assert session.query(Transaction).filter_by(reference="774120").count() == 2

    def test_too_much_is_asked_and_a_mistake_beside_it_is_mended_first(self, login, consultant, sale):
        client = login(consultant)
        asked = client.post("/transactions/add", data=self.form(sale, amount="90000"))
        assert "۳۰٬۰۰۰ تومان بیش از مبلغ فروش" in asked.text

        both = client.post("/transactions/add", data=self.form(sale, amount="90000", method="cheque"))
        assert "برای چک لازم است" in both.text
        assert "ذخیره با این حال" not in both.text

    def test_a_sale_of_a_colleague_is_no_choice(self, session, login, consultant, colleague, sale):
        theirs = SaleFactory(consultant_id=colleague.id)
        session.commit()
        answer = login(consultant).post("/transactions/add", data=self.form(theirs))
        assert (answer.status_code, "یکی از فهرست را انتخاب کنید" in answer.text) == (422, True)

    def test_the_state_is_no_field(self, session, login, consultant, sale):
        data = self.form(sale, status="verified", paid="1", reference="8")
        login(consultant).post("/transactions/add", data=data)
        row = session.query(Transaction).filter_by(reference="8").one()
        assert (row.status, row.created_by_id) == (TransactionStatus.PENDING, consultant.id)

    def test_a_verified_payment_is_not_edited(self, session, login, manager, sale):
        row = TransactionFactory(sale=sale, status=TransactionStatus.VERIFIED)
        session.commit()
        client = login(manager)

        answer = client.post(
            f"/transactions/edit/{row.id}", data={"method": "cash", "amount": "5", "at": "1405/09/01"}
        )
        assert answer.status_code == 422
        assert f"/transactions/edit/{row.id}" not in client.get(f"/transactions/show/{row.id}").text


def test_the_tracking_number_has_persian_digits_everywhere(session, client, sale):
    key = payment_of(session, sale).id

    for url in ("/transactions/?tab=all", f"/transactions/show/{key}", f"/sales/show/{sale.id}"):
        page = client.get(url).text
        assert "۷۷۴۱۲۰" in page, url
        assert "774120" not in page, url
