"""The trash: who sees what in it, how it comes back, what can't, and what is erased for good."""

import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import current_app
from sqlalchemy import func, select

from app.lib.clock import now
from app.panel.records.delete import soft_delete
from app.services import trash
from app.tasks.trash import purge_trash
from models.assignment import Assignment, AssignmentMethod
from models.audit.event import AuditEvent
from models.customer import Address, Customer
from models.follow_up import FollowUp
from models.order import Order
from models.product import Product
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ProductFactory, organization_with

pytestmark = pytest.mark.usefixtures("colleagues_rows")

HTMX = {"HX-Request": "true"}


@pytest.fixture
def delete(session, manager, organization):
    """Deletes rows as the manager, in one act, some days ago."""

    def done(*rows, days=0):
        bind(session, Actor(organization.id, manager.id))
        batch = soft_delete(type(rows[0]), [row.id for row in rows])
        for model in {type(rows[0]), Order, FollowUp, Address}:
            for row in session.scalars(
                select(model).where(model.delete_batch == batch), execution_options={"with_deleted": True}
            ):
                row.deleted_at = now() - timedelta(days=days)
        session.commit()
        return batch

    return done


@pytest.fixture
def purge(session, organization, manager):
    """Runs the night's task in a session of its own, as a worker does; returns how many rows went."""
    organization_id = organization.id

    def run() -> int:
        with current_app.app_context():
            erased = purge_trash()
        session.expunge_all()
        bind(session, Actor(organization_id))
        return erased

    # What everybody deleted long ago goes on another night.
    session.commit()
    run()
    session.add_all([organization, manager])
    return run


def delete_abroad(session) -> tuple[int, UUID]:
    """A product that another organisation deleted: its key and its batch."""
    other = organization_with("other")
    with acting_as(session, Actor(other.id)):
        key = ProductFactory().id
        batch = soft_delete(Product, [key])
    session.commit()
    return key, batch


def living(session, model) -> set[int]:
    session.expire_all()
    return set(session.scalars(select(model.id)))


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
            link = re.search(r'href="([^"]+)"[^>]*aria-label="صفحهٔ بعد"', page)
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


class TestWhatStays:
    def test_is_a_row_whose_key_is_taken_by_now(self, session, login, manager, delete):
        gone = ProductFactory(code="K-1", title="کهنه")
        delete(gone)
        ProductFactory(code="K-1")
        session.commit()

        answer = login(manager).post(f"/trash/restore/products/{gone.id}", follow_redirects=True)

        assert gone.id not in living(session, Product)
        assert "کهنه" in answer.text
        assert "«کد»" in answer.text

    def test_does_not_keep_the_others_of_its_act(self, session, login, manager, delete):
        taken, free = ProductFactory(code="K-1"), ProductFactory(code="K-2")
        batch = delete(taken, free)
        ProductFactory(code="K-1")
        session.commit()

        answer = login(manager).post(f"/trash/restore-act/products/{batch}", headers=HTMX)

        told = json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
        assert {taken.id, free.id} & living(session, Product) == {free.id}
        assert "1 ردیف حذف‌شده می‌ماند" in told

    def test_is_a_child_without_its_parent(self, session, login, manager, delete):
        order = OrderFactory()
        delete(order.customer)

        answer = login(manager).post(f"/trash/restore/orders/{order.id}", follow_redirects=True)

        assert order.id not in living(session, Order)
        assert "«مشتری»" in answer.text

    def test_is_what_is_older_than_thirty_days(self, session, login, manager, delete):
        gone = ProductFactory()
        batch = delete(gone, days=31)
        browser = login(manager)

        codes = [
            browser.post(address).status_code
            for address in (f"/trash/restore/products/{gone.id}", f"/trash/restore-act/products/{batch}")
        ]

        assert codes == [404, 404]
        assert gone.id not in living(session, Product)

    def test_is_everything_when_one_ticked_row_is_not_there(self, session, login, manager, delete):
        gone, alive = ProductFactory(), ProductFactory()
        delete(gone)

        answer = login(manager).post("/trash/restore/products", data={"rowid": [gone.id, alive.id]})

        assert answer.status_code == 404
        assert gone.id not in living(session, Product)

    def test_is_what_another_organisation_deleted(self, session, login, manager):
        browser = login(manager)
        key, batch = delete_abroad(session)

        codes = [
            browser.post(address).status_code
            for address in (f"/trash/restore/products/{key}", f"/trash/restore-act/products/{batch}")
        ]

        assert codes == [404, 404]

    @pytest.mark.parametrize("address", ["act/products/nonsense", "/products/0", "/products/x", "/nothing/1"])
    def test_is_all_when_the_address_means_nothing(self, login, manager, address):
        assert login(manager).post(f"/trash/restore{address.replace('act', '-act')}").status_code == 404

    def test_is_all_for_who_may_not(self, session, login, consultant, delete):
        gone = ProductFactory()
        batch = delete(gone)
        browser = login(consultant)

        codes = [
            browser.get("/trash/").status_code,
            browser.post(f"/trash/restore/products/{gone.id}").status_code,
            browser.post("/trash/restore/products", data={"rowid": [gone.id]}).status_code,
            browser.post(f"/trash/restore-act/products/{batch}").status_code,
        ]

        assert codes == [403] * 4
        assert gone.id not in living(session, Product)


class TestErasing:
    def all_keys(self, session, model) -> set[int]:
        session.expire_all()
        return set(session.scalars(select(model.id), execution_options={"with_deleted": True}))

    def test_takes_what_is_over_and_nothing_younger(self, session, delete, purge):
        old, young, alive = ProductFactory(), ProductFactory(), ProductFactory()
        keys = [old.id, young.id, alive.id]
        delete(old, days=31)
        delete(young, days=29)

        erased = purge()

        assert erased == 1
        assert set(keys) & self.all_keys(session, Product) == set(keys[1:])

    def test_takes_children_before_their_parents(self, session, delete, purge):
        order = OrderFactory()
        delete(order.customer, days=31)
        key, customer_key = order.id, order.customer_id

        purge()

        assert key not in self.all_keys(session, Order)
        assert customer_key not in self.all_keys(session, Customer)

    def test_spares_what_a_ledger_names(self, session, delete, purge, manager):
        follow_up = FollowUpFactory(consultant_id=manager.id)
        key, order_key = follow_up.id, follow_up.order_id
        line = {"from_member_id": None, "to_member_id": manager.id, "method": AssignmentMethod.MANUAL}
        session.add(Assignment(order_id=order_key, started_at=now(), **line))
        delete(follow_up.order, days=31)

        purge()

        assert key not in self.all_keys(session, FollowUp)
        assert order_key in self.all_keys(session, Order)

    def test_goes_on_behind_a_chunk_that_stays(self, session, delete, purge, manager, monkeypatch):
        monkeypatch.setattr(trash, "CHUNK", 2)
        orders = [OrderFactory() for _ in range(3)]
        line = {"from_member_id": None, "to_member_id": manager.id, "method": AssignmentMethod.MANUAL}
        session.add_all(Assignment(order_id=order.id, started_at=now(), **line) for order in orders[:2])
        delete(*orders, days=31)
        keys = [order.id for order in orders]

        purge()

        assert set(keys) & self.all_keys(session, Order) == set(keys[:2])

    def test_is_told_in_the_trail(self, session, delete, purge):
        rows = [ProductFactory() for _ in range(3)]
        keys = [row.id for row in rows]
        delete(*rows, days=31)
        last = session.scalars(select(func.max(AuditEvent.id))).one()

        purge()

        told = select(AuditEvent).where(AuditEvent.action == "purge", AuditEvent.id > last)
        event = session.scalars(told).one()
        assert (event.object_type, event.after["@rows"]) == ("Product", keys)


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
