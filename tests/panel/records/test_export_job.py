"""Jobs of exports: who gets the file, and what happens to the job."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import current_app
from sqlalchemy import func, select, update

from app.gateways.storage import storage
from app.lib.clock import now
from app.panel.export.routes import ExportScreen
from app.tasks import export as tasks
from app.tasks.export import run_export, sweep_exports
from models.audit.event import AuditEvent
from models.customer import Customer
from models.job import ExportJob, JobStatus
from models.organization import Organization, OrganizationStatus
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, member
from tests.panel.records.export_steps import ask, work

pytestmark = pytest.mark.usefixtures("colleagues_rows")


HTMX = {"HX-Request": "true"}


class TestTheJob:
    @pytest.fixture
    def browser(self, session, login, manager):
        CustomerFactory.create_batch(3)
        session.commit()
        return login(manager)

    def test_is_one_for_a_form_that_is_sent_twice(self, browser, session):
        token = str(uuid4())

        answers = [ask(browser, _token=token) for _ in range(2)]

        assert answers[0].headers["Location"] == answers[1].headers["Location"]
        assert session.scalar(select(func.count(ExportJob.id))) == 1

    def test_is_told_in_the_trail_with_filter_and_number(self, browser, session, manager):
        customers = session.scalar(select(func.count(Customer.id)))

        ask(browser, query="sort=city")

        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "export")).one()
        assert (event.object_type, event.actor_id) == ("ExportJob", manager.id)
        assert {"query": "sort=city", "count": customers, "format": "csv"}.items() <= event.after.items()

    def test_leads_to_a_file_for_who_asked_alone(self, browser, session, login, organization):
        other = member("Manager", organization, "other")
        session.commit()
        address = ask(browser).headers["Location"]
        job = work(session, organization)

        mine, theirs = browser.get(f"{address}/file"), login(other).get(f"{address}/file")

        mine.close()
        assert mine.status_code == 200
        assert ".csv" in mine.headers["Content-Disposition"]
        assert mine.headers["Cache-Control"] == "private, no-store"
        assert [theirs.status_code, login(other).get(address).status_code] == [404, 404]
        assert job.original_name.startswith("مشتریان-14")
        assert session.scalar(select(func.count()).where(AuditEvent.action == "download")) == 1

    def test_leads_to_no_file_once_the_right_is_withdrawn(self, browser, session, manager, organization):
        address = ask(browser).headers["Location"]
        work(session, organization)
        manager.roles = [member("Consultant", organization, "model").roles[0]]
        session.commit()

        assert browser.get(f"{address}/file").status_code == 403
        assert session.scalar(select(func.count()).where(AuditEvent.action == "download")) == 0

    def test_is_over_after_a_day_and_its_file_goes(self, browser, session, organization):
        address = ask(browser).headers["Location"]
        job = work(session, organization)
        path = storage().path(job.stored_name)
        job.expires_at = now() - timedelta(seconds=1)
        session.commit()

        over = browser.get(f"{address}/file").status_code
        with current_app.app_context():
            sweep_exports()

        assert over == 404
        assert not path.exists()
        assert "۲۴ ساعت" in browser.get(address).text

    @pytest.mark.parametrize("loss", ["deactivated", "right"])
    def test_of_who_lost_his_place_or_right_makes_no_file(
        self, browser, session, organization, manager, loss
    ):
        ask(browser)
        if loss == "deactivated":
            manager.active = False
        else:
            manager.roles = [member("Consultant", organization, "model").roles[0]]
        session.commit()

        job = work(session, organization)

        assert (job.status, job.stored_name) == (JobStatus.FAILED, None)
        assert job.error

    @pytest.mark.parametrize("is_suspended", [True, False])
    def test_of_an_admin_ends_in_a_suspended_organisation(
        self, browser, session, organization, stranger_organization, is_suspended
    ):
        ask(browser)
        closed = organization.id if is_suspended else stranger_organization.id
        status = update(Organization).where(Organization.id == closed)
        session.execute(status.values(status=OrganizationStatus.SUSPENDED))
        admin = member("Admin", None, "platform")
        session.execute(update(ExportJob).values(created_by_id=admin.id))
        session.commit()

        job = work(session, organization)

        ended = (JobStatus.FAILED, "سازمان در این میان تعلیق شد.") if is_suspended else (JobStatus.DONE, None)
        assert (job.status, job.error) == ended

    def test_stops_when_it_is_asked_to(self, browser, session, organization):
        address = ask(browser).headers["Location"]
        browser.post(f"{address}/cancel")

        job = work(session, organization)

        assert (job.status, job.stored_name) == (JobStatus.CANCELLED, None)

    def test_waits_while_two_others_run(self, browser, session, organization, manager, monkeypatch):
        for _each in range(3):
            ask(browser, _token=str(uuid4()))
        bind(session, Actor(organization.id))
        jobs = session.scalars(select(ExportJob).order_by(ExportJob.id)).all()
        for job in jobs[:2]:
            job.status, job.lease_until = JobStatus.RUNNING, now() + timedelta(minutes=1)
        session.commit()
        sent = []
        monkeypatch.setattr(run_export, "apply_async", lambda args, **options: sent.append((args, options)))

        job = work(session, organization)

        assert job.status is JobStatus.QUEUED
        assert sent == [((job.id, organization.id), {"countdown": tasks.RETRY_AFTER})]

    def test_that_breaks_says_so(self, browser, session, organization, monkeypatch):
        ask(browser)
        monkeypatch.setattr(ExportScreen, "write_table", lambda *_: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            work(session, organization)

        bind(session, Actor(organization.id))
        job = session.scalars(select(ExportJob), execution_options={"populate_existing": True}).one()
        assert (job.status, job.stored_name) == (JobStatus.FAILED, None)
        assert job.error

    def test_left_by_a_worker_that_died_is_begun_anew(self, browser, session, organization, monkeypatch):
        ask(browser)
        bind(session, Actor(organization.id))
        job = session.scalars(select(ExportJob)).one()
        job.status, job.lease_until = JobStatus.RUNNING, now() - timedelta(minutes=5)
        session.commit()
        sent = []
        monkeypatch.setattr(run_export, "delay", lambda *args: sent.append(args))

        with current_app.app_context():
            sweep_exports()

        bind(session, Actor(organization.id))
        assert sent == [(job.id, organization.id)]
        assert work(session, organization).status is JobStatus.DONE

    @pytest.mark.parametrize("fields", [{"format": "pdf"}, {"query": "q=هیچ‌کس"}])
    def test_is_not_made_of_nothing_or_of_a_kind_that_is_none(self, browser, session, fields):
        ask(browser, **fields)

        assert session.scalar(select(func.count(ExportJob.id))) == 0

    def test_is_not_made_of_more_than_the_most(self, browser, session, monkeypatch):
        monkeypatch.setattr("app.panel.export.routes.MOST_ROWS", 2)

        answer = ask(browser)

        assert "حداکثر" in answer.text
        assert session.scalar(select(func.count(ExportJob.id))) == 0

    def test_is_not_made_of_a_filter_that_can_t_be_read(self, browser, session):
        ask(browser, query="f_created_at_from=1405/13/40")

        assert session.scalar(select(func.count(ExportJob.id))) == 0

    def test_is_asked_for_by_the_bar_of_the_ticked_rows(self, browser):
        answer = browser.post(
            "/customers/action_post",
            data={"action": "export", "_all": "1", "_query": "cols=city"},
            headers=HTMX,
        )

        assert "cols=city" in answer.text
        assert 'name="format"' in answer.text

    def test_stands_in_ones_own_list(self, browser, login, consultant):
        address = ask(browser).headers["Location"]

        assert address in browser.get("/jobs/").text
        assert address not in login(consultant).get("/jobs/").text
