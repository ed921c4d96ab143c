"""E08: text filters forgive what the search forgives, on each way that rows are asked for and written."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import event, insert, select, text, update

from app.extensions import appbuilder, db
from app.lib.clock import now
from app.panel.filters.parsing import TEXTS, UnfoldedFilter, refuse_unfolded
from app.services.account.token import make_token
from app.services.order.new_order import NewOrder
from app.services.order.place import place_orders
from models.account import TokenScope
from models.customer import Customer
from models.filter_keys import UnfoldedStatement, key_attribute
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    ProductFactory,
    SmsTemplateFactory,
    member,
)

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


def test_e08_the_migration_fills_the_keys_of_rows_that_are_there(
    session, manager, stranger_organization, browser
):
    """Of every organisation and of deleted rows too, in batches that end between two rows."""
    path = Path(__file__).parents[3] / "models/migrations/versions/20261129_filter_keys.py"
    spec = importlib.util.spec_from_file_location("filter_keys_migration", path)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    migration._BATCH = 2
    cities = ["قم", "آمل", None, "يزد", ""]
    rows = [CustomerFactory(city=city).id for city in cities]
    rows.append(CustomerFactory(city="ساوه", deleted_at=now()).id)
    with acting_as(session, Actor(stranger_organization.id)):
        rows.append(CustomerFactory(city="کاشان").id)
    session.commit()
    everything = {"unscoped": True, "with_deleted": True}
    session.execute(text("UPDATE customers SET city_key = ''"), execution_options=everything)

    with Operations.context(MigrationContext.configure(session.connection())):
        migration._see(everything=True)
        migration._fill("customers", migration.COLUMNS["customers"])
        migration._see(everything=False)

    keys = dict(session.execute(select(Customer.id, Customer.city_key), execution_options=everything).all())
    assert [keys[row] for row in rows] == ["قم", "امل", "", "یزد", "", "ساوه", "کاشان"]
    tables = {column.attribute.class_.__table__.name for _view, column in text_filters()}
    # Tables that came later were empty.
    assert set(migration.COLUMNS) == tables - {"dossiers", "transactions", "tasks"}


def text_filters():
    for view in appbuilder.baseviews:
        for column in getattr(view, "described_filters", ()):
            if column.kind in TEXTS and column.attribute is not None:
                yield view, column


class TestE08Indexes:
    def test_e08_every_text_filter_has_a_key_with_an_index_for_any_part(self, app):
        seen = list(text_filters())
        for _view, column in seen:
            key = key_attribute(column.attribute)
            (index,) = [
                each for each in key.class_.__table__.indexes if next(iter(each.columns)).key == key.key
            ]
            assert index.dialect_options["postgresql"]["using"] == "gin"
            assert index.dialect_options["postgresql"]["ops"] == {key.key: "gin_trgm_ops"}
            assert not index.unique
        assert {"customers", "sms-templates", "products"} <= {view.slug for view, _column in seen}

    def test_e08_a_section_that_filters_by_another_text_does_not_start(self, app):
        section = next(view for view in appbuilder.baseviews if getattr(view, "slug", "") == "products")
        wrong = SimpleNamespace(described_filters=[section.describe("title")])

        with pytest.raises(UnfoldedFilter, match=r"declare Product.title with field\(…, folded=True\)"):
            refuse_unfolded(wrong)


MANY = """
INSERT INTO customers (organization_id, mobile, opted_out, search_key, sort_key, city_key, created_at, updated_at, row_version)
SELECT :here, '+98911' || lpad(n::text, 7, '0'), false, '', '', md5(n::text), now(), now(), 1 FROM generate_series(1, 20000) n;
INSERT INTO orders (organization_id, customer_id, product_id, quantity, ordered_at, status, is_repeat, created_at, updated_at, row_version)
SELECT :here, id, :product, 1, now(), 'assigned', false, now(), now(), 1 FROM customers WHERE organization_id = :here;
INSERT INTO follow_ups (organization_id, order_id, customer_id, product_id, consultant_id, status, attempts, created_at, updated_at, row_version)
SELECT :here, id, customer_id, :product, CASE WHEN id % 100 = 0 THEN :who ELSE :other END, 'open', 0, now(), now(), 1 FROM orders WHERE organization_id = :here;
SELECT gin_clean_pending_list('ix_customers_city_key');
ANALYZE customers, orders, follow_ups
"""


@pytest.mark.postgresql
@pytest.mark.parametrize("role", ["manager", "consultant"])
@pytest.mark.parametrize(
    "address", ["/customers/?f_city=abcde", "/follow-ups/?tab=all&f_customer.city=abcde"]
)
def test_e08_the_index_serves_the_filter_for_every_role(
    request, session, organization, manager, consultant, login, role, address
):
    values = {
        "here": organization.id,
        "product": ProductFactory().id,
        "who": consultant.id,
        "other": manager.id,
    }
    for statement in MANY.split(";"):
        session.execute(text(statement), values, execution_options={"unscoped": True})
    browser = login(request.getfixturevalue(role))
    plans = plans_of(lambda: browser.get(address))

    assert plans
    assert [plan for plan in plans if "ix_customers_city_key" not in plan] == []


def plans_of(act):
    """How PostgreSQL runs each statement of *act* that looks for a part of a text."""
    asked = []
    connection = db.engines[None]

    def note(_connection, _cursor, statement, parameters, *_rest):
        if " LIKE " in statement:
            asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    act()
    event.remove(connection, "before_cursor_execute", note)
    return [
        "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())
        for statement, parameters in asked
    ]
