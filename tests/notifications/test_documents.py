"""Documents that expire soon are told to the member who added the dossier, or to the managers, once for each lead."""

from datetime import timedelta

import pytest

from app.lib.jalali import day_and_month, today
from app.services import dossier as dossiers
from app.tasks.dossiers import remind_of_documents
from models.dossier import DocumentKind, DossierDocument
from models.member import Member
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import DossierFactory, member
from tests.notifications.steps import told

KIND = "dossiers.dossier_documents.reminded_at_days"


@pytest.fixture
def dossier(session, organization, manager, consultant, colleague):
    """The key of a dossier that the consultant added."""
    bind(session, Actor(organization.id, consultant.id))
    key = DossierFactory(legal_name="شرکت پارس‌گستر").id
    session.commit()
    bind(session, Actor(organization.id, manager.id))
    return key


def document(session, dossier, days, **values):
    row = DossierDocument(
        dossier_id=dossier, kind=DocumentKind.CONTRACT, expires_on=today() + timedelta(days=days), **values
    )
    session.add(row)
    session.commit()
    return row.id


@pytest.fixture
def remind(session, organization, manager, consultant):
    """Reminds as the daily task does, which detaches all rows."""
    here = Actor(organization.id, manager.id)

    def run():
        number = remind_of_documents.run()
        bind(session, here)
        session.add_all([manager, consultant])
        return number

    return run


def words_of(login, person):
    return login(person).get("/notifications/").text


def test_the_member_who_added_the_dossier_is_reminded_once(
    session, login, manager, consultant, colleague, dossier, remind
):
    row = document(session, dossier, 30)
    document(session, dossier, 31)
    assert (remind(), remind()) == (1, 0)

    [notice] = told(session, consultant)
    assert (notice.kind, notice.row_id) == (KIND, row)
    assert notice.address == f"/dossiers/show/{dossier}"
    assert told(session, manager) == told(session, colleague) == []
    page = words_of(login, consultant)
    assert f"تا {day_and_month(today() + timedelta(days=30))}، شرکت پارس‌گستر" in page
    assert f'href="/dossiers/show/{dossier}"' in page


def test_the_second_reminder_is_one_of_its_own(session, monkeypatch, consultant, dossier, remind):
    document(session, dossier, 30)
    remind()
    later = today() + timedelta(days=23)
    monkeypatch.setattr(dossiers, "today", lambda: later)
    monkeypatch.setattr("app.tasks.dossiers.today", lambda: later)
    assert (remind(), remind()) == (1, 0)

    assert [each.kind for each in told(session, consultant)] == [KIND, KIND]


def test_several_of_a_day_are_one_that_leads_to_the_list(
    session, login, consultant, dossier, remind, monkeypatch
):
    monkeypatch.setattr(dossiers, "_CHUNK", 1)
    for days in (3, 9):
        document(session, dossier, days)
    DossierFactory(legal_name="شرکت بی‌مدرک")
    assert remind() == 2

    [notice] = told(session, consultant)
    assert (notice.count, notice.row_id, notice.address) == (2, None, "/dossiers/?tab=expiring")
    page = login(consultant).get(notice.address).text
    assert page.count("<tr id=") == 1
    assert "شرکت پارس‌گستر" in page


def test_managers_are_reminded_of_the_dossier_of_a_member_who_left(
    session, organization, stranger_organization, manager, consultant, dossier, remind
):
    second, gone = member("Manager", organization, "second"), member("Manager", organization, "gone")
    stranger = member("Manager", stranger_organization, "stranger")
    gone.active = False
    session.get_one(Member, consultant.id).active = False
    document(session, dossier, 5)
    remind()

    assert [len(told(session, each)) for each in (manager, second)] == [1, 1]
    assert [told(session, each) for each in (consultant, gone, stranger)] == [[], [], []]


def test_a_dossier_that_nobody_added_is_the_managers(session, organization, manager, consultant, remind):
    here = Actor(organization.id, manager.id)
    with acting_as(session, Actor(organization.id)):
        row = DossierFactory()
        session.commit()
        key, author = row.id, row.created_by_id
    assert author is None
    bind(session, here)
    document(session, key, 5)
    remind()

    assert len(told(session, manager)) == 1
    assert told(session, consultant) == []


def test_another_worker_that_was_first_leaves_nothing_to_do(
    session, organization, consultant, dossier, monkeypatch
):
    row = document(session, dossier, 5)
    with acting_as(session, Actor(organization.id)):
        found = dossiers.due_documents()
        assert dossiers.remind_chunk() == 1
        session.commit()
        monkeypatch.setattr(dossiers, "due_documents", lambda: found)
        dossiers.remind_chunk()
        session.commit()

    assert [each.row_id for each in told(session, consultant)] == [row]
    assert [each.count for each in told(session, consultant)] == [1]


def test_a_deleted_document_is_named_no_more(session, login, manager, consultant, dossier, remind):
    row = document(session, dossier, 5)
    remind()
    login(manager).post(f"/dossier-documents/delete/{row}")

    assert "شرکت پارس‌گستر" not in words_of(login, consultant)
    assert login(consultant).get("/dossiers/?tab=expiring").text.count("<tr id=") == 0


def test_a_document_of_a_stranger_is_not_in_the_list(
    session, login, stranger_organization, manager, dossier, remind
):
    with acting_as(session, Actor(stranger_organization.id)):
        document(session, DossierFactory(legal_name="شرکت بیگانه").id, 5)
    document(session, dossier, -1)

    assert login(manager).get("/dossiers/?tab=expiring").text.count("<tr id=") == 0
