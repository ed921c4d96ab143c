"""Saved reports: saving, opening, renaming, sharing, deleting and taking back, and who may not."""

import json

import pytest
from sqlalchemy import func, select

from app.lib.clock import now, start_at
from app.lib.jalali import instant, parse_date
from app.panel.records.undo import UNDO_FOR
from models.audit.event import AuditEvent
from models.schedule.saved_report import SavedReport
from models.tenancy.scope import Actor, bind
from tests.factories import member, organization_with
from tests.report.test_final_sales import PAGE, RANGE

SAVED = f"{PAGE}saved"
HTMX = {"HX-Request": "true"}
MOST = 50


@pytest.fixture
def rows(session, organization, manager):
    """Reads the saved reports of the organisation, those in the trash too."""

    def read(*, deleted=False):
        session.expire_all()
        bind(session, Actor(organization.id, manager.id))
        found = select(SavedReport).order_by(SavedReport.id)
        return list(session.scalars(found, execution_options={"with_deleted": deleted}))

    return read


@pytest.fixture
def save(login):
    """Saves a report as a member; returns the answer."""

    def post(person, name="ماهانه", query="range=last_month", **more):
        return login(person).post(SAVED, data={"name": name, "_query": query, **more})

    return post


class TestSaving:
    def test_filters_get_a_name_and_open_again(self, save, login, manager, consultant, rows):
        query = f"?range=last_month&by=month&consultant={consultant.id}&same_numbers=1&page=3&x=1"
        answer = save(manager, query=query, moves="1")
        (saved,) = rows()
        opened = f"{PAGE}?by=month&consultant={consultant.id}&same_numbers=1&range=last_month"
        assert answer.status_code == 302
        assert answer.location == opened
        assert login(manager).get(f"{SAVED}/{saved.id}/open").location == opened
        assert "ماهانه" in login(manager).get(SAVED).text

    def test_a_ready_range_moves_with_the_calendar_or_stays(self, save, manager, rows):
        start_at(instant(parse_date("1404/02/10"), now().timetz().replace(tzinfo=None)))
        days = "from=1404/01/01&to=1404/01/31"
        save(manager, "ماه گذشته", days, moves="1")
        save(manager, "فروردین", days)
        save(manager, "ده روز", "from=1404/01/01&to=1404/01/10", moves="1")
        assert [each.query.partition("=")[0] for each in rows()] == ["range", "from", "from"]

    @pytest.mark.parametrize(
        ("name", "query", "message"),
        [
            ("", "", "برای گزارش نامی بنویسید."),
            (" ‌ ", "", "برای گزارش نامی بنویسید."),
            ("ن" * 81, "", "حداکثر ۸۰ نویسه"),
            ("نام", "from=1404/13/01&to=1404/01/01", "این فیلترها خوانده نمی‌شوند"),
            ("نام", "from=1404/01/01&to=1405/01/01", "این فیلترها خوانده نمی‌شوند"),
        ],
    )
    def test_refuses_with_a_message_and_what_was_typed(self, save, manager, rows, name, query, message):
        answer = save(manager, name, query)
        assert answer.status_code == 422
        assert message[:12] in answer.text
        assert rows() == []

    def test_a_name_is_used_once_by_a_member(self, save, manager, consultant, rows):
        save(manager)
        answer = save(manager)
        save(consultant)
        assert answer.status_code == 422
        assert "گزارشی با این نام دارید." in answer.text
        assert 'value="ماهانه"' in answer.text
        assert [each.member_id for each in rows()] == [manager.id, consultant.id]

    def test_there_is_a_most(self, session, save, manager, organization, rows):
        session.add_all(
            SavedReport(member_id=manager.id, section="reports/final-sales", name=f"{number}")
            for number in range(MOST)
        )
        session.commit()
        assert save(manager).status_code == 422
        assert len(rows()) == MOST

    def test_a_query_that_is_too_long_is_refused(self, save, manager, rows):
        assert save(manager, query="x" * 20_001).status_code == 400
        assert rows() == []

    def test_the_range_moves_unless_the_member_has_said_otherwise(self, save, login, manager, rows):
        ticked = 'name="moves" value="1" checked'
        assert ticked in login(manager).get(f"{SAVED}?range=last_month").text
        assert ticked not in save(manager, " ").text
        assert ticked in save(manager, " ", moves="1").text
        save(manager)
        (saved,) = rows()
        at = f"{SAVED}/{saved.id}/share"
        answer = login(manager).post(at, data={"_query": "range=last_month"}, headers=HTMX)
        assert ticked in answer.text


class TestChanging:
    def test_renaming(self, save, login, manager, rows):
        save(manager)
        save(manager, "دیگر")
        first, _other = rows()
        page = login(manager).get(f"{SAVED}/{first.id}/rename")
        assert 'value="ماهانه"' in page.text
        refused = login(manager).post(f"{SAVED}/{first.id}/rename", data={"name": "دیگر"})
        assert refused.status_code == 422
        assert 'value="دیگر"' in refused.text
        assert login(manager).post(f"{SAVED}/{first.id}/rename", data={"name": " "}).status_code == 422
        assert login(manager).post(f"{SAVED}/{first.id}/rename", data={"name": "نو"}).status_code == 302
        assert [each.name for each in rows()] == ["نو", "دیگر"]

    def test_deleted_and_taken_back(self, save, login, manager, rows):
        save(manager)
        (saved,) = rows()
        answer = login(manager).post(f"{SAVED}/{saved.id}/delete", headers=HTMX)
        undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]
        assert rows() == []
        assert login(manager).get(f"{SAVED}/{saved.id}/open").status_code == 404
        assert login(manager).post(undo, headers=HTMX).status_code == 204
        assert [each.id for each in rows()] == [saved.id]
        assert login(manager).post(undo).status_code == 404

    def test_it_is_not_taken_back_by_others_or_under_a_name_that_is_taken(
        self, save, login, manager, organization, rows
    ):
        save(manager, is_shared="1")
        (saved,) = rows()
        other = member("Manager", organization, "other-manager")
        login(manager).post(f"{SAVED}/{saved.id}/delete")
        undo = f"{SAVED}/{saved.id}/restore"
        assert login(other).post(undo).status_code == 404
        save(manager)
        refused = login(manager).post(undo, headers=HTMX)
        assert json.loads(refused.headers["HX-Trigger"])["toast"]["level"] == "danger"
        assert [each.id for each in rows()] != [saved.id]
        assert len(rows()) == 1

    def test_it_is_not_taken_back_later(self, session, save, login, manager, rows):
        save(manager)
        (saved,) = rows()
        login(manager).post(f"{SAVED}/{saved.id}/delete")
        (deleted,) = rows(deleted=True)
        deleted.deleted_at = now() - UNDO_FOR
        session.commit()
        assert login(manager).post(f"{SAVED}/{saved.id}/restore").status_code == 404
        assert rows() == []

    def test_events_name_who_did_it(self, session, save, login, manager, rows):
        save(manager)
        (saved,) = rows()
        login(manager).post(f"{SAVED}/{saved.id}/rename", data={"name": "نو"})
        login(manager).post(f"{SAVED}/{saved.id}/delete")
        of_report = AuditEvent.object_type == "SavedReport", AuditEvent.object_id == saved.id
        found = select(AuditEvent.action, AuditEvent.actor_id).where(*of_report).order_by(AuditEvent.id)
        actions = session.execute(found).all()
        assert [actor for _action, actor in actions] == [manager.id] * 3
        assert actions[0][0] == "add"


class TestSharing:
    def test_a_shared_report_is_opened_by_all_and_changed_by_those_who_may_share(
        self, save, login, manager, consultant, organization, rows
    ):
        save(manager, is_shared="1")
        (saved,) = rows()
        other = member("Manager", organization, "other-manager")
        at = f"{SAVED}/{saved.id}"
        assert saved.is_shared
        assert login(consultant).get(f"{at}/open").status_code == 302
        assert "ماهانه" in login(consultant).get(SAVED).text
        for act in ("rename", "share", "delete", "schedule"):
            assert login(consultant).post(f"{at}/{act}", data={"name": "x"}).status_code == 403, act
        assert login(other).post(f"{at}/schedule").status_code == 403
        assert login(other).post(f"{at}/rename", data={"name": "نو"}).status_code == 302
        login(other).post(f"{at}/share")
        assert [(each.name, each.is_shared) for each in rows()] == [("نو", False)]
        assert login(consultant).get(f"{at}/open").status_code == 404

    def test_a_consultant_shares_nothing(self, save, login, consultant, rows, manager):
        save(consultant, is_shared="1")
        (saved,) = rows()
        assert not saved.is_shared
        assert login(consultant).post(f"{SAVED}/{saved.id}/share").status_code == 403
        assert login(manager).get(f"{SAVED}/{saved.id}/open").status_code == 404


class TestOthers:
    @pytest.mark.parametrize("act", ["open", "rename", "share", "delete", "restore", "schedule"])
    def test_a_private_report_is_nobody_elses(self, save, login, manager, consultant, rows, act):
        save(manager)
        (saved,) = rows()
        client, at = login(consultant), f"{SAVED}/{saved.id}/{act}"
        assert (client.get(at) if act == "open" else client.post(at)).status_code == 404
        assert login(manager).get(f"{SAVED}/{saved.id}/open").status_code == 302

    @pytest.mark.parametrize("act", ["open", "rename", "share", "delete", "restore", "schedule"])
    def test_a_shared_report_stays_in_its_organisation(self, save, login, manager, rows, act):
        save(manager, is_shared="1")
        (saved,) = rows()
        stranger = member("Manager", organization_with("far-away"))
        client, at = login(stranger), f"{SAVED}/{saved.id}/{act}"
        assert (client.get(at) if act == "open" else client.post(at)).status_code == 404
        assert "ماهانه" not in client.get(SAVED).text
        assert [each.is_shared for each in rows()] == [True]

    @pytest.mark.parametrize("role", ["SupportAgent", "Operator"])
    def test_others_may_not_even_ask(self, session, save, login, manager, organization, rows, role):
        save(manager, is_shared="1")
        (saved,) = rows()
        person = member(role, organization if role == "SupportAgent" else None, "other")
        client = login(person)
        assert client.get(SAVED).status_code == 403
        assert client.post(SAVED, data={"name": "x", "_query": RANGE}).status_code == 403
        for act in ("rename", "share", "delete", "restore", "schedule"):
            assert client.post(f"{SAVED}/{saved.id}/{act}").status_code == 403
        assert session.scalar(select(func.count(SavedReport.id))) == 1
        assert len(rows()) == 1

    @pytest.mark.parametrize("pk", ["0", "x", "9" * 30, "-1"])
    def test_keys_that_are_none(self, login, manager, pk):
        assert login(manager).get(f"{SAVED}/{pk}/open").status_code == 404


def test_the_other_report_does_not_open_it(session, save, login, manager, rows):
    save(manager)
    (saved,) = rows()
    saved.section = "reports/elsewhere"
    session.commit()
    assert login(manager).get(f"{SAVED}/{saved.id}/open").status_code == 404
    assert "ماهانه" not in login(manager).get(SAVED).text


def test_the_dialog_needs_few_statements_whatever_the_rows(session, login, manager, save, statements):
    client = login(manager)
    counts = []
    for number in range(2):
        save(manager, f"گزارش {number}")
        client.get(SAVED)
        statements.clear()
        client.get(SAVED)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 6
