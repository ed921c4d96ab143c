"""The undo of a merge that moved many rows runs in a job: once, as a whole, and again where its worker died."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.lib.clock import now
from models.audit.event import AuditEvent
from models.customer import Customer
from models.customer_merge import MERGE_RETENTION, CustomerMerge
from models.job import BulkJob, JobStatus
from models.order import Order
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, OrderFactory, member
from tests.panel.records.bulk_steps import HTMX, job_of, work
from tests.sales.merge_steps import post_merge

ORDERS = 4


@pytest.fixture(autouse=True)
def neighbour(stranger_organization):
    """Another organisation, made first: what was loaded before it is detached."""
    return stranger_organization


@pytest.fixture(autouse=True)
def many(monkeypatch):
    monkeypatch.setattr("views.merging.undoing.MOST_MOVED", 2)


@pytest.fixture
def browser(login, manager):
    return login(manager)


@pytest.fixture
def people(twins, session, browser):
    """The keys of two customers that were merged at once, by more rows than an undo moves at once."""
    keys = [each.id for each in twins]
    for _each in range(ORDERS):
        OrderFactory(customer=twins[1])
    session.commit()
    post_merge(browser, *twins, city=keys[1])
    return keys


@pytest.fixture
def url(session, people):
    return f"/customers/undo-merge/{session.scalar(select(CustomerMerge.id))}"


def state(session, people):
    """The city of the first customer, the survivor of the second one, and how many orders each has."""
    found = dict(
        session.execute(
            select(Customer.id, Customer.merged_into_id), execution_options={"with_deleted": True}
        ).all()
    )
    count = dict(session.execute(select(Order.customer_id, func.count()).group_by(Order.customer_id)).all())
    city = session.scalar(select(Customer.city).where(Customer.id == people[0]))
    return city, found[people[1]], [count.get(key, 0) for key in people]


def delete(session, key, at):
    statement = update(Customer).where(Customer.id == key).values(deleted_at=at)
    session.execute(statement, execution_options={"with_deleted": True, "synchronize_session": False})
    session.commit()


def merged(people):
    return "یزد", people[0], [ORDERS, 0]


PARTED = ("قم", None, [0, ORDERS])


class TestJob:
    def test_gives_all_rows_back_and_says_so(self, session, browser, organization, people, url):
        answer = browser.post(url)
        assert state(session, people) == merged(people)
        job = work(session, organization)

        assert answer.location == f"/jobs/{job.id}"
        assert (job.status, job.done, job.failed) == (JobStatus.DONE, 1, 0)
        assert state(session, people) == PARTED
        assert "ادغام بازگردانده شد." in browser.get(answer.location).text

    def test_leads_the_script_of_an_open_page_to_the_job(self, session, browser, organization, url):
        answer = browser.post(url, headers=HTMX)

        key = job_of(session, organization).id
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/jobs/{key}")

    def test_names_what_stays(self, session, browser, organization, people, url):
        OrderFactory(customer=session.get(Customer, people[0]))
        session.commit()
        browser.post(url)
        job = work(session, organization)

        assert state(session, people) == ("قم", None, [1, ORDERS])
        page = browser.get(f"/jobs/{job.id}").text
        assert re.search(r"پس از ادغام افزوده شده و نزد «[^»]*» می‌ماند: ۱ سفارش", page)

    def test_records_the_act_as_an_undo_at_once_does(self, session, browser, organization, people, url):
        browser.post(url)
        work(session, organization)

        events = select(AuditEvent.action, AuditEvent.actor_id).where(AuditEvent.action == "undo merge")
        assert session.scalar(select(func.count()).select_from(events.subquery())) >= 1
        assert session.scalar(select(func.count()).where(AuditEvent.action == "undo_merge")) == 0

    def test_few_rows_move_at_once(self, session, browser, monkeypatch, people, url):
        monkeypatch.setattr("views.merging.undoing.MOST_MOVED", 1_000)
        browser.post(url)

        assert state(session, people) == PARTED
        assert session.scalar(select(BulkJob.id)) is None

    def test_that_was_killed_begins_anew_as_a_whole(
        self, session, browser, organization, people, url, monkeypatch
    ):
        browser.post(url)
        from_there = "app.services.merge.undo.part_repeats"

        def die(*_arguments):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(from_there, die)
            with pytest.raises(KeyboardInterrupt):
                work(session, organization)
        job = job_of(session, organization)
        assert job.status is JobStatus.RUNNING
        assert state(session, people) == merged(people)
        job.lease_until = now() - timedelta(minutes=5)
        session.commit()

        assert work(session, organization).status is JobStatus.DONE
        assert state(session, people) == PARTED
        assert session.scalar(select(CustomerMerge.undone_at)) is not None


class TestOnce:
    def test_a_second_click_leads_to_the_same_job(self, session, browser, people, url):
        first, second = browser.post(url), browser.post(url)

        assert first.location == second.location
        assert session.scalar(select(func.count(BulkJob.id))) == 1

    def test_another_manager_waits(self, session, browser, login, organization, people, url):
        browser.post(url)
        answer = login(member("Manager", organization, "second")).post(url, headers=HTMX)

        assert "toast" in answer.headers["HX-Trigger"]
        assert session.scalar(select(func.count(BulkJob.id))) == 1

    def test_after_the_undo_there_is_no_second_job(self, session, browser, organization, people, url):
        browser.post(url)
        work(session, organization)
        browser.post(url)

        assert session.scalar(select(func.count(BulkJob.id))) == 1
        assert state(session, people) == PARTED

    def test_after_a_refusal_it_can_be_asked_for_again(self, session, browser, organization, people, url):
        browser.post(url)
        delete(session, people[0], now())
        job = work(session, organization)
        assert (job.status, job.done) == (JobStatus.FAILED, 0)
        delete(session, people[0], None)

        browser.post(url)
        assert work(session, organization).status is JobStatus.DONE
        assert state(session, people) == PARTED

    def test_a_number_that_is_taken_refuses_the_whole(self, session, browser, organization, people, url):
        browser.post(url)
        second = session.get(Customer, people[1], execution_options={"with_deleted": True})
        CustomerFactory(mobile=second.mobile)
        session.commit()
        job = work(session, organization)

        assert (job.status, job.failed) == (JobStatus.DONE, 1)
        assert state(session, people) == merged(people)

    def test_of_an_old_merge_is_refused_before_a_job(self, session, browser, people, url):
        session.scalars(select(CustomerMerge)).one().created_at = now() - MERGE_RETENTION
        session.commit()
        browser.post(url)

        assert session.scalar(select(BulkJob.id)) is None
        assert state(session, people) == merged(people)


class TestRights:
    def test_ends_with_the_right(self, session, browser, manager, organization, people, url):
        browser.post(url)
        manager.active = False
        session.commit()

        assert work(session, organization).status is JobStatus.FAILED
        assert state(session, people) == merged(people)

    @pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
    def test_others_may_not(self, session, login, organization, people, url, role):
        assert login(member(role, organization)).post(url).status_code == 403
        assert session.scalar(select(BulkJob.id)) is None

    def test_of_another_organisation_is_not_found(self, session, login, stranger_organization, people, url):
        assert login(member("Manager", stranger_organization)).post(url).status_code == 404
        bind(session, Actor(stranger_organization.id))
        assert session.scalar(select(BulkJob.id)) is None


def test_by_rest_is_a_job(session, call_as, manager, organization, people, url):
    api = call_as(manager)
    answers = [api("POST", f"customers/{people[0]}/undo-merge") for _twice in range(2)]

    job = session.scalars(select(BulkJob)).one()
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].headers["Location"] == f"/jobs/{job.id}"
    assert state(session, people) == merged(people)
    assert work(session, organization).status is JobStatus.DONE
    assert state(session, people) == PARTED
