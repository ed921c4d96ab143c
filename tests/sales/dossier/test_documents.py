"""The documents of a dossier, and the reminders before their last day."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from app.lib.jalali import format_date, today
from app.services import dossier as dossiers
from models.attachment import Attachment
from models.dossier import DocumentKind, DossierDocument
from models.tenancy.scope import Actor, acting_as
from tests.sales.dossier.steps import HTMX
from tests.support.attached import PDF


class TestDocuments:
    def add(self, client, dossier, **data):
        data = {"dossier": str(dossier.id), "kind": "contract", **data}
        return client.post("/dossier-documents/add", data=data, headers=HTMX)

    def test_a_document_has_its_file(self, session, login, manager, dossier):
        client = login(manager)

        answer = self.add(client, dossier, files=(BytesIO(PDF), "قرارداد.pdf"))

        file = session.scalars(select(Attachment)).one()
        page = client.get(f"/dossiers/show/{dossier.id}").text
        assert answer.status_code == 204
        assert "قرارداد.pdf" in page
        assert f"/dossier-documents/{file.parent_id}/files/{file.uuid}" in page
        with client.get(f"/dossier-documents/{file.parent_id}/files/{file.uuid}") as download:
            assert download.data == PDF

    def test_a_file_of_a_wrong_kind_is_refused_with_the_document(self, session, login, manager, dossier):
        answer = self.add(login(manager), dossier, files=(BytesIO(b"MZ"), "قرارداد.exe"))

        assert answer.status_code == 422
        assert session.scalars(select(DossierDocument)).all() == []

    def test_a_stranger_gets_no_file(self, session, login, manager, colleague, dossier):
        self.add(login(manager), dossier, files=(BytesIO(PDF), "قرارداد.pdf"))
        file = session.scalars(select(Attachment)).one()

        url = f"/dossier-documents/{file.parent_id}/files/{file.uuid}"

        assert login(colleague).get(url).status_code == 404

    def test_the_page_says_how_long_it_is_valid(self, session, login, manager, dossier):
        client = login(manager)
        self.add(client, dossier)
        self.add(client, dossier, expires_on=format_date(today() - timedelta(days=6)))

        page = client.get(f"/dossiers/show/{dossier.id}").text

        assert "بی‌پایان" in page
        assert "۶ روز عقب‌افتاده" in page


class TestReminders:
    @pytest.fixture
    def due(self, session, dossier):
        """Reminds as the daily task does; returns the (days until the expiry, lead) of the reminders."""

        def run(monkeypatch):
            found = []

            def note(document, lead):
                found.append(((document.expires_on - today()).days, lead))

            monkeypatch.setattr(dossiers, "remind", note)
            with acting_as(session, Actor(dossier.organization_id)):
                while dossiers.remind_chunk():
                    pass
            return found

        return run

    def document(self, session, dossier, days, **values):
        row = DossierDocument(
            dossier_id=dossier.id,
            kind=DocumentKind.CONTRACT,
            expires_on=today() + timedelta(days=days),
            **values,
        )
        session.add(row)
        session.flush()
        return row

    def test_each_document_is_reminded_of_once_for_each_lead(self, session, dossier, due, monkeypatch):
        for days in (-1, 0, 7, 8, 30, 31):
            self.document(session, dossier, days)

        assert due(monkeypatch) == [(0, 7), (7, 7), (8, 30), (30, 30)]
        assert due(monkeypatch) == []

    def test_the_second_reminder_comes_seven_days_before(self, session, dossier, due, monkeypatch):
        self.document(session, dossier, 7, reminded_at_days=30)
        self.document(session, dossier, 8, reminded_at_days=30)

        assert due(monkeypatch) == [(7, 7)]

    def test_a_deleted_document_and_a_document_of_a_deleted_dossier_are_left_out(
        self, session, login, manager, dossier, due, monkeypatch
    ):
        gone = self.document(session, dossier, 3)
        client = login(manager)
        client.post(f"/dossier-documents/delete/{gone.id}")
        self.document(session, dossier, 4)
        client.post(f"/dossiers/delete/{dossier.id}")

        assert due(monkeypatch) == []

    def test_another_last_day_is_reminded_of_anew(self, session, login, manager, dossier, due, monkeypatch):
        row = self.document(session, dossier, 5, reminded_at_days=7)
        data = {"kind": "contract", "expires_on": format_date(today() + timedelta(days=6))}

        login(manager).post(f"/dossier-documents/edit/{row.id}", data=data)

        assert due(monkeypatch) == [(6, 7)]

    def test_the_mark_leaves_the_version(self, session, dossier, due, monkeypatch):
        row = self.document(session, dossier, 5)
        key = row.id
        due(monkeypatch)

        again = session.scalars(select(DossierDocument).where(DossierDocument.id == key)).one()
        assert (again.reminded_at_days, again.row_version) == (7, 1)
