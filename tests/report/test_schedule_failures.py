"""Rights that are lost before a mail, and mails that fail."""

import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.extensions import appbuilder
from app.lib.clock import now, start_at
from app.services.mail.queue import MOST_ATTEMPTS
from app.services.saved_report.delivery import LEASE, claim, note_sent
from models.schedule.saved_report import DeliveryStatus, ReportDelivery, SavedReport
from models.tenancy.scope import Actor, bind
from tests.report.schedule_steps import HOUR, at, notices


def lose_by_role(person, _far):
    person.roles = [appbuilder.sm.find_role("SupportAgent")]


def make_consultant(person):
    person.roles = [appbuilder.sm.find_role("Consultant")]


def lose_by_leaving(person, _far):
    person.active = False


def lose_by_moving(person, far):
    person.organization_id = far


LOSSES = pytest.mark.parametrize("lose", [lose_by_role, lose_by_leaving, lose_by_moving])


@pytest.mark.usefixtures("numbers")
class TestRights:
    @LOSSES
    def test_a_receiver_without_the_right_is_left_out_and_the_owner_knows_who(
        self,
        far,
        send_reports,
        session,
        due,
        mails,
        manager,
        consultant,
        colleague,
        organization,
        stored,
        lose,
    ):
        due(manager, consultant, colleague)
        lose(consultant, far)
        session.commit()
        assert send_reports() == (1, 2)
        assert {mail.to for mail in mails} == {manager.email, colleague.email}
        named = [("left_out_at", f"{consultant.full_name}، «روزانه»")]
        assert notices(stored, manager.id) == named
        assert notices(stored, colleague.id) == notices(stored, consultant.id) == []
        # The next day they are left out without another word.
        start_at(at("1405/02/11", 8, 10))
        assert send_reports() == (1, 2)
        assert notices(stored, manager.id) == named

    def test_the_notification_is_shown_to_the_owner(
        self, far, send_reports, session, due, mails, login, manager, consultant, organization
    ):
        due(manager, consultant)
        lose_by_role(consultant, far)
        session.commit()
        send_reports()
        assert f"دیگر گزارش را نمی‌گیرد: {consultant.full_name}" in login(manager).get("/notifications/").text

    @LOSSES
    def test_a_right_that_is_lost_between_the_run_and_the_mail(
        self,
        far,
        send_reports,
        session,
        due,
        mails,
        manager,
        consultant,
        organization,
        stored,
        lose,
        monkeypatch,
    ):
        due(manager, consultant)
        monkeypatch.setattr("app.tasks.saved_reports.open_deliveries", list)
        send_reports()
        monkeypatch.undo()
        monkeypatch.setattr("app.gateways.mailer.SandboxMailer.send", lambda _self, mail: mails.append(mail))
        lose(consultant, far)
        session.commit()
        send_reports()
        assert [mail.to for mail in mails] == [manager.email]
        assert notices(stored, manager.id) == [("left_out_at", f"{consultant.full_name}، «روزانه»")]
        assert {each.member_id: each.status for each in stored(ReportDelivery)} == {
            manager.id: DeliveryStatus.SENT,
            consultant.id: DeliveryStatus.LEFT_OUT,
        }

    @LOSSES
    def test_without_its_owner_the_schedule_stops_and_managers_know(
        self,
        far,
        send_reports,
        session,
        due,
        mails,
        manager,
        consultant,
        colleague,
        organization,
        saved,
        stored,
        lose,
    ):
        due(manager, consultant)
        saved.member_id = colleague.id
        lose(colleague, far)
        session.commit()
        send_reports()
        assert mails == []
        (row,) = stored(SavedReport)
        assert row.next_at is None
        assert row.stopped_at is not None
        assert notices(stored, manager.id) == [("stopped_at", f"{colleague.full_name}، «روزانه»")]
        assert notices(stored, consultant.id) == []

    def test_an_owner_who_may_not_share_any_more_sends_to_themselves(
        self, send_reports, session, due, mails, manager, consultant, stored
    ):
        due(manager, consultant)
        manager.roles = [appbuilder.sm.find_role("Consultant")]
        session.commit()
        send_reports()
        assert [mail.to for mail in mails] == [manager.email]
        assert notices(stored, manager.id) == [("left_out_at", f"{consultant.full_name}، «روزانه»")]

    @pytest.mark.parametrize("lose", [lose_by_leaving, lambda person, _far: make_consultant(person)])
    def test_an_owner_who_loses_the_right_between_the_run_and_the_mail(
        self, far, send_reports, session, due, mails, manager, consultant, stored, lose, monkeypatch
    ):
        due(consultant)
        with monkeypatch.context() as without:
            without.setattr("app.tasks.saved_reports.open_deliveries", list)
            send_reports()
        lose(manager, far)
        session.commit()
        assert send_reports() == (0, 0)
        assert mails == []
        assert [each.status for each in stored(ReportDelivery)] == [DeliveryStatus.LEFT_OUT]

    def test_the_figures_follow_the_role_of_the_day(
        self, send_reports, session, due, mails, manager, consultant
    ):
        due(manager)
        manager.roles = [appbuilder.sm.find_role("Consultant")]
        session.commit()
        send_reports()
        assert "شماره‌ای" in mails[0].text
        assert "از ۳ شماره" not in mails[0].text


@pytest.mark.usefixtures("numbers")
class TestFailures:
    def test_a_server_that_is_away_is_tried_again_with_pauses(
        self, send_reports, due, mails, manager, stored, monkeypatch
    ):
        def away(_self, _mail):
            raise smtplib.SMTPServerDisconnected

        due(manager)
        tries = []
        with monkeypatch.context() as without:
            without.setattr("app.gateways.mailer.SandboxMailer.send", away)
            for _try in range(3):
                assert send_reports()[1] == 0
                (row,) = stored(ReportDelivery)
                tries.append(row.next_try_at - now())
                # Before the pause is over nothing is tried.
                send_reports()
                assert stored(ReportDelivery)[0].attempts == row.attempts
                start_at(row.next_try_at + timedelta(seconds=1))
        assert [round(each.total_seconds() / 60) for each in tries] == [1, 2, 4]
        assert send_reports() == (0, 1)
        assert len(mails) == 1
        assert notices(stored, manager.id) == []

    def test_at_last_the_owner_is_notified(self, send_reports, due, manager, consultant, stored, monkeypatch):
        monkeypatch.setattr(
            "app.gateways.mailer.SandboxMailer.send",
            lambda _self, mail: (_ for _ in ()).throw(OSError("away")),
        )
        due(consultant)
        for _try in range(MOST_ATTEMPTS):
            send_reports()
            start_at(now() + HOUR)
        (row,) = stored(ReportDelivery)
        assert (row.status, row.attempts) == (DeliveryStatus.FAILED, MOST_ATTEMPTS)
        assert notices(stored, manager.id) == [("failed_at", f"{consultant.full_name}، «روزانه»")]

    def test_filters_that_can_not_be_read_any_more_fail_at_once(
        self, send_reports, session, due, mails, manager, saved, stored
    ):
        due(manager)
        saved.query = "product=987654"
        session.commit()
        send_reports()
        assert mails == []
        assert [each.status for each in stored(ReportDelivery)] == [DeliveryStatus.FAILED]
        assert notices(stored, manager.id) == [("failed_at", f"{manager.full_name}، «روزانه»")]

    def test_an_error_of_one_mail_leaves_the_others(
        self, send_reports, due, mails, manager, consultant, monkeypatch
    ):
        due(manager, consultant)
        failing, other = manager.email, consultant.email

        def send(_self, mail):
            if mail.to == failing:
                raise RuntimeError("broken")
            mails.append(mail)

        monkeypatch.setattr("app.gateways.mailer.SandboxMailer.send", send)
        assert send_reports() == (1, 1)
        assert [mail.to for mail in mails] == [other]

    def test_a_killed_worker_leaves_the_mail_to_the_next_with_the_same_key(
        self, send_reports, session, due, mails, manager, organization, stored, monkeypatch
    ):
        due(manager)
        with monkeypatch.context() as without:
            without.setattr("app.tasks.saved_reports._send", lambda *_: False)
            send_reports()
        assert send_reports() == (0, 0)
        bind(session, Actor(organization.id))
        first = stored(ReportDelivery)[0].lease_until
        session.execute(update(ReportDelivery).values(lease_until=datetime.now(UTC) - LEASE))
        session.commit()
        assert send_reports() == (0, 1)
        assert [mail.key for mail in mails] == [f"report-{stored(ReportDelivery)[0].id}"]
        # The first worker comes back too late.
        bind(session, Actor(organization.id))
        assert not note_sent(stored(ReportDelivery)[0].id, first)

    def test_a_mail_is_claimed_once(
        self, send_reports, session, due, manager, organization, monkeypatch, mails
    ):
        due(manager)
        monkeypatch.setattr("app.tasks.saved_reports.open_deliveries", list)
        send_reports()
        bind(session, Actor(organization.id))
        key = session.scalars(select(ReportDelivery.id)).one()
        assert claim(key) is not None
        assert claim(key) is None
