"""E08: text filters forgive what the search forgives, on each way that rows are asked for and written."""

from __future__ import annotations

import re
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from sqlalchemy import insert, select, update

from app.lib.clock import now
from app.services.account.token import make_token
from app.services.order.new_order import NewOrder
from app.services.order.place import place_orders
from models.account import TokenScope
from models.customer import Customer
from models.filter_keys import UnfoldedStatement
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory, SmsTemplateFactory, member

# One word in the letters of several keyboards; each finds all.
SHIRAZ = ("شیراز", "شيراز", "شـیراز", "شی\u200cراز", "شِیرّاز")
PAIRS = [
    *((stored, asked) for stored in SHIRAZ for asked in SHIRAZ),
    ("آبادان", "ابادان"),
    ("كرج", "کرج"),
    ("منطقه ۱۲", "12"),
    ("منطقه 12", "۱۲"),
    ("Qom", "qom"),
    ("بندر عباس", "بندرعباس"),
    ("محلهٔ ۵", "محله"),
]


@pytest.fixture
def browser(login, manager):
    return login(manager)


@pytest.fixture
def bearer(session, manager):
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


def found(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    return {int(key) for key in re.findall(r'data-pk="(\d+)"', answer.text)}


@pytest.fixture
def cities(session, manager, stranger_organization):
    """Two customers in one city, one elsewhere, one deleted there, and one of a stranger."""
    here = [CustomerFactory(city=name).id for name in ("شیراز", "شيراز")]
    other = CustomerFactory(city="تبریز").id
    CustomerFactory(city="شیراز", deleted_at=now())
    stranger = member("Manager", stranger_organization)
    with acting_as(session, Actor(stranger_organization.id, stranger.id)):
        CustomerFactory(city="شیراز")
    session.commit()
    return SimpleNamespace(here=here, other=other)


class TestE08Reading:
    def test_e08_the_list_finds_both_spellings_and_nothing_else(self, browser, cities):
        assert found(browser, f"/customers/?f_city={quote('شیراز')}") == set(cities.here)
        assert found(browser, f"/customers/?f_city={quote('شي')}") == set(cities.here)

    @pytest.mark.parametrize(("stored", "asked"), PAIRS)
    def test_e08_letters_of_any_keyboard_mean_the_same(self, browser, session, manager, stored, asked):
        wanted = CustomerFactory(city=stored).id
        CustomerFactory(city="نوشهر")

        assert found(browser, f"/customers/?f_city={quote(asked)}") == {wanted}

    def test_e08_a_second_column_and_a_related_row(self, browser, session, manager):
        code = ProductFactory(code="كد-آ۱").id
        near = FollowUpFactory(order__customer__city="كاشان").id
        FollowUpFactory(order__customer__city="قم")
        note = SmsTemplateFactory(body="سلام {نام}، تخفیف ويژهٔ يلدا").id
        SmsTemplateFactory(body="سلام {نام}")

        assert found(browser, f"/products/?f_code={quote('کد-ا1')}") == {code}
        assert found(browser, f"/follow-ups/?tab=all&f_customer.city={quote('کاشان')}") == {near}
        assert found(browser, f"/sms-templates/?f_body={quote('ویژه یلدا')}") == {note}

    def test_e08_signs_of_a_pattern_are_letters(self, browser, session, manager):
        wanted = CustomerFactory(city="100%_ناب").id
        CustomerFactory(city="1000ناب")

        assert found(browser, f"/customers/?f_city={quote('%_')}") == {wanted}

    def test_e08_rest_finds_them_too(self, app, cities, bearer):
        answer = app.test_client().get(f"/api/v1/customers/?f_city={quote('شیراز')}", headers=bearer)

        assert {row["id"] for row in answer.json["items"]} == set(cities.here)

    def test_e08_an_act_on_all_that_match_reaches_both(self, session, browser, cities):
        data = {"action": "change", "_all": "1", "_query": f"f_city={quote('شيراز')}", "_step": "run"}
        browser.post("/customers/action_post", data=data | {"province": "فارس"})

        rows = session.scalars(select(Customer).where(Customer.province == "فارس"))
        assert {row.id for row in rows} == set(cities.here)

    def test_e08_an_export_counts_both(self, browser, cities):
        page = browser.get(f"/customers/export?f_city={quote('شيراز')}").text

        assert "۲ مشتری" in page

    @pytest.mark.parametrize("asked", ["\u200c\u200c", "\u3164", "ء"])
    def test_e08_what_folds_to_nothing_is_a_problem_and_not_all_rows(self, browser, cities, asked):
        page = browser.get(f"/customers/?f_city={quote(asked)}").text
        data = {"action": "remove", "_all": "1", "_query": f"f_city={quote(asked)}", "_step": "run"}
        browser.post("/customers/action_post", data=data)

        assert "یک حرف یا رقم بنویسید." in page
        assert found(browser, "/customers/") == {*cities.here, cities.other}


class TestE08Writing:
    def key(self, session, row):
        session.expire_all()
        return session.scalar(select(Customer.city_key).where(Customer.id == row))

    def test_e08_forms_rest_inline_and_bulk_write_the_key(self, app, session, browser, bearer):
        browser.post("/customers/add", data={"mobile": "09121234567", "city": "كرج"})
        row = session.scalars(select(Customer)).one()
        assert (row.city, self.key(session, row.id)) == ("کرج", "کرج")
        headers = bearer | {"If-Match": "*"}
        app.test_client().put(f"/api/v1/customers/{row.id}", json={"city": "آبيك"}, headers=headers)
        session.expire_all()
        assert (row.city, self.key(session, row.id)) == ("آبیک", "ابیک")
        data = {"action": "change", "_step": "run", "rowid": row.id, "city": "يزد"}
        browser.post("/customers/action_post", data=data)
        session.expire_all()
        assert (row.city, self.key(session, row.id)) == ("یزد", "یزد")
        browser.post(f"/customers/edit/{row.id}", data={"mobile": "09121234567", "city": ""})
        assert self.key(session, row.id) == ""

    def test_e08_an_import_fills_the_key_of_new_and_of_known_customers(self, session, manager, browser):
        known, full = CustomerFactory(city=None), CustomerFactory(city="قم")
        product = ProductFactory()
        session.commit()
        place_orders(
            [
                NewOrder(customer={"mobile": mobile, "city": "كيش"}, product_id=product.id, ordered_at=now())
                for mobile in (known.mobile, full.mobile, "+989351112233")
            ]
        )
        session.commit()
        fresh = session.scalars(select(Customer.id).where(Customer.mobile == "+989351112233")).one()

        assert [self.key(session, each) for each in (known.id, full.id, fresh)] == ["کیش", "قم", "کیش"]
        assert found(browser, f"/customers/?f_city={quote('كيش')}") == {known.id, fresh}

    def test_e08_statements_write_the_key_without_loading_a_row(self, session, manager):
        row, other = CustomerFactory(), CustomerFactory(city="قم")
        session.execute(update(Customer).where(Customer.id == row.id).values(city="ساوه"))
        assert self.key(session, row.id) == "ساوه"
        session.execute(
            insert(Product), [{"title": "الف", "code": "كد", "organization_id": row.organization_id}]
        )
        assert session.scalar(select(Product.code_key).where(Product.title == "الف")) == "کد"
        assert self.key(session, other.id) == "قم"

    def test_e08_a_statement_that_cannot_fold_is_refused(self, session, manager):
        row = CustomerFactory()
        with pytest.raises(UnfoldedStatement):
            session.execute(update(Customer).where(Customer.id == row.id).values(city=Customer.province))

    def test_e08_no_key_stands_in_the_trail_or_on_a_page(self, session, browser, manager):
        row = CustomerFactory(city="قم")
        session.commit()
        page = browser.get(f"/customers/trail/{row.id}").text + browser.get(f"/customers/show/{row.id}").text

        assert "city_key" not in page
