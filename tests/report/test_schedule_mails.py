"""The mails of a scheduled report: each receiver gets their own figures, once."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from app.lib.clock import start_at
from app.services.saved_report.run import due_runs, take_run
from models.audit.event import AuditEvent
from models.organization import OrganizationStatus
from models.schedule.saved_report import DeliveryStatus, ReportDelivery, SavedReport
from models.tenancy.scope import Actor, bind
from tests.report.schedule_steps import PAGE, at


@pytest.mark.usefixtures("numbers")
class TestMails:
    def test_each_receiver_gets_their_own_figures(
        self, send_reports, due, mails, manager, consultant, colleague, stored
    ):
        due(manager, consultant)
        assert send_reports() == (1, 2)
        texts = {mail.to: mail for mail in mails}
        whole, own = texts[manager.email], texts[consultant.email]
        assert "از ۳ شماره" in whole.text
        assert "از ۲ شماره" in own.text
        assert colleague.full_name in whole.html
        assert colleague.full_name not in own.html
        assert "۹ اردیبهشت ۱۴۰۵" in whole.subject
        assert "range" not in whole.text.partition("/reports/")[2]
        assert [each.status for each in stored(ReportDelivery)] == [DeliveryStatus.SENT] * 2
        (row,) = stored(SavedReport)
        assert row.next_at == at("1405/02/11", 8)

    def test_the_file_is_for_those_who_may_export(self, send_reports, due, mails, manager, consultant):
        due(manager, consultant)
        send_reports()
        files = {mail.to: list(mail.files) for mail in mails}
        assert files[consultant.email] == []
        (file,) = files[manager.email]
        assert file.name == "روزانه-1405-02-09.xlsx"
        sheet = CalamineWorkbook.from_filelike(BytesIO(file.content)).get_sheet_by_index(0)
        assert [row[1] for row in sheet.to_python()][1:] == [2, 1, 3, 3]

    def test_a_file_that_leaves_the_panel_is_an_event(
        self, send_reports, due, mails, manager, consultant, saved, stored
    ):
        due(manager, consultant)
        send_reports()
        events = [each for each in stored(AuditEvent) if each.action == "export"]
        assert [(each.object_type, each.object_id, each.after) for each in events] == [
            ("SavedReport", saved.id, {"receivers": manager.full_name})
        ]

    def test_nothing_to_count_is_said(self, send_reports, due, mails, manager):
        due(manager, span="last_week")
        start_at(at("1405/03/10", 8, 10))
        send_reports()
        assert "چیزی برای شمردن" in mails[-1].html or "هیچ شماره‌ای" in mails[-1].html
        assert list(mails[-1].files) == []

    def test_before_its_moment_nothing_is_sent(self, send_reports, schedule, mails, manager):
        schedule(receivers=[manager])
        start_at(at("1405/02/10", 7, 59))
        assert send_reports() == (0, 0)
        assert mails == []

    def test_twice_at_once_and_again_sends_once(self, send_reports, due, mails, manager, stored):
        due(manager)
        send_reports()
        assert send_reports() == (0, 0)
        assert len(mails) == 1

    def test_a_run_that_another_worker_has_taken(
        self, send_reports, session, organization, due, mails, manager, saved
    ):
        due(manager)
        ((key, organization_id, moment),) = due_runs()
        bind(session, Actor(organization_id))
        assert take_run(key, moment) is not None
        assert take_run(key, moment) is None
        session.rollback()
        # A worker that was killed before its commit has lost nothing.
        assert send_reports() == (1, 1)

    def test_missed_days_are_made_up_for_one_by_one_within_a_week(
        self, send_reports, due, mails, manager, stored
    ):
        due(manager)
        start_at(at("1405/02/13", 9))
        while send_reports() != (0, 0):
            pass
        days = sorted(each.due_at for each in stored(ReportDelivery))
        assert days == [at(f"1405/02/{day}", 8) for day in (10, 11, 12, 13)]
        start_at(at("1405/04/13", 9))
        while send_reports() != (0, 0):
            pass
        late = [each.due_at for each in stored(ReportDelivery)][4:]
        assert late == [at("1405/02/14", 8), *(at(f"1405/04/{day:02}", 8) for day in range(7, 14))]

    def test_the_range_is_that_of_the_day_of_the_run_even_after_midnight(
        self, send_reports, due, mails, manager
    ):
        due(manager, hour="23")
        start_at(at("1405/02/11", 0, 30))
        send_reports()
        assert "۹ اردیبهشت ۱۴۰۵" in mails[0].subject

    def test_a_deleted_report_is_not_sent_and_one_taken_back_is(
        self, send_reports, session, due, login, mails, manager, saved
    ):
        due(manager)
        login(manager).post(f"{PAGE}saved/{saved.id}/delete")
        assert send_reports() == (0, 0)
        login(manager).post(f"{PAGE}saved/{saved.id}/restore")
        assert send_reports() == (1, 1)

    def test_a_suspended_organisation_gets_nothing(
        self, send_reports, session, due, mails, manager, organization
    ):
        due(manager)
        organization.status = OrganizationStatus.SUSPENDED
        session.commit()
        assert send_reports() == (0, 0)
        organization.status = OrganizationStatus.ACTIVE
        session.commit()
        assert send_reports() == (1, 1)

    def test_the_name_of_a_report_is_escaped(self, send_reports, session, due, mails, manager, saved):
        due(manager)
        saved.name = "<b>روز</b>"
        session.commit()
        send_reports()
        assert "<b>روز" not in mails[0].html
        assert "&lt;b&gt;روز" in mails[0].html
