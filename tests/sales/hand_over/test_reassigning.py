"""Work that goes to another consultant from orders and customers."""

import pytest
from sqlalchemy import select

from models.follow_up import FollowUp
from models.job import JobStatus
from models.order import OrderStatus
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory
from tests.panel.records.bulk_steps import work
from tests.sales.hand_over.steps import act, toast
from tests.support.pages import row_menus

pytestmark = pytest.mark.usefixtures("colleagues_rows")


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
