"""E08: the keys of text filters, filled by the migration and served by an index."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select, text

from app.extensions import appbuilder
from app.lib.clock import now
from app.panel.filters.parsing import TEXTS, UnfoldedFilter, refuse_unfolded
from models.customer import Customer
from models.filter_keys import key_attribute
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, ProductFactory
from tests.panel.lists.filter_steps import plans_of


def test_e08_the_migration_fills_the_keys_of_rows_that_are_there(session, manager, stranger_organization):
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
