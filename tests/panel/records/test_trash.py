"""The trash: who sees which rows, and restoring them."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from models.audit.event import AuditEvent
from models.customer import Address, Customer
from models.follow_up import FollowUp
from models.order import Order
from models.product import Product
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ProductFactory
from tests.panel.records.trash_steps import HTMX, delete_abroad, living

pytestmark = pytest.mark.usefixtures("colleagues_rows")


def shown(page: str) -> set[int]:
    return {int(key) for key in re.findall(r'data-pk="(\d+)"', page)}


class TestTheList:
    def test_shows_deleted_rows_and_no_living_one(self, session, login, manager, delete):
        gone, _alive = ProductFactory(title="رفته"), ProductFactory(title="مانده")
        delete(gone)

        page = login(manager).get("/trash/?tab=products").text

        assert shown(page) == {gone.id}
        assert "رفته" in page
        assert "مانده" not in page

    def test_opens_where_there_is_anything(self, session, login, manager, delete):
        gone = ProductFactory()
        assert 'aria-current="page">پیگیری‌ها' in login(manager).get("/trash/").text
        delete(gone)

        assert shown(login(manager).get("/trash/").text) == {gone.id}

    def test_says_who_deleted_and_for_how_long_it_is_kept(self, session, login, manager, delete):
        delete(ProductFactory(), days=27)

        page = login(manager).get("/trash/?tab=products").text

        assert manager.full_name in page
        assert "۲ روز" in page

    def test_forgets_what_is_older_than_thirty_days(self, session, login, manager, delete):
        delete(ProductFactory(), days=31)

        assert shown(login(manager).get("/trash/?tab=products").text) == set()

    def test_is_searched_as_the_section_is(self, session, login, manager, delete):
        wanted, other = CustomerFactory(last_name="کاظمی"), CustomerFactory(last_name="نوری")
        delete(wanted, other)

        assert shown(login(manager).get("/trash/?tab=customers&q=كاظمي").text) == {wanted.id}

    def test_names_a_row_whose_parents_are_deleted_too(self, session, login, manager, delete):
        order = OrderFactory(customer__last_name="کاظمی")
        delete(order.customer)

        assert "کاظمی" in login(manager).get("/trash/?tab=orders").text

    def test_turns_pages_without_losing_or_repeating_a_row(self, session, login, manager, delete):
        rows = [ProductFactory() for _ in range(60)]
        delete(*rows)
        browser, found, address = login(manager), [], "/trash/?tab=products"

        while address:
            page = browser.get(address).text
            found += re.findall(r'data-pk="(\d+)"', page)
            link = re.search(r'href="([^"]+)"[^>]*title="صفحهٔ بعد"', page)
            address = link and link[1].replace("&amp;", "&")

        assert sorted(map(int, found)) == [row.id for row in rows]

    def test_shows_nothing_of_another_organisation(self, session, login, manager, delete):
        browser, key = login(manager), ProductFactory().id
        delete(session.get(Product, key))
        delete_abroad(session)

        assert shown(browser.get("/trash/?tab=products").text) == {key}

    @pytest.mark.parametrize("tab", ["nothing", "audit", "members"])
    def test_of_a_section_without_trash_does_not_exist(self, login, manager, tab):
        assert login(manager).get(f"/trash/?tab={tab}").status_code == 404

    def test_that_is_empty_says_what_it_is_for(self, login, manager):
        assert "سی روز" in login(manager).get("/trash/").text


class TestComingBack:
    def test_of_a_row_brings_what_went_with_it(self, session, login, manager, delete):
        follow_up = FollowUpFactory(consultant_id=manager.id)
        address = Address(customer=follow_up.customer, line="خیابان")
        session.add(address)
        session.flush()
        delete(follow_up.customer)

        login(manager).post(f"/trash/restore/customers/{follow_up.customer_id}")

        assert follow_up.customer_id in living(session, Customer)
        assert follow_up.order_id in living(session, Order)
        assert follow_up.id in living(session, FollowUp)
        assert address.id in living(session, Address)

    def test_leaves_what_was_deleted_before_on_its_own(self, session, login, manager, delete):
        order = OrderFactory()
        other = OrderFactory(customer=order.customer)
        delete(other)
        delete(order.customer)

        login(manager).post(f"/trash/restore/customers/{order.customer_id}")

        assert {order.id, other.id} & living(session, Order) == {order.id}

    def test_of_an_act_brings_all_of_its_rows(self, session, login, manager, delete):
        rows = [ProductFactory() for _ in range(3)]
        batch = delete(*rows)
        alone = ProductFactory()
        delete(alone)

        login(manager).post(f"/trash/restore-act/products/{batch}")

        assert {*(row.id for row in rows), alone.id} & living(session, Product) == {row.id for row in rows}

    def test_of_an_act_can_be_asked_for_beside_a_child(self, session, login, manager, delete):
        order = OrderFactory()
        batch = delete(order.customer)

        login(manager).post(f"/trash/restore-act/orders/{batch}")

        assert order.id in living(session, Order)
        assert order.customer_id in living(session, Customer)

    def test_of_ticked_rows(self, session, login, manager, delete):
        rows = [ProductFactory() for _ in range(3)]
        delete(*rows)

        answer = login(manager).post(
            "/trash/restore/products", data={"rowid": [row.id for row in rows[:2]]}, headers=HTMX
        )

        assert "list:reload" in answer.headers["HX-Trigger"]
        assert {row.id for row in rows} & living(session, Product) == {row.id for row in rows[:2]}

    def test_is_told_in_the_trail(self, session, login, manager, delete):
        gone = ProductFactory()
        delete(gone)

        login(manager).post(f"/trash/restore/products/{gone.id}")

        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert (event.action, event.object_type, event.object_id, event.actor_id) == (
            "restore", "Product", gone.id, manager.id,
        )  # fmt: skip


def test_undoing_after_a_restore_of_the_same_act_says_that_it_is_too_late(session, login, manager, delete):
    gone = ProductFactory()
    batch = delete(gone)
    browser = login(manager)
    browser.post(f"/trash/restore-act/products/{batch}")

    answer = browser.post(f"/products/undo/{batch}", follow_redirects=True)

    assert "مدیر" in answer.text
    assert session.scalar(select(func.count()).select_from(Product).where(Product.id == gone.id)) == 1


def test_an_unknown_act_can_t_be_undone(login, manager):
    assert login(manager).post(f"/products/undo/{uuid4()}", headers=HTMX).status_code == 204
