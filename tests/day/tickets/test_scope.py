"""Who reads internal notes, and which rows the support of the platform reads."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from app.extensions import appbuilder
from app.services.ticket.notes import note_on, notes_of
from models.customer import Customer
from models.messages.note import TicketNote
from models.messages.thread import Thread
from models.tenancy.criteria import tenant_models
from tests.day.tickets.steps import EVERYWHERE, URL, page
from tests.factories import CustomerFactory, member


class TestNotes:
    @pytest.fixture
    def noted(self, session, acting, ticket, operator):
        acting(operator)
        note_on(session.get(Thread, ticket), "canarynote داخلی")
        session.commit()
        return ticket

    def test_the_support_reads_them(self, session, acting, login, noted, operator, second):
        assert "canarynote" in page(login(second), noted).text
        acting(operator)
        assert [note.text for note in notes_of(session.get(Thread, noted))] == ["canarynote داخلی"]

    def test_no_member_reads_them(self, session, acting, login, noted, consultant, manager):
        for person in (consultant, manager):
            shown = page(login(person), noted)
            assert shown.status_code == 200
            assert "canarynote" not in shown.text
            acting(person)
            assert session.scalars(select(TicketNote)).all() == []

    @pytest.mark.parametrize("words", ["", "  ", "م" * 5001])
    def test_a_wrong_note_is_not_stored(self, session, login, ticket, operator, words):
        login(operator).post(f"{URL}{ticket}/note", data={"note": words})

        assert session.scalar(select(TicketNote.id), execution_options=EVERYWHERE) is None

    @pytest.mark.postgresql
    def test_the_database_shows_them_to_the_support_alone(self, session, acting, noted, operator, manager):
        query = text("SELECT count(*) FROM ticket_notes")
        acting(manager)
        assert session.connection().execute(query).scalar() == 0
        session.rollback()
        acting(operator)
        assert session.connection().execute(query).scalar() == 1

    @pytest.mark.postgresql
    def test_the_database_shows_the_support_tickets_alone(
        self, session, stranger_organization, acting, private, noted, foreign, operator, manager
    ):
        acting(manager)
        CustomerFactory()
        session.commit()
        acting(operator)
        connection = session.connection()
        kinds = connection.execute(text("SELECT DISTINCT kind FROM threads")).scalars().all()
        assert kinds == ["ticket"]
        assert connection.execute(text("SELECT count(*) FROM messages")).scalar() == 2
        for table in ("customers", "orders", "products", "audit_events", "follow_ups"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
        session.rollback()
        acting(manager)
        organizations = session.connection().execute(text("SELECT DISTINCT organization_id FROM threads"))
        assert organizations.scalars().all() == [manager.organization_id]


class TestScopeOfTheSupport:
    def test_reads_no_row_but_those_of_tickets(self, session, acting, ticket, private, operator, manager):
        acting(manager)
        CustomerFactory()
        session.commit()
        acting(operator)
        seen = {model.__name__ for model in tenant_models() if session.scalars(select(model)).first()}

        assert seen <= {"Thread", "ThreadMember", "Message", "Notification"}
        assert session.get(Thread, private, populate_existing=True) is None
        assert session.scalars(select(Customer)).all() == []

    def test_opens_no_page_of_another_section(self, session, login, neighbours, ticket, operator, manager):
        browser = login(operator)
        for view in appbuilder.baseviews:
            slug = getattr(view, "slug", None)
            # The dashboard has the tickets alone.
            if slug is None or view.group is None or slug in {"tickets", "dashboard"}:
                continue
            for path in (f"/{slug}/", f"/{slug}/show/1"):
                assert browser.get(path).status_code in {403, 404}, path
            assert browser.get(f"/api/v1/{slug}/").status_code in {401, 403, 404, 406}, slug

    @pytest.fixture
    def odd(self, manager):
        return member("Operator", manager.organization, "odd")

    def test_an_operator_of_an_organisation_serves_nothing(
        self, login, stranger_organization, odd, ticket, foreign
    ):
        assert "پرسش بیگانه" not in login(odd).get(URL).text
        assert page(login(odd), foreign).status_code == 404
