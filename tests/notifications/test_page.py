"""A member reads their own notifications and nobody else's; a row out of their reach is not named."""

import json
import re
from datetime import timedelta

import pytest

from app.lib.clock import now
from app.panel.notifications import feed
from app.services.assignment.assign import assign
from app.services.assignment.reassign import reassign
from app.services.notification import delete_old
from models.notifications.notification import Notification
from models.order import OrderStatus
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import FollowUpFactory, OrderFactory, member
from tests.notifications.steps import HTMX, tell, told

TOLD = "پیگیری به شما سپرده شد"
GONE = "این مورد دیگر در دسترس شما نیست."


def words(page):
    return re.findall(r'<(?:a|span) class="notification-text[^>]*>([^<]+)<', page)


def bell(page):
    return re.search(r'data-count="notifications">([^<]*)<', page)[1]


@pytest.fixture
def given(session, manager, consultant):
    """A follow-up that the manager has given to the consultant."""
    session.add(consultant)  # Other fixtures detach it.
    follow_up = assign(OrderFactory(status=OrderStatus.NEW), consultant, by=manager)
    session.commit()
    return follow_up


class TestPage:
    def test_shows_own_ones_newest_first_and_leads_to_their_rows(self, session, login, consultant, given):
        tell(session, consultant, created_at=now() - timedelta(days=1), count=3)
        page = login(consultant).get("/notifications/").text

        assert words(page) == [f"۳ {TOLD}", f"پیگیری {given.customer} به شما سپرده شد"]
        assert f'href="/follow-ups/show/{given.id}"' in page
        assert page.count("data-unread") == 2
        assert "امروز" in page
        assert "دیروز" in page

    @pytest.mark.parametrize("role", ["Manager", "Consultant", "SupportAgent"])
    def test_has_nothing_of_others(self, login, organization, given, role):
        page = login(member(role, organization, "somebody")).get("/notifications/").text

        assert words(page) == []
        assert "هنوز اطلاعیه‌ای نیست" in page

    def test_of_another_organisation_has_nothing(self, login, stranger_organization, given):
        page = login(member("Manager", stranger_organization, "stranger")).get("/notifications/").text
        assert words(page) == []

    def test_is_for_members_who_act_in_an_organisation(self, app, login, session, given):
        assert app.test_client().get("/notifications/").status_code == 302
        admin = login(member("Admin", None)).get("/notifications/").text
        assert words(admin) == []
        assert 'data-count="notifications"' not in admin

    def test_says_nothing_of_a_row_that_was_given_away(
        self, session, login, manager, consultant, colleague, given
    ):
        reassign(given, colleague, by=manager)
        session.commit()
        page = login(consultant).get("/notifications/").text

        assert words(page) == [GONE]
        assert str(given.customer) not in page
        assert f"/follow-ups/show/{given.id}" not in page

    def test_says_nothing_of_a_deleted_row(self, session, login, consultant, given):
        given.deleted_at = now()
        session.commit()
        assert words(login(consultant).get("/notifications/").text) == [GONE]

    def test_says_nothing_of_a_section_whose_right_is_lost(self, session, login, organization, given):
        agent = member("SupportAgent", organization, "agent")
        tell(session, agent, row_id=given.id, count=1, params={"name": str(given.customer)})
        tell(session, agent)
        assert words(login(agent).get("/notifications/").text) == [GONE, GONE]

    def test_says_nothing_of_a_kind_that_is_no_longer_declared(self, session, login, consultant):
        tell(session, consultant, kind="dreams.dreams.told")
        assert words(login(consultant).get("/notifications/").text) == [GONE]

    def test_continues_by_key_and_repeats_no_heading(self, session, login, consultant, monkeypatch):
        monkeypatch.setattr(feed, "SIZE", 2)
        monkeypatch.setattr(
            feed.notification_page, "__kwdefaults__", {"before": None, "is_unread": False, "size": 2}
        )
        rows = [tell(session, consultant, count=number + 2) for number in range(5)]
        browser = login(consultant)
        first = browser.get("/notifications/").text
        older = re.search(r"\?older=(\d+)", first)[1]
        second = browser.get(f"/notifications/?older={older}", headers=HTMX).text

        assert older == str(rows[3].id)
        assert words(second) == [f"۴ {TOLD}", f"۳ {TOLD}"]
        assert "<html" not in second
        assert "notifications-day" not in second

    @pytest.mark.parametrize("older", ["x", "-1", "۱", "9" * 30, "0"])
    def test_survives_any_place(self, session, login, consultant, older):
        tell(session, consultant)
        assert login(consultant).get(f"/notifications/?older={older}").status_code == 200

    def test_the_unread_ones_alone(self, session, login, consultant):
        tell(session, consultant, read_at=now())
        browser = login(consultant)
        assert "همه را خوانده‌اید" in browser.get("/notifications/?tab=unread").text
        tell(session, consultant, count=4)
        assert words(browser.get("/notifications/?tab=unread").text) == [f"۴ {TOLD}"]

    @pytest.mark.parametrize("address", ["/notifications/", "/notifications/latest"])
    def test_costs_the_same_for_one_and_for_many(self, session, login, consultant, statements, address):
        browser = login(consultant)
        counts = []
        for number in (1, 12):
            for _ in range(number):
                row = FollowUpFactory(consultant_id=consultant.id)
                tell(session, consultant, row_id=row.id, address="/x", params={"name": "x"})
            session.commit()
            browser.get(address)
            statements.clear()
            assert browser.get(address).status_code == 200
            counts.append(len(statements))

        assert counts[0] == counts[1] <= 6


class TestBell:
    def test_has_the_number_of_unread_ones_on_each_page(self, session, login, consultant, given):
        tell(session, consultant, read_at=now())
        browser = login(consultant)
        assert bell(browser.get("/follow-ups/").text) == bell(browser.get("/account/").text) == "۱"
        assert 'data-bell="/notifications/latest"' in browser.get("/account/").text

    def test_is_empty_without_any(self, login, manager, consultant, given):
        assert bell(login(manager).get("/account/").text) == ""

    @pytest.mark.parametrize("table", ["customers", "orders", "products"])
    def test_comes_with_the_rows_of_a_list(self, login, manager, given, statements, table):
        browser, address = login(manager), f"/{table}/"
        browser.get(address)
        statements.clear()
        browser.get(address)

        [found] = [each for each in statements if "FROM notifications" in each]
        assert f"SELECT {table}.id" in found

    def test_has_the_latest_and_the_way_to_all(self, session, login, consultant, given):
        for number in range(9):
            tell(session, consultant, count=number + 2)
        page = login(consultant).get("/notifications/latest", headers=HTMX).text

        assert len(words(page)) == feed.SIZE_OF_BELL
        assert "<html" not in page
        assert 'href="/notifications/"' in page

    def test_follows_an_act_in_the_open_page(self, session, login, manager, colleague, consultant, given):
        tell(session, manager)
        session.commit()
        key = FollowUpFactory(consultant_id=colleague.id).id
        act = f"/follow-ups/action/remove/{key}"
        answer = login(manager).post(act, data={"_step": "run"}, headers=HTMX)

        assert json.loads(answer.headers["X-Menu-Counts"])["notifications"] == "۱"


class TestReading:
    def test_one(self, session, login, consultant, given):
        [notice] = told(session, consultant)
        answer = login(consultant).post(f"/notifications/{notice.id}/read", headers=HTMX)

        assert answer.status_code == 204
        assert json.loads(answer.headers["X-Menu-Counts"])["notifications"] == ""
        [notice] = told(session, consultant)
        assert notice.read_at is not None

    def test_one_leaves_those_before_and_after_it(self, session, login, consultant):
        rows = [tell(session, consultant) for _ in range(3)]
        session.commit()

        login(consultant).post(f"/notifications/{rows[1].id}/read", headers=HTMX)

        read = {each.id: each.read_at is not None for each in told(session, consultant)}
        assert [read[each.id] for each in rows] == [False, True, False]

    def test_all_and_its_undo(self, session, login, consultant, colleague, given):
        tell(session, consultant)
        early = tell(session, consultant, read_at=now() - timedelta(hours=1))
        tell(session, colleague)
        session.commit()
        browser, before = login(consultant), early.read_at
        answer = browser.post("/notifications/read", headers=HTMX)
        toast = json.loads(answer.headers["HX-Trigger"])["toast"]

        assert toast["text"] == "2 اطلاعیه خوانده شد."
        assert all(each.read_at for each in told(session, consultant))
        assert [each.read_at for each in told(session, colleague)] == [None]
        browser.post(toast["undo_url"], headers=HTMX)
        assert [each.read_at for each in told(session, consultant)] == [None, None, before]
        assert browser.post(toast["undo_url"], headers=HTMX).status_code == 404

    def test_all_of_none_says_so(self, login, consultant):
        answer = login(consultant).post("/notifications/read", headers=HTMX)
        assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"] is None

    def test_dismissing_and_its_undo(self, session, login, consultant, given):
        browser, [notice] = login(consultant), told(session, consultant)
        answer = browser.post(f"/notifications/{notice.id}/dismiss", headers=HTMX)
        undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]

        assert words(browser.get("/notifications/").text) == []
        assert bell(browser.get("/account/").text) == ""
        browser.post(undo, headers=HTMX)
        assert len(words(browser.get("/notifications/").text)) == 1

    @pytest.mark.parametrize("is_read", [False, True])
    def test_the_undo_of_dismissing_leaves_it_read_or_unread_as_it_was(
        self, session, login, consultant, given, is_read
    ):
        browser, [notice] = login(consultant), told(session, consultant)
        if is_read:
            browser.post(f"/notifications/{notice.id}/read", headers=HTMX)
        before = told(session, consultant)[0].read_at
        browser.post(f"/notifications/{notice.id}/dismiss", headers=HTMX)
        browser.post(f"/notifications/{notice.id}/restore", headers=HTMX)

        assert told(session, consultant)[0].read_at == before
        assert (before is not None) is is_read

    def test_without_scripts_leads_back_to_the_page(self, login, consultant, given):
        assert login(consultant).post("/notifications/read").location == "/notifications/"

    @pytest.mark.parametrize("act", ["read", "dismiss", "restore"])
    def test_of_others_is_not_there(
        self, session, login, manager, consultant, colleague, stranger_organization, given, act
    ):
        [notice] = told(session, consultant)
        for person in (manager, colleague, member("Manager", stranger_organization, "stranger")):
            assert login(person).post(f"/notifications/{notice.id}/{act}", headers=HTMX).status_code == 404
        assert login(consultant).post(f"/notifications/999999/{act}", headers=HTMX).status_code == 404
        assert told(session, consultant)[0].read_at is None

    @pytest.mark.parametrize("moment", ["0", "x", "9" * 18, "9" * 40])
    def test_of_no_moment_is_not_there(self, login, consultant, moment):
        assert login(consultant).post(f"/notifications/unread/{moment}", headers=HTMX).status_code == 404

    def test_writes_an_event_of_the_trail_once(self, session, login, consultant, given, statements):
        [notice] = told(session, consultant)
        browser, written = login(consultant), []
        for _ in range(2):
            statements.clear()
            browser.post(f"/notifications/{notice.id}/read", headers=HTMX)
            written.append(len([each for each in statements if "INSERT INTO audit_events" in each]))
        assert written == [1, 0]


def test_old_ones_are_deleted(session, manager, consultant, stranger_organization):
    long_ago, lately = now() - timedelta(days=91), now() - timedelta(days=89)
    tell(session, consultant, read_at=long_ago)
    rest = [tell(session, consultant, read_at=lately), tell(session, consultant, created_at=long_ago)]
    keys = [each.id for each in rest]
    stranger = member("Manager", stranger_organization, "stranger")
    with acting_as(session, Actor(stranger_organization.id)):
        other = tell(session, stranger, read_at=long_ago).id
    session.commit()

    assert delete_old() == 1
    session.commit()
    assert [each.id for each in told(session, consultant)] == keys
    with acting_as(session, Actor(stranger_organization.id)):
        assert session.get(Notification, other) is not None


@pytest.mark.postgresql
def test_the_policy_hides_those_of_another_organisation(session, manager, consultant, stranger_organization):
    tell(session, consultant)
    session.commit()
    bind(session, Actor(stranger_organization.id))
    with session.no_autoflush:
        seen = session.connection().exec_driver_sql("SELECT count(*) FROM notifications").scalar_one()

    assert seen == 0
    assert session.get(Organization, stranger_organization.id) is not None
