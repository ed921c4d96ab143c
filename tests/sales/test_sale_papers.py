"""Invoice, pro-forma and label of a sale, its changes by hand and by REST."""

import pytest
from sqlalchemy import select

from app.services.account.token import make_token
from models.account import TokenScope
from models.customer import Address
from models.sale import Sale, SaleStatus
from models.tenancy.scope import Actor, acting_as
from tests.factories import SaleFactory, member
from tests.sales.sale_steps import HTMX, RUN, payment_of
from tests.support.pages import untouched


class TestPapers:
    def test_a_preview_gets_its_number_once(self, session, login, consultant, sale):
        client = login(consultant)
        assert "پیش‌نمایش" in client.get(f"/sales/{sale.id}/proforma").text

        for _ in range(2):
            client.post(f"/sales/{sale.id}/proforma/issue")
        session.expire_all()
        assert (session.get(Sale, sale.id).proforma_number, sale.invoice_number) == (1, None)
        page = client.get(f"/sales/{sale.id}/proforma").text
        assert "صد هزار تومان" in page
        assert "data-print" in page

    def test_each_series_and_each_organisation_counts_alone(
        self, session, login, manager, stranger_organization, sale
    ):
        second = SaleFactory().id
        first = sale.id
        with acting_as(session, Actor(stranger_organization.id)):
            neighbour = member("Manager", stranger_organization)
            theirs = SaleFactory(consultant_id=neighbour.id)
        session.commit()
        foreign = theirs.id
        login(neighbour).post(f"/sales/{foreign}/invoice/issue")
        client = login(manager)
        for key in (second, first):
            client.post(f"/sales/{key}/invoice/issue")
        client.post(f"/sales/{first}/proforma/issue")

        session.expire_all()
        rows = session.execute(
            select(Sale.id, Sale.invoice_number, Sale.proforma_number).order_by(Sale.id)
        ).all()
        assert {tuple(row) for row in rows} >= {(second, 1, None), (first, 2, 1)}

    def test_an_issued_sale_is_not_deleted_and_keeps_its_number(self, session, login, manager, sale):
        client = login(manager)
        client.post(f"/sales/{sale.id}/invoice/issue")
        other = SaleFactory()
        session.commit()

        assert client.post(f"/sales/delete/{sale.id}", headers=HTMX).status_code == 204
        data = {**RUN, "action": "remove", "rowid": [str(sale.id), str(other.id)]}
        client.post("/sales/action_post", data=data, headers=HTMX)
        session.expire_all()
        assert session.scalars(select(Sale.id)).all() == [sale.id]

        client.post(f"/sales/action/cancel_sale/{sale.id}", data={**RUN, "reason": "انصراف"})
        session.expire_all()
        assert (session.get(Sale, sale.id).status, sale.invoice_number) == (SaleStatus.CANCELLED, 1)
        assert "لغو شده" in client.get(f"/sales/{sale.id}/invoice").text

    @pytest.mark.parametrize("status", [SaleStatus.DRAFT, SaleStatus.CANCELLED, SaleStatus.REFUNDED])
    def test_no_invoice_for_what_is_no_sale(self, session, login, manager, status):
        row = SaleFactory(status=status)
        session.commit()
        login(manager).post(f"/sales/{row.id}/invoice/issue")
        session.expire_all()
        assert session.get(Sale, row.id).invoice_number is None

    def test_the_label_of_a_delivery(self, session, login, consultant, sale):
        assert login(consultant).get(f"/sales/{sale.id}/label").status_code == 404
        row = Address(customer_id=sale.customer_id, city="شیراز", line="کوچهٔ ۱۲", postal_code="7194683215")
        session.add(row)
        session.flush()
        sale.address_id = row.id
        session.commit()

        page = login(consultant).get(f"/sales/{sale.id}/label").text
        assert "کوچهٔ ۱۲" in page
        assert "۷۱۹۴۶۸۳۲۱۵" in page


class TestChanging:
    def test_a_discount_moves_amount_balance_and_state(self, session, login, manager, sale):
        client, key = login(manager), sale.id
        client.post(f"/transactions/action/verify/{payment_of(session, sale).id}", data=RUN)

        assert (
            client.post(f"/sales/edit/{key}", data={"sold_at": "1405/09/01", "discount": "80000"}).status_code
            == 302
        )

        session.expire_all()
        row = session.get(Sale, key)
        assert (row.amount, row.discount, row.balance, row.status) == (400_000, 800_000, 0, SaleStatus.PAID)

    def test_a_discount_is_not_larger_than_the_items(self, session, login, manager, sale):
        refused = login(manager).post(
            f"/sales/edit/{sale.id}", data={"sold_at": "1405/09/01", "discount": "120001"}
        )
        assert (refused.status_code, "تخفیف از مبلغ بیشتر است" in refused.text) == (422, True)

    def test_an_invoice_fixes_the_sums_and_closing_fixes_everything(self, session, login, manager, sale):
        client, key = login(manager), sale.id
        client.post(f"/sales/{key}/invoice/issue")
        form = {"sold_at": "1405/09/01", "discount": "0"}
        assert client.post(f"/sales/edit/{key}", data=form).status_code == 422
        assert client.post(f"/sales/edit/{key}", data=form | {"discount": "20000"}).status_code == 302

        client.post(f"/sales/action/cancel_sale/{key}", data={**RUN, "reason": "انصراف"})
        assert client.post(f"/sales/edit/{key}", data=form | {"discount": "20000"}).status_code == 422
        assert client.post(f"/sales/{key}/address", data={"line": "کوچه"}).status_code == 422
        assert f"/sales/edit/{key}" not in client.get(f"/sales/show/{key}").text

    def test_an_older_form_does_not_overwrite(self, login, manager, sale):
        client, key = login(manager), sale.id
        page = untouched(client.get(f"/sales/edit/{key}").text)
        old = {name: text for name, text in page.items() if not name.startswith("items")}
        client.post(f"/sales/edit/{key}", data={"sold_at": "1405/09/01", "discount": "10000"})

        answer = client.post(f"/sales/edit/{key}", data=old | {"discount": "30000"})
        assert answer.status_code == 409

    def test_an_address_of_its_own(self, session, login, manager, sale):
        client, key = login(manager), sale.id
        form = {"line": "کوچهٔ ۱۲", "city": "شیراز", "postal_code": "۷۱۹۴۶-۸۳۲۱۵"}
        for _ in range(2):
            assert client.post(f"/sales/{key}/address", data=form).status_code == 302

        session.expire_all()
        [row] = session.scalars(select(Address)).all()
        assert (session.get(Sale, key).address_id, row.postal_code, row.is_default) == (
            row.id,
            "7194683215",
            True,
        )
        client.post(f"/sales/{key}/address", data=form | {"line": "کوچهٔ ۱۴"})
        session.expire_all()
        assert len(session.scalars(select(Address)).all()) == 2
        assert "کوچهٔ ۱۴" in client.get(f"/sales/show/{key}").text

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("line", " ", "آدرس را بنویسید"),
            ("postal_code", "123", "کد پستی ده رقم دارد"),
            ("postal_code", "71946x3215", "کد پستی ده رقم دارد"),
        ],
    )
    def test_an_odd_address_is_refused_beside_its_field(
        self, session, login, manager, sale, field, value, words
    ):
        form = {"line": "کوچه", field: value}
        refused = login(manager).post(f"/sales/{sale.id}/address", data=form)
        assert (refused.status_code, words in refused.text) == (422, True)
        assert session.scalars(select(Address)).all() == []

    def test_who_may_not_edit(self, login, consultant, support, sale):
        for person in (consultant, support):
            assert login(person).get(f"/sales/{sale.id}/address").status_code == 403
            assert login(person).post(f"/sales/{sale.id}/address", data={"line": "x"}).status_code == 403


def test_rest_reads_changes_and_deletes(session, app, organization, manager, sale):
    _row, token = make_token(manager, name="program", scope=TokenScope.WRITE, days=1)
    session.commit()
    client, key = app.test_client(), sale.id
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}

    listed = client.get("/api/v1/sales/?tab=owing", headers=headers).json
    assert [each["id"] for each in listed["items"]] == [key]
    changed = client.put(f"/api/v1/sales/{key}", json={"discount": 0}, headers=headers)
    assert (changed.status_code, changed.json["amount"], changed.json["balance"]) == (200, 120_000, 120_000)
    assert client.get("/api/v1/transactions/", headers=headers).status_code == 404

    with acting_as(session, Actor(organization.id, manager.id)):
        session.get(Sale, key).invoice_number = 1
        session.commit()
    refused = client.delete(f"/api/v1/sales/{key}", headers=headers)
    assert (refused.status_code, "فاکتور" in refused.json["title"]) == (409, True)
