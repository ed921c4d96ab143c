"""Entries of support: what each changes, what its title requires, and their undo."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.lib import clock
from app.lib.clock import now
from app.lib.jalali import format_datetime
from app.services.result import Result
from app.services.support import UNDO_FOR, record_support
from models.audit.event import AuditEvent
from models.result_title import ResultKind, ResultScope
from models.sms.message import SmsMessage
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, ResultTitleFactory, SaleFactory, SmsTemplateFactory
from tests.sales.after_sale.steps import HTMX, entries, register, stored, support_title, toast


class TestEntry:
    def test_is_recorded_with_note_file_and_next_contact(self, session, login, agent, sale):
        title, later = support_title(), now().replace(microsecond=0) + timedelta(days=2)
        files = {"files": (BytesIO(b"%PDF-1.4\n%%EOF\n"), "رسید.pdf")}
        answer = register(
            login(agent), sale, title, note="بسته رسید", next_at=format_datetime(later), **files
        )

        assert "احمدی" in toast(answer)["text"]
        bind(session, Actor(agent.organization_id))
        [entry] = entries(session, sale)
        assert (entry.note, entry.by_id, entry.customer_id) == ("بسته رسید", agent.id, sale.customer_id)
        assert [each.original_name for each in attachments(session, entry)] == ["رسید.pdf"]
        assert stored(session, sale)[0] == title.id
        assert abs(stored(session, sale)[1] - later) < timedelta(minutes=1)
        events = session.scalars(select(AuditEvent.action).where(AuditEvent.object_type == "Sale")).all()
        assert "support" in events

    def test_is_called_support_and_not_a_result(self, session, login, agent, consultant, sale):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        title, result = support_title(), ResultTitleFactory()
        session.commit()

        said = toast(register(login(agent), sale, title))
        other = login(consultant).post(
            f"/follow-ups/{follow_up.id}/result",
            data={"result_title": result.id, "token": str(uuid4()), "version": "1"},
            headers=HTMX,
        )
        back = toast(login(agent).post(said["undo_url"], headers=HTMX))

        assert said["text"].startswith("پشتیبانی ")
        assert toast(other)["text"].startswith("نتیجهٔ ")
        assert back["text"].startswith("پشتیبانی ")

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"requires_note": True}, "note"),
            ({"requires_file": True}, "files"),
            ({"requires_next": True}, "next_at"),
        ],
    )
    def test_what_a_title_requires_is_asked_beside_the_field(
        self, session, login, agent, sale, fields, field
    ):
        title = support_title(**fields)
        session.commit()

        answer = register(login(agent), sale, title)

        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        bind(session, Actor(agent.organization_id))
        assert entries(session, sale) == []

    @pytest.mark.parametrize(
        "title", [{"scope": ResultScope.FOLLOW_UP}, {"scope": ResultScope.SUPPORT, "is_active": False}]
    )
    def test_a_title_of_another_scope_or_switched_off_is_refused(self, session, login, agent, sale, title):
        wrong = ResultTitleFactory(**title)
        session.commit()

        assert register(login(agent), sale, wrong).status_code == 422
        bind(session, Actor(agent.organization_id))
        assert stored(session, sale) == (None, None)

    def test_the_same_form_sent_twice_is_one_entry(self, session, login, agent, sale):
        title, token = support_title(), str(uuid4())
        session.commit()
        browser = login(agent)

        assert [register(browser, sale, title, token=token).status_code for _ in range(2)] == [204, 204]
        bind(session, Actor(agent.organization_id))
        assert len(entries(session, sale)) == 1

    def test_an_entry_of_somebody_else_meanwhile_is_asked_about(self, session, login, agent, manager, sale):
        first, second = support_title(title="شکایت داشت"), support_title()
        version = sale.row_version
        bind(session, Actor(agent.organization_id, manager.id))
        record_support(sale, Result(first, "تلفنی"))
        session.commit()

        answer = register(login(agent), sale, second, version=version, seen="", note="نوشتهٔ من")

        assert answer.status_code == 409
        assert all(words in answer.text for words in ("شکایت داشت", "تلفنی", "نوشتهٔ من"))

    def test_an_sms_that_the_title_offers_goes_to_the_customer(self, session, login, agent, sale):
        template = SmsTemplateFactory(title="سپاس", body="سلام {نام}")
        title = support_title(sms_template_id=template.id)
        other = SaleFactory()
        session.commit()

        toast(register(login(agent), sale, title, send_sms="y"))
        bind(session, Actor(agent.organization_id))
        receivers = session.scalars(select(SmsMessage.customer_id)).all()
        assert receivers == [sale.customer_id] != [other.customer_id]

    def test_stands_on_the_timelines_of_the_sale_and_of_its_customer(
        self, session, login, agent, consultant, colleague, sale
    ):
        record_support(sale, Result(support_title(title="نتیجهٔ دیدنی"), "یادداشت دیدنی"))
        session.commit()

        for browser in (login(agent), login(consultant)):
            assert "یادداشت دیدنی" in browser.get(f"/support/show/{sale.id}").text
            assert "نتیجهٔ دیدنی" in browser.get(f"/support/{sale.id}/panel", headers=HTMX).text
            assert "یادداشت دیدنی" in browser.get(f"/customers/show/{sale.customer_id}").text
        assert login(colleague).get(f"/support/show/{sale.id}").status_code == 404


def attachments(session, entry):
    from models.attachment import Attachment  # noqa: PLC0415 - one test reads them

    return session.scalars(select(Attachment).where(Attachment.support_entry_id == entry.id)).all()


class TestUndo:
    @pytest.fixture
    def undone(self, session, login, agent, sale):
        """The browser of the agent, and the address that takes back their entry after an earlier one."""
        first, second = support_title(), support_title()
        earlier = now() + timedelta(days=1)
        bind(session, Actor(agent.organization_id, agent.id))
        record_support(sale, Result(first, next_at=earlier))
        session.commit()
        browser = login(agent)
        url = toast(register(browser, sale, second, note="اشتباه"))["undo_url"]
        return browser, url, (first.id, earlier)

    def test_restores_the_sale_and_says_so_on_the_timeline(self, session, agent, sale, undone):
        browser, url, before = undone

        assert "بازگردانده شد" in toast(browser.post(url, headers=HTMX))["text"]
        bind(session, Actor(agent.organization_id))
        assert stored(session, sale) == before
        assert [each.is_undone for each in entries(session, sale)] == [False, True, True]
        assert "بازگردانده‌شده" in browser.get(f"/support/show/{sale.id}").text

    def test_only_once_and_only_by_who_recorded_it(self, session, login, manager, undone):
        browser, url, _before = undone

        assert login(manager).post(url, headers=HTMX).status_code == 404
        toast(browser.post(url, headers=HTMX))
        assert toast(browser.post(url, headers=HTMX))["level"] == "danger"

    def test_not_after_ten_minutes(self, undone):
        browser, url, _before = undone
        clock.start_at(now() + UNDO_FOR + timedelta(seconds=1))

        assert toast(browser.post(url, headers=HTMX))["level"] == "danger"

    def test_not_after_a_newer_entry(self, session, login, manager, sale, undone):
        browser, url, _before = undone
        toast(register(login(manager), sale, support_title()))

        assert toast(browser.post(url, headers=HTMX))["level"] == "danger"


class TestTitles:
    @pytest.mark.parametrize("kind", [ResultKind.WON, ResultKind.LOST, ResultKind.INVALID])
    def test_a_title_of_support_ends_no_order(self, login, manager, kind):
        form = {"title": "پایان", "colour": "red", "kind": kind.value, "scope": "support", "is_active": "y"}

        answer = login(manager).post("/result-titles/add", data=form)

        assert answer.status_code == 422
        assert 'id="kind-error"' in answer.text
        assert (
            login(manager).post("/result-titles/add", data=form | {"scope": "follow_up"}).status_code == 302
        )

    @pytest.mark.parametrize("kind", [ResultKind.OPEN, ResultKind.CALLBACK, ResultKind.UNREACHABLE])
    def test_the_other_kinds_are_taken(self, login, manager, kind):
        form = {"title": "پایان", "colour": "red", "kind": kind.value, "scope": "support", "is_active": "y"}

        assert login(manager).post("/result-titles/add", data=form).status_code == 302
