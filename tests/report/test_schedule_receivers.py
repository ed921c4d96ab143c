"""A receiver who was sent twice gets one mail, and a run that fails leaves those of the other reports."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.lib.clock import now
from app.services.saved_report import run as runs
from models.organization import Organization
from models.schedule.saved_report import ReportDelivery, SavedReport, Sending
from models.tenancy.scope import Actor, bind
from tests.factories import member

pytestmark = pytest.mark.usefixtures("numbers")


@pytest.fixture
def neighbour(session, organization, far, saved):
    """The address of a manager of another organisation, whose report is due."""
    home, rows = organization.id, list(session)
    bind(session, Actor(far))
    person = member("Manager", session.get_one(Organization, far), "neighbour")
    session.add(
        SavedReport(
            member_id=person.id,
            section="reports/final-sales",
            name="همسایه",
            sending=Sending.DAILY,
            hour=8,
            span="yesterday",
            receivers=[person.id],
            next_at=now() - timedelta(minutes=1),
        )
    )
    email = person.email
    session.commit()
    session.expunge_all()
    session.add_all(rows)
    bind(session, Actor(home))
    return email


def test_a_receiver_who_was_sent_twice_is_stored_once(due, manager, consultant, stored):
    due(consultant, manager, consultant)
    assert [each.receivers for each in stored(SavedReport)] == [[consultant.id, manager.id]]


def test_one_who_is_stored_twice_gets_one_mail(session, due, send_reports, mails, manager, stored):
    due(manager)
    session.execute(update(SavedReport).values(receivers=[manager.id, manager.id]))
    session.commit()
    assert send_reports() == (1, 1)
    assert [mail.to for mail in mails] == [manager.email]
    assert len(stored(ReportDelivery)) == 1


def test_a_run_that_fails_leaves_those_of_other_organisations(
    due, neighbour, send_reports, mails, manager, saved, monkeypatch
):
    due(manager)
    key, mail, leave_out = saved.id, manager.email, runs._leave_out

    def fail(report, missing):
        if report.id == key:
            raise RuntimeError("broken")
        leave_out(report, missing)

    with monkeypatch.context() as broken:
        broken.setattr(runs, "_leave_out", fail)
        assert send_reports() == (1, 1)
    assert [each.to for each in mails] == [neighbour]
    # The failed run is taken by the next task.
    send_reports()
    assert mail in {each.to for each in mails}
