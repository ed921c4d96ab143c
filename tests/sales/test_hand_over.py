"""Work that goes to another consultant from orders and customers, and every assignment's way back."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.lib.clock import now
from app.lib.persian import persian_digits
from app.services.assignment.round_robin import room_today
from models.assignment import Assignment
from models.audit.event import AuditEvent
from models.follow_up import FollowUp, FollowUpStatus
from models.job import JobStatus
from models.order import Order, OrderStatus
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ResultTitleFactory, member
from tests.panel.records.bulk_steps import work
from tests.support.pages import row_menus

pytestmark = pytest.mark.usefixtures("colleagues_rows")

HTMX = {"HX-Request": "true"}


def act(browser, section, action, keys, **fields):
    data = {"action": action, "_step": "run", "rowid": keys} | fields
    return browser.post(f"/{section}/action_post", data=data, headers=HTMX)


def toast(answer):
    found = json.loads(answer.headers["HX-Trigger"])["toast"]
    return found | {"text": persian_digits(found["text"])}


def undo(browser, answer):
    return browser.post(toast(answer)["undo_url"], headers=HTMX)


@pytest.fixture
def whose(session, organization):
    def find():
        bind(session, Actor(organization.id))
        return dict(map(tuple, session.execute(select(FollowUp.order_id, FollowUp.consultant_id))))

    return find


@pytest.fixture
def customer(consultant, colleague, session):
    """A customer with an open follow-up, a closed one and a deleted one, each of the consultant."""
    customer = CustomerFactory(last_name="شریفی")
    rows = [FollowUpFactory(consultant_id=consultant.id, order__customer=customer) for _ in range(3)]
    rows[1].status = FollowUpStatus.LOST
    rows[2].deleted_at = now()
    session.commit()
    customer.rows = rows
    return customer


class TestReassigning:
    def test_a_customers_open_work_goes_and_what_is_closed_or_deleted_stays(
        self, session, login, manager, consultant, colleague, customer
    ):
        answer = act(login(manager), "customers", "reassign", [customer.id], member=colleague.id)

        assert f"به {colleague.full_name}" in toast(answer)["text"]
        found = session.execute(
            select(FollowUp.id, FollowUp.consultant_id).where(FollowUp.customer_id == customer.id),
            execution_options={"with_deleted": True},
        )
        assert dict(map(tuple, found)) == {
            row.id: colleague.id if number == 0 else consultant.id for number, row in enumerate(customer.rows)
        }

    def test_an_order_names_why_it_stays(self, login, manager, colleague, customer):
        open_row, closed_row, _deleted = customer.rows
        keys = [open_row.order_id, closed_row.order_id]

        answer = act(login(manager), "orders", "reassign", keys, member=colleague.id)

        assert "۱ مورد تغییر نکرد: پیگیری باز ندارد." in toast(answer)["text"]

    def test_a_row_without_open_work_is_refused(self, login, manager, colleague):
        answer = act(login(manager), "customers", "reassign", [CustomerFactory().id], member=colleague.id)

        assert answer.status_code == 422
        assert "پیگیری باز ندارد" in answer.text

    @pytest.mark.parametrize("section", ["orders", "customers"])
    def test_a_consultant_may_not(self, login, consultant, customer, whose, section):
        before = whose()
        key = customer.id if section == "customers" else customer.rows[0].order_id

        answer = act(login(consultant), section, "reassign", [key], member=consultant.id)

        assert answer.status_code == 403
        assert whose() == before

    def test_a_strangers_customer_is_not_found(
        self, session, login, manager, colleague, stranger_organization, organization
    ):
        bind(session, Actor(stranger_organization.id))
        key = CustomerFactory().id
        bind(session, Actor(organization.id))

        assert act(login(manager), "customers", "reassign", [key], member=colleague.id).status_code == 404

    def test_more_than_the_limit_becomes_a_job_that_comes_back(
        self, session, login, manager, organization, consultant, colleague, whose, monkeypatch
    ):
        monkeypatch.setattr("app.panel.bulk.routes.MOST_AT_ONCE", 2)
        monkeypatch.setattr("app.panel.bulk.job.CHUNK", 2)
        for _ in range(3):
            FollowUpFactory(consultant_id=consultant.id, order__customer=CustomerFactory(city="یزد"))
        session.commit()
        before, browser = whose(), login(manager)
        data = {"action": "reassign", "_all": "1", "_query": "f_city=یزد", "_step": "run"}
        browser.post("/customers/action_post", data=data | {"member": colleague.id})

        job = work(session, organization)

        assert (job.status, job.done, job.failed) == (JobStatus.DONE, 3, 0)
        assert job.form["@tally"] == {colleague.full_name: 3}
        assert whose() != before
        browser.post(job.form["@undo"])
        assert whose() == before


class TestTheMenuOfAnOrder:
    def test_has_the_assignment_that_suits_it(self, login, manager, customer):
        waiting = OrderFactory(customer=customer)
        browser = login(manager)

        page = browser.get("/orders/").text

        assert {("action/assign/" in each, "action/reassign/" in each) for each in row_menus(page)} == {
            (True, False),
            (False, True),
        }
        assert waiting.status is OrderStatus.NEW


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
