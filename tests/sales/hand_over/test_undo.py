"""The undo of every assignment."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.lib.clock import now
from app.services.assignment.round_robin import room_today
from models.assignment import Assignment
from models.audit.event import AuditEvent
from models.follow_up import FollowUp
from models.order import Order, OrderStatus
from tests.factories import CustomerFactory, OrderFactory, ResultTitleFactory, member
from tests.sales.hand_over.steps import HTMX, act, toast, undo

pytestmark = pytest.mark.usefixtures("colleagues_rows")


class TestUndo:
    @pytest.fixture
    def waiting(self, session):
        orders = [OrderFactory(customer=CustomerFactory(last_name=f"نفر {n}")) for n in range(3)]
        session.commit()
        return [order.id for order in orders]

    def statuses(self, session, keys):
        return list(session.scalars(select(Order.status).where(Order.id.in_(keys)).order_by(Order.id)))

    def test_an_assigned_order_waits_again_and_the_ledger_has_both_lines(
        self, session, login, manager, consultant, waiting, whose
    ):
        before, browser = whose(), login(manager)
        answer = act(browser, "orders", "assign", waiting[:1], member=consultant.id)
        assert len(whose()) == len(before) + 1

        assert "۱ انتساب بازگردانده شد" in toast(undo(browser, answer))["text"]

        assert whose() == before
        assert self.statuses(session, waiting[:1]) == [OrderStatus.NEW]
        first, second = session.scalars(select(Assignment).order_by(Assignment.id)).all()[-2:]
        assert (first.to_member_id, second.from_member_id, second.to_member_id) == (
            consultant.id, consultant.id, None,
        )  # fmt: skip
        assert (second.undoes_id, first.undone_at is not None, first.ended_at is not None) == (
            first.id, True, True,
        )  # fmt: skip
        assert session.scalars(select(Assignment.id).where(Assignment.counts())).all() == []
        # It can be assigned once more.
        assert act(browser, "orders", "assign", waiting[:1], member=consultant.id).status_code == 204
        assert len(whose()) == len(before) + 1

    def test_the_event_names_the_undo(self, session, login, manager, consultant, waiting):
        browser = login(manager)
        undo(browser, act(browser, "orders", "assign", waiting, member=consultant.id))

        assert "undo assignment" in set(session.scalars(select(AuditEvent.action)))

    def test_in_turn_gives_back_all_orders_the_turns_and_the_room(
        self, session, login, manager, consultant, colleague, waiting, whose
    ):
        earlier = now() - timedelta(days=3)
        for person in (consultant, colleague):
            person.last_assigned_at, person.daily_capacity = earlier, 5
        order = OrderFactory()
        line = {"to_member_id": consultant.id, "method": "manual", "started_at": earlier}
        session.add(Assignment(order_id=order.id, **line))
        session.commit()
        before, browser = whose(), login(manager)
        answer = act(browser, "orders", "assign_in_turn", waiting)
        assert sum(room_today([consultant, colleague]).values()) < 10

        undo(browser, answer)

        assert whose() == before
        assert self.statuses(session, waiting) == [OrderStatus.NEW] * 3
        session.expire_all()
        assert consultant.last_assigned_at == earlier
        assert colleague.last_assigned_at is None
        assert room_today([consultant, colleague]) == {consultant.id: 5, colleague.id: 5}

    def test_what_changed_since_stays_and_is_named(
        self, session, login, manager, consultant, colleague, waiting, whose
    ):
        browser = login(manager)
        answer = act(browser, "orders", "assign", waiting, member=consultant.id)
        rows = session.scalars(
            select(FollowUp).where(FollowUp.order_id.in_(waiting)).order_by(FollowUp.id)
        ).all()
        sent = {"result_title": ResultTitleFactory().id, "note": "بعد"}
        assert (
            login(consultant).post(f"/follow-ups/{rows[0].id}/result", data=sent, headers=HTMX).status_code
            == 204
        )
        browser = login(manager)
        act(browser, "follow-ups", "reassign", [rows[1].id], member=colleague.id)

        words = toast(undo(browser, answer))["text"]

        assert "۱ انتساب بازگردانده شد" in words
        assert "۲ مورد تغییر نکرد" in words
        assert "نفر ۰: پس از انتساب، نتیجه ثبت شده است" in words
        assert "نفر ۱: پس از آن به مشاور دیگری داده شده است" in words
        owners = whose()
        assert [owners.get(key) for key in waiting] == [consultant.id, colleague.id, None]
        assert self.statuses(session, waiting) == [
            OrderStatus.ASSIGNED,
            OrderStatus.ASSIGNED,
            OrderStatus.NEW,
        ]

    def test_an_edited_or_deleted_follow_up_stays(self, session, login, manager, consultant, waiting, whose):
        browser = login(manager)
        answer = act(browser, "orders", "assign", waiting[:2], member=consultant.id)
        edited, deleted = session.scalars(
            select(FollowUp).where(FollowUp.order_id.in_(waiting)).order_by(FollowUp.id)
        )
        edited.next_at, deleted.deleted_at = now() + timedelta(days=1), now()
        session.commit()

        words = toast(undo(browser, answer))["text"]

        assert "تغییر کرده است" in words
        assert "حذف شده است" in words
        assert whose()[waiting[0]] == consultant.id

    def test_a_reassignment_goes_back_and_keeps_its_results(
        self, session, login, manager, consultant, colleague, customer, whose
    ):
        row = customer.rows[0]
        row.last_entry_at = now() - timedelta(days=1)
        session.commit()
        before, browser = whose(), login(manager)
        answer = act(browser, "customers", "reassign", [customer.id], member=colleague.id)
        assert whose() != before

        undo(browser, answer)

        assert whose() == before
        open_lines = session.scalars(
            select(Assignment).where(Assignment.order_id == row.order_id, Assignment.ended_at.is_(None))
        ).all()
        assert [line.to_member_id for line in open_lines] == [consultant.id]

    def test_twice_does_it_once(self, session, login, manager, consultant, waiting):
        browser = login(manager)
        answer = act(browser, "orders", "assign", waiting, member=consultant.id)
        undo(browser, answer)
        lines = session.scalar(select(func.count(Assignment.id)))

        assert toast(undo(browser, answer))["level"] == "danger"
        assert session.scalar(select(func.count(Assignment.id))) == lines

    def test_is_for_who_assigned(self, session, login, manager, organization, consultant, waiting, whose):
        other = member("Manager", organization, "other")
        session.commit()
        answer = act(login(manager), "orders", "assign", waiting, member=consultant.id)
        before = whose()

        assert toast(undo(login(other), answer))["level"] == "danger"
        assert login(consultant).post(toast(answer)["undo_url"]).status_code == 403
        assert whose() == before

    def test_a_former_consultant_who_is_switched_off_gets_nothing_back(
        self, session, login, manager, consultant, colleague, customer, whose
    ):
        browser = login(manager)
        answer = act(browser, "customers", "reassign", [customer.id], member=colleague.id)
        consultant.active = False
        session.commit()
        before = whose()

        assert "به مشاور پیشین نمی‌توان کار داد" in toast(undo(browser, answer))["text"]
        assert whose() == before

    def test_a_follow_up_from_the_trash_takes_its_order_out_of_the_tray(
        self, session, login, manager, consultant, waiting, whose
    ):
        browser = login(manager)
        undo(browser, act(browser, "orders", "assign", waiting[:1], member=consultant.id))
        deleted = session.scalars(
            select(FollowUp.id).where(FollowUp.order_id == waiting[0]),
            execution_options={"with_deleted": True},
        ).one()

        browser.post(f"/trash/restore/follow-ups/{deleted}")

        assert whose()[waiting[0]] == consultant.id
        assert self.statuses(session, waiting[:1]) == [OrderStatus.ASSIGNED]
