"""The background job of an action on all rows that match."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from flask_babel import lazy_gettext
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.errors import DomainError
from app.extensions import appbuilder
from app.lib.clock import now
from app.panel.action import Done
from app.tasks.bulk import run_bulk_job, sweep
from models.audit.event import AuditEvent
from models.follow_up import FollowUp
from models.job import BulkFailure, BulkJob, JobStatus
from models.product import Product
from models.tenancy.scope import Actor, bind
from tests.factories import PASSWORD, FollowUpFactory, member
from tests.panel.records.bulk_steps import job_of, living, send, work
from views.organization.product import Products

pytestmark = pytest.mark.usefixtures("colleagues_rows")


def _replace_remove(monkeypatch, run) -> None:
    section = next(view for view in appbuilder.baseviews if isinstance(view, Products))
    declared = section.declared_actions
    monkeypatch.setitem(declared, "remove", replace(declared["remove"], run=run))


def _die_in_the_second_chunk(monkeypatch, error, seen) -> None:
    """Once; the chunks that were done are noted in *seen*."""
    turns = iter([None, error])

    def remove(section, rows, form):
        keys = [row.id for row in rows]
        if problem := next(turns, None):
            raise problem
        done = Products.delete_rows(section, rows, form)
        seen.append(keys)
        return done

    _replace_remove(monkeypatch, remove)


@pytest.mark.usefixtures("small")
class TestTheJob:
    def test_is_made_of_many_rows_and_does_them_all(self, session, login, manager, organization, products):
        answer = send(login(manager))
        before = job_of(session, organization).status

        job = work(session, organization)

        assert answer.headers["Location"] == f"/jobs/{job.id}"
        assert (before, job.status, job.done, job.failed) == (JobStatus.QUEUED, JobStatus.DONE, 4, 0)
        assert living(session, organization) >= {"ریاضی", "فیزیک"}
        assert "زبان ۱" not in living(session, organization)

    def test_is_one_for_a_form_that_is_sent_twice(self, session, login, manager, organization, products):
        browser, token = login(manager), str(uuid4())

        answers = [send(browser, _token=token) for _ in range(2)]

        assert answers[0].headers["Location"] == answers[1].headers["Location"]
        assert session.scalar(select(func.count(BulkJob.id))) == 1

    def test_keeps_no_password(self, session, login, manager, organization, products):
        manager.password = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
        session.commit()

        send(login(manager), sudo_password=PASSWORD)

        assert PASSWORD not in str(job_of(session, organization).form)

    def test_that_was_killed_goes_on_where_it_ended(
        self, session, login, manager, organization, products, monkeypatch
    ):
        send(login(manager))
        seen: list[list[int]] = []
        _die_in_the_second_chunk(monkeypatch, KeyboardInterrupt, seen)
        with pytest.raises(KeyboardInterrupt):
            work(session, organization)
        job = job_of(session, organization)
        half = (job.status, job.done)
        job.lease_until = now() - timedelta(minutes=5)
        session.commit()

        done = work(session, organization)

        assert half == (JobStatus.RUNNING, 2)
        assert (done.status, done.done) == (JobStatus.DONE, 4)
        assert sorted(key for keys in seen for key in keys) == sorted(products[:4])

    def test_of_a_worker_that_lives_is_left_to_it(self, session, login, manager, organization, products):
        send(login(manager))
        job = job_of(session, organization)
        job.status, job.lease_until = JobStatus.RUNNING, now() + timedelta(minutes=1)
        session.commit()

        assert work(session, organization).done == 0

    def test_is_found_by_the_sweep_when_nobody_took_it(
        self, session, login, manager, organization, products, monkeypatch
    ):
        send(login(manager))
        job = job_of(session, organization)
        sent = []
        monkeypatch.setattr(run_bulk_job, "delay", lambda *args: sent.append(args))

        sweep()

        assert sent == [(job.id, organization.id)]

    def test_stops_when_it_is_asked_to(self, session, login, manager, organization, products):
        browser = login(manager)
        address = send(browser).headers["Location"]

        browser.post(f"{address}/cancel")

        assert work(session, organization).status is JobStatus.CANCELLED
        assert "زبان ۱" in living(session, organization)

    @pytest.mark.parametrize("loss", ["deactivated", "right"])
    def test_of_who_lost_his_place_or_right_fails_and_says_why(
        self, session, login, manager, organization, products, loss
    ):
        send(login(manager))
        if loss == "deactivated":
            manager.active = False
        else:
            manager.roles = [member("Consultant", organization, "model").roles[0]]
        session.commit()

        job = work(session, organization)

        assert job.status is JobStatus.FAILED
        assert job.error
        assert "زبان ۱" in living(session, organization)

    def test_reaches_a_consultants_own_rows_alone(self, session, login, consultant, colleague, organization):
        mine = [FollowUpFactory(consultant_id=consultant.id).id for _ in range(3)]
        theirs = FollowUpFactory(consultant_id=colleague.id).id
        session.commit()
        send(login(consultant), "follow-ups", "tab=all")
        later = FollowUpFactory(consultant_id=consultant.id).id
        session.commit()
        before = set(session.scalars(select(FollowUp.id)))

        job = work(session, organization)

        bind(session, Actor(organization.id))
        assert job.done == len(mine)
        assert set(session.scalars(select(FollowUp.id))) == before - set(mine)
        assert {theirs, later} < before

    def test_writes_down_what_an_action_refuses_and_does_the_rest(
        self, session, login, manager, organization, products, monkeypatch
    ):
        def remove(section, rows, form):
            if any(row.id == products[1] for row in rows):
                raise DomainError(lazy_gettext("Not this one."))
            for row in rows:
                row.price = 7
            return Done("")

        _replace_remove(monkeypatch, remove)
        browser = login(manager)
        address = send(browser).headers["Location"]

        job = work(session, organization)

        failure = session.scalars(select(BulkFailure)).one()
        assert (job.status, job.done, job.failed) == (JobStatus.DONE, 4, 1)
        assert (failure.row_id, failure.label, failure.reason) == (products[1], "زبان ۲", "Not this one.")
        assert session.scalar(select(func.count(Product.id)).where(Product.price == 7)) == 3
        assert "Not this one." in browser.get(address).text

    def test_that_breaks_says_so_and_keeps_what_was_done(
        self, session, login, manager, organization, products, monkeypatch
    ):
        _die_in_the_second_chunk(monkeypatch, ZeroDivisionError, [])
        send(login(manager))

        with pytest.raises(ZeroDivisionError):
            work(session, organization)

        job = job_of(session, organization)
        assert (job.status, job.done) == (JobStatus.FAILED, 2)
        assert job.error

    def test_is_told_in_the_trail_of_each_row(self, session, login, manager, organization, products):
        send(login(manager))
        work(session, organization)

        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "delete")).all()
        rows = [key for event in events for key in (event.after or {}).get("@rows", [event.object_id])]
        assert sorted(rows) == sorted(products[:4])
        assert {event.actor_id for event in events} == {manager.id}

    def test_counts_a_change_of_each_row(self, session, login, manager, organization, products):
        send(login(manager))
        work(session, organization)

        versions = select(Product.row_version).where(Product.id.in_(products[:4]))
        assert set(session.scalars(versions, execution_options={"with_deleted": True})) == {2}


def test_costs_the_same_for_many_rows(session, login, manager, organization, statements, monkeypatch):
    monkeypatch.setattr("app.panel.bulk.routes.MOST_AT_ONCE", 2)
    browser, costs = login(manager), []
    for count in (3, 3, 20):  # the first run also fills the caches
        rows = [FollowUpFactory(consultant_id=manager.id) for _ in range(count)]
        session.commit()
        send(browser, "follow-ups", f"tab=all&f_consultant={manager.id}", typed_count=count)
        statements.clear()
        assert work(session, organization).done == len(rows)
        costs.append(len(statements))

    assert costs[2] <= costs[1]
