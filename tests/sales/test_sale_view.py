"""The sections of sales and payments: lists, the page of a sale, its moves, and who may not."""

import re

from sqlalchemy import select

from models.sale import Sale, SaleStatus
from models.transaction import Transaction, TransactionStatus
from tests.factories import SaleFactory, TransactionFactory
from tests.sales.sale_steps import HTMX, RUN, payment_of
from tests.support.pages import untouched


def test_the_list_shows_balance_and_state(session, login, manager, consultant, sale):
    SaleFactory(amount=500_000, paid=500_000, status=SaleStatus.PAID)
    SaleFactory(amount=700_000, status=SaleStatus.CANCELLED)
    session.commit()

    everything = login(manager).get("/sales/").text
    assert everything.count("data-pk=") == 3
    assert "تسویه" in everything
    owing = login(manager).get("/sales/?tab=owing").text
    assert re.findall(r'data-pk="(\d+)"', owing) == [str(sale.id)]
    assert "۱۰۰٬۰۰۰" in owing


def test_a_consultant_sees_own_sales_alone(session, login, consultant, colleague, sale):
    theirs = SaleFactory(consultant_id=colleague.id)
    TransactionFactory(sale=theirs)
    session.commit()
    client = login(consultant)

    assert re.findall(r'data-pk="(\d+)"', client.get("/sales/").text) == [str(sale.id)]
    assert client.get("/transactions/?tab=all").text.count("data-pk=") == 1
    for path in ("show/{}", "{}/proforma", "{}/label"):
        assert client.get(f"/sales/{path.format(theirs.id)}").status_code == 404
    assert client.get(f"/transactions/add?sale={theirs.id}").text.count(f'value="{theirs.id}"') == 0


def test_a_search_finds_sales_and_payments_by_the_customer(session, login, manager, sale):
    SaleFactory()
    session.commit()
    mobile = sale.customer.mobile.removeprefix("+98")

    assert re.findall(r'data-pk="(\d+)"', login(manager).get(f"/sales/?q={mobile}").text) == [str(sale.id)]
    assert login(manager).get(f"/transactions/?tab=all&q={mobile}").text.count("data-pk=") == 1
    found = login(manager).get(f"/transactions/lookup/sale?q={mobile}").json
    assert [each["value"] for each in found] == [str(sale.id)]


def test_a_look_up_offers_no_closed_sale(session, login, manager, sale):
    SaleFactory(status=SaleStatus.CANCELLED)
    session.commit()

    found = login(manager).get("/transactions/lookup/sale").json
    assert [each["value"] for each in found] == [str(sale.id)]


def test_the_page_shows_items_balance_and_payments(session, login, manager, sale):
    page = login(manager).get(f"/sales/show/{sale.id}").text

    assert "۱۲۰٬۰۰۰" in page  # before the discount, in tomans
    assert "−۲۰٬۰۰۰" in page
    assert "پس از تأیید ۶۰٬۰۰۰" in page.replace("۶۰٬۰۰۰ پس از تأیید", "پس از تأیید ۶۰٬۰۰۰")
    assert f"/transactions/action/verify/{payment_of(session, sale).id}" in page
    assert "آدرسی ثبت نشده است" in page


def test_who_may_not_verify_gets_no_button_and_no_way(session, login, consultant, support, sale):
    key = payment_of(session, sale).id
    for person in (consultant, support):
        client = login(person)
        assert "/action/verify/" not in client.get(f"/sales/show/{sale.id}").text
        for name in ("verify", "reject", "pay_back"):
            answer = client.post(f"/transactions/action/{name}/{key}", data={**RUN, "reason": "د"})
            assert answer.status_code == 403
        for name in ("deliver", "cancel_sale", "refund_sale", "confirm_sale"):
            answer = client.post(f"/sales/action/{name}/{sale.id}", data={**RUN, "reason": "د"})
            assert answer.status_code == 403
        assert client.post(f"/sales/{sale.id}/invoice/issue").status_code == 403
        assert client.post(f"/transactions/{key}/take-back").status_code == 403
    assert payment_of(session, sale).status is TransactionStatus.PENDING


def test_a_support_agent_sees_all_sales_of_the_organisation(login, support, sale):
    assert f'data-pk="{sale.id}"' in login(support).get("/sales/").text
    assert login(support).get(f"/sales/{sale.id}/invoice").status_code == 404


class TestMoves:
    def test_delivered_and_taken_back(self, session, login, manager, sale):
        client = login(manager)
        answer = client.post(f"/sales/action/deliver/{sale.id}", data=RUN, headers=HTMX)
        assert f"/sales/{sale.id}/take-back-delivery" in answer.headers["HX-Trigger"]
        session.expire_all()
        assert session.get(Sale, sale.id).status is SaleStatus.DELIVERED

        client.post(f"/sales/{sale.id}/take-back-delivery", headers=HTMX)
        session.expire_all()
        assert session.get(Sale, sale.id).status is SaleStatus.CONFIRMED

    def test_the_menu_offers_what_is_possible(self, login, manager, sale):
        page = login(manager).get(f"/sales/show/{sale.id}").text
        assert f"/sales/action/cancel_sale/{sale.id}" in page
        assert f"/sales/action/refund_sale/{sale.id}" not in page

    def test_a_paid_sale_is_not_cancelled(self, session, login, manager, sale):
        login(manager).post(f"/transactions/action/verify/{payment_of(session, sale).id}", data=RUN)
        data = {**RUN, "reason": "انصراف"}
        refused = login(manager).post(f"/sales/action/cancel_sale/{sale.id}", data=data, headers=HTMX)
        assert (refused.status_code, "بازپرداخت کنید" in refused.text) == (409, True)

        login(manager).post(f"/sales/action/refund_sale/{sale.id}", data=data, headers=HTMX)
        assert payment_of(session, sale).status is TransactionStatus.REFUNDED
        assert session.get(Sale, sale.id).status is SaleStatus.REFUNDED


def test_a_deleted_sale_takes_its_payments_along_and_back(session, login, manager, sale):
    client, key = login(manager), payment_of(session, sale).id
    client.post(f"/sales/delete/{sale.id}")
    session.expire_all()
    assert session.scalars(select(Transaction.id)).all() == []

    client.post(f"/trash/restore/sales/{sale.id}")
    session.expire_all()
    assert session.scalars(select(Transaction.id)).all() == [key]


def test_a_page_and_a_list_stay_cheap(session, login, manager, sale, statements):
    client = login(manager)
    for number in range(12):
        row = SaleFactory(order__customer=sale.customer, customer=sale.customer)
        TransactionFactory(sale=row if number % 2 else sale, amount=10)
    session.commit()

    def cost(path):
        client.get(path)
        del statements[:]
        assert client.get(path).status_code == 200
        return len(statements)

    assert cost("/sales/") <= 6
    assert cost("/transactions/?tab=all") <= 6
    assert cost(f"/sales/show/{sale.id}") <= 10
    assert cost(f"/transactions/show/{payment_key(session, sale)}") <= 10


def payment_key(session, sale):
    return session.scalars(select(Transaction.id).where(Transaction.sale_id == sale.id)).first()


def test_the_address_of_a_deleted_customer_says_why_it_stays(session, client, sale):
    form = untouched(client.get(f"/sales/{sale.id}/address").text)
    client.post(f"/customers/delete/{sale.customer_id}", data=RUN, headers=HTMX)

    answer = client.post(f"/sales/{sale.id}/address", data=form | {"line": "خیابان آزادی"})

    assert answer.status_code == 422
    assert "مشتری این فروش حذف شده است" in answer.text.partition("line-error")[2]
    session.expire_all()
    assert session.get(Sale, sale.id).address_id is None


def test_an_empty_list_offers_to_add_a_sale_and_no_other_page(session, login, manager, consultant, colleague):
    def offered(person, path):
        return re.findall(
            'href="([^"]+)"', login(person).get(path).text.split('class="nothing')[1].split("</div>")[0]
        )

    assert offered(manager, "/sales/") == ["/sales/add"]
    SaleFactory(consultant_id=colleague.id)
    session.commit()
    assert offered(consultant, "/sales/") == []
