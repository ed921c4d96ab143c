"""The trash: rows that can't come back, and rows that are erased."""

import json

import pytest
from flask import current_app
from sqlalchemy import func, select

from app.lib.clock import now
from app.services import trash
from app.tasks.trash import purge_trash
from models.assignment import Assignment, AssignmentMethod
from models.audit.event import AuditEvent
from models.customer import Customer
from models.follow_up import FollowUp
from models.order import Order
from models.product import Product
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, OrderFactory, ProductFactory
from tests.panel.records.trash_steps import HTMX, delete_abroad, living

pytestmark = pytest.mark.usefixtures("colleagues_rows")


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
        assert "1 مورد حذف‌شده می‌ماند" in told

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
