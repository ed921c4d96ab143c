"""F08: when the original is deleted, taken back or restored, the oldest living order stands in its place."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.panel.records.delete import soft_delete
from app.panel.records.deleted_rows import find_rows
from app.panel.records.restore import restore
from app.services.assignment.assign import assign
from app.services.imports.undo import undo_import
from models.audit.event import AuditEvent
from models.customer import Customer
from models.order import Order, OrderStatus
from models.organization import Organization, RepeatPolicy
from models.tenancy.scope import Actor, bind, whole_organization
from tests.factories import ProductFactory
from tests.support.dealing import owners
from tests.support.orders import colleagues_orders, living, place, take_in


@pytest.fixture(autouse=True)
def _colleagues_orders_stay(colleagues_rows, manager):
    """What a colleague works on has no part in any of these acts."""
    before = colleagues_orders()
    yield
    assert len(before) == 2
    assert colleagues_orders() == before


@pytest.fixture
def product(manager):
    return ProductFactory(code="P-101")


@pytest.fixture
def policy(manager, organization):
    def choose(policy: RepeatPolicy) -> None:
        db.session.get(Organization, organization.id).repeat_policy = policy
        db.session.flush()

    return choose


def delete(order: Order) -> None:
    soft_delete(Order, [order.id])


def bring_back(*orders: Order) -> None:
    restore(find_rows(Order, [order.id for order in orders]))


ALL = list(RepeatPolicy)
IMPORTED = select(Order).where(Order.import_job_id.is_not(None)).order_by(Order.id)


class TestF08TheOriginalIsTakenBack:
    FILE = "موبایل,محصول,نام\n09121234567,P-101,نگار\n09120000000,P-101,سارا\n"

    def test_the_next_import_waits_in_the_tray(self, product):
        first, second = take_in(self.FILE), take_in(self.FILE.replace("نگار", "نگار صالحی"))
        third = take_in(self.FILE.replace("سارا", "سارا یزدی"))

        undo_import(first)

        keys = [order.id for order in db.session.scalars(IMPORTED)]
        assert living() == [
            *[(OrderStatus.NEW, False, None)] * 2,
            *[(OrderStatus.HELD, True, key) for key in keys[:2]],
        ]
        undo_import(second)
        assert living() == [(OrderStatus.NEW, False, None)] * 2
        undo_import(third)
        assert living() == []

    @pytest.mark.parametrize("chosen", ALL)
    def test_restored_it_is_the_original_again(self, product, policy, chosen):
        policy(chosen)
        take_in(self.FILE)
        take_in(self.FILE + "09123333333,P-101,امید\n")
        orders = db.session.scalars(IMPORTED).all()
        undo_import(orders[0].import_job)
        assert [is_repeat for _status, is_repeat, _original in living()] == [False] * 3

        bring_back(*orders[:2])

        status = OrderStatus.HELD if chosen is RepeatPolicy.HOLD else OrderStatus.NEW
        assert living() == [
            *[(OrderStatus.NEW, False, None)] * 2,
            *[(status, True, order.id) for order in orders[:2]],
            (OrderStatus.NEW, False, None),
        ]

    def test_restored_it_gives_way_to_the_one_that_somebody_works_on(self, product, manager, consultant):
        first, second = place(product, day=-2), place(product, day=-1)
        delete(first)
        assign(db.session.get(Order, second.id), consultant, by=manager)

        bring_back(first)

        assert living() == [(OrderStatus.HELD, True, second.id), (OrderStatus.ASSIGNED, False, None)]

    def test_one_that_was_closed_is_left_as_it_is(self, product):
        first = place(product, day=-2)
        first.status = OrderStatus.LOST
        second = place(product, day=-1)
        delete(first)

        bring_back(first)

        assert living() == [(OrderStatus.LOST, False, None), (OrderStatus.HELD, True, first.id)]
        assert second.repeat_of_id == first.id

    def test_one_that_was_closed_gives_way_to_no_other(self, product, manager, consultant):
        first = place(product, day=-2)
        first.status = OrderStatus.LOST
        second = place(product, day=-1)
        delete(first)
        assign(db.session.get(Order, second.id), consultant, by=manager)

        bring_back(first)

        assert living() == [(OrderStatus.LOST, False, None), (OrderStatus.ASSIGNED, False, None)]

    def test_one_that_a_colleague_works_on_gives_way_to_none(
        self, session, product, organization, manager, consultant, colleague
    ):
        first, second = place(product, day=-2), place(product, day=-1)
        delete(first)
        assign(db.session.get(Order, second.id), colleague, by=manager)
        bind(session, Actor(organization.id, consultant.id, own=True))

        bring_back(first)

        bind(session, Actor(organization.id, manager.id))
        assert living() == [(OrderStatus.HELD, True, second.id), (OrderStatus.ASSIGNED, False, None)]

    def test_one_that_its_consultant_deletes_leaves_a_repeat_that_is_no_longer_theirs(
        self, session, product, organization, manager, consultant
    ):
        first, second = place(product, day=-2), place(product, day=-1)
        assign(first, consultant, by=manager)
        bind(session, Actor(organization.id, consultant.id, own=True))
        assert session.scalars(select(Order.id).order_by(Order.id)).all() == [first.id, second.id]

        delete(first)

        assert session.scalars(select(Order.id)).all() == []

        bind(session, Actor(organization.id, manager.id))
        assert living() == [(OrderStatus.NEW, False, None)]

    def test_a_deleted_repeat_changes_nothing(self, product):
        first, second = place(product, day=-2), place(product, day=-1)

        delete(second)

        assert living() == [(OrderStatus.NEW, False, None)]
        bring_back(second)
        assert living() == [(OrderStatus.NEW, False, None), (OrderStatus.HELD, True, first.id)]

    def test_orders_of_other_people_and_products_are_left_alone(self, product):
        gone = place(product, day=-2)
        strangers = [place(product, mobile="+989120000000"), place(ProductFactory(), day=-1)]
        strangers += [place(product, mobile="+989120000000"), place(strangers[1].product)]
        before = living()[1:]

        delete(gone)

        assert living() == before

    def test_beyond_the_window_nothing_is_bound_together(self, product):
        first, second, third = place(product, day=-50), place(product, day=-25), place(product, day=-1)
        assert [second.repeat_of_id, third.repeat_of_id] == [first.id, second.id]

        delete(second)

        assert living() == [(OrderStatus.NEW, False, None)] * 2

    def test_attached_it_waits_when_the_follow_up_is_gone(self, product, policy, manager, consultant):
        policy(RepeatPolicy.ATTACH)
        first = place(product, day=-2)
        assign(first, consultant, by=manager)
        assert place(product, day=-1).status is OrderStatus.ATTACHED

        delete(first)

        assert living() == [(OrderStatus.NEW, False, None)]

    def test_with_a_follow_up_of_its_own_it_keeps_it(self, product, policy, manager, consultant):
        policy(RepeatPolicy.STICKY)
        first = place(product, day=-2)
        assign(first, consultant, by=manager)
        assert place(product, day=-1).status is OrderStatus.ASSIGNED

        delete(first)

        assert living() == [(OrderStatus.ASSIGNED, False, None)]
        assert owners(db.session()) == {consultant.id: 1}

    def test_with_its_customer_everything_goes_and_comes_back(self, product):
        first, second = place(product, day=-2), place(product, day=-1)
        soft_delete(Customer, [first.customer_id])
        assert living() == []

        restore(find_rows(Customer, [first.customer_id]))

        assert living() == [(OrderStatus.NEW, False, None), (OrderStatus.HELD, True, first.id)]
        assert second.is_repeat

    def test_what_changes_is_told_in_the_trail(self, product):
        first, second = place(product, day=-2), place(product, day=-1)
        db.session.commit()

        delete(first)
        db.session.commit()

        event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event.action == "delete"
        assert str(second.id) in str(event.after) or str(second.id) in str(event.before)

    def test_a_bulk_deletion_asks_as_much_as_a_single_one(self, product, statements):
        counts = []
        for size in (1, 40):
            orders = [place(product, mobile=f"+98912{size:03d}{number:04d}") for number in range(size)]
            for number in range(size):
                place(product, mobile=f"+98912{size:03d}{number:04d}")
            keys = [order.id for order in orders]
            with whole_organization(db.session()):
                statements.clear()
                soft_delete(Order, keys)
                counts.append(len(statements))

        assert counts[1] <= counts[0] + 1

    @pytest.mark.parametrize("path", ["row", "selection"])
    def test_by_the_pages_of_the_panel(self, session, login, manager, product, path):
        first, second = place(product, day=-2), place(product, day=-1)
        session.commit()
        browser = login(manager)

        if path == "row":
            answer = browser.post(f"/orders/delete/{first.id}")
        else:
            form = {"action": "remove", "rowid": [first.id], "_step": "run"}
            answer = browser.post("/orders/action_post", data=form)

        assert answer.status_code in {200, 302}
        assert living() == [(OrderStatus.NEW, False, None)]
        assert f'data-pk="{second.id}"' in browser.get("/orders/?tab=waiting").text
