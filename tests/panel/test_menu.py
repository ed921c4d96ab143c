"""The side menu is short for each role, has the groups as its member left them, and its numbers follow an act."""

import json
import re

import pytest

from models.result_title import ResultKind
from tests.factories import ResultTitleFactory, member
from tests.panel.test_navigation import groups_of

HIDDEN = ["/products/", "/result-titles/", "/sms-templates/"]


def open_groups(client, path="/account/") -> set[str]:
    side = client.get(path).text.split('class="sidebar"')[1].split("</aside>")[0]
    return set(re.findall(r'data-group="([a-z]+)" open', side))


def visible_entries(client) -> int:
    """The number of entries in the groups that are open."""
    side = client.get("/account/").text.split('class="sidebar"')[1].split("</aside>")[0]
    opened = [block for block in side.split("<details") if re.match(r"[^>]* open", block)]
    return sum(block.count("<li><a ") for block in opened)


def count_of(client, name, path="/account/") -> str:
    side = client.get(path).text.split('class="sidebar"')[1].split("</aside>")[0]
    return re.search(rf'data-count="{name}">([^<]*)<', side)[1]


def fold(client, group, is_open="0"):
    return client.post("/account/menu", data={"group": group, "open": is_open})


class TestEntries:
    def test_of_a_consultant_are_at_most_nine_while_groups_are_folded(self, login, consultant):
        client = login(consultant)
        assert 0 < visible_entries(client) <= 9
        assert not {*HIDDEN} & {each for group in groups_of(client).values() for each in group}

    def test_of_a_manager_are_at_most_twelve_while_groups_are_folded(self, login, manager):
        client = login(manager)
        assert 0 < visible_entries(client) <= 12
        assert {*HIDDEN} <= {each for group in groups_of(client).values() for each in group}

    @pytest.mark.parametrize("path", HIDDEN)
    def test_that_are_left_out_are_reached_by_address_and_palette(self, login, consultant, path):
        client = login(consultant)
        assert client.get(path).status_code == 200
        more = client.get("/palette/").json[1]
        assert more["label"] == "بخش‌های دیگر"
        assert path in {each["url"] for each in more["choices"]}

    def test_that_a_role_may_not_open_are_in_the_palette_of_others_only(self, login, consultant, manager):
        shown = login(consultant).get("/palette/").text
        assert "/members/" not in shown
        # The menu has the queue of tickets for the support alone.
        more = login(manager).get("/palette/").json[1]["choices"]
        assert [each["url"] for each in more] == ["/tickets/"]

    def test_of_the_bottom_bar_begin_with_follow_ups(self, login, consultant, manager):
        for person in (consultant, manager):
            bar = login(person).get("/account/").text.split('class="bottom-bar"')[1].split("</nav>")[0]
            assert re.findall('<a href="([^"]+)"', bar) == [
                "/follow-ups/",
                "/tasks/",
                "/messages/",
                "/customers/",
            ]

    def test_of_the_bottom_bar_of_a_support_agent_have_support(self, login, organization):
        agent = member("SupportAgent", organization)
        bar = login(agent).get("/account/").text.split('class="bottom-bar"')[1].split("</nav>")[0]
        assert re.findall('<a href="([^"]+)"', bar) == ["/tasks/", "/messages/", "/customers/", "/support/"]


class TestGroups:
    def test_are_open_or_folded_by_declaration_first(self, login, manager):
        assert open_groups(login(manager)) == {"day", "sales"}

    def test_stay_as_the_member_left_them_on_each_device(self, login, manager, colleague):
        first, second = login(manager), login(manager)
        assert fold(first, "sales").status_code == 204
        fold(first, "oversight", "1")

        assert open_groups(second) == {"day", "oversight"}
        assert open_groups(login(colleague)) == {"day", "sales"}

    def test_of_the_open_page_are_open(self, login, manager):
        client = login(manager)
        fold(client, "sales")
        assert open_groups(client, "/members/") == {"day", "organization"}
        assert open_groups(client, "/orders/") == {"day", "sales"}

    def test_that_do_not_exist_are_refused(self, login, manager, session):
        assert fold(login(manager), "nothing").status_code == 400
        session.refresh(manager)
        assert manager.menu_groups is None

    def test_are_nothing_to_a_visitor(self, app, session):
        assert fold(app.test_client(), "sales").status_code == 302

    def test_leave_no_audit_event(self, login, manager, session):
        client = login(manager)
        before = client.get("/audit/").text.count("data-pk")
        fold(client, "sales")
        assert client.get("/audit/").text.count("data-pk") == before


class TestCounts:
    def test_of_a_folded_group_are_the_sum_of_its_entries(self, login, consultant, neighbours):
        client = login(consultant)
        fold(client, "day")
        assert count_of(client, "day") == count_of(client, "/follow-ups/") == "۱"

    def test_come_with_the_answer_of_an_act(self, login, consultant, neighbours, session):
        client, lost = login(consultant), ResultTitleFactory(kind=ResultKind.LOST)
        answer = client.post(
            f"/follow-ups/{neighbours.waiting}/result",
            data={"result_title": lost.id, "note": "نه"},
            headers={"HX-Request": "true"},
        )
        assert answer.status_code == 204
        assert json.loads(answer.headers["X-Menu-Counts"]) == {
            "/follow-ups/": "",
            "/messages/": "",
            "day": "",
            "notifications": "۱",
            "tasks-today": "",
        }
        assert count_of(client, "/follow-ups/") == ""

    def test_do_not_come_with_a_page_or_a_refusal(self, login, consultant, neighbours):
        client = login(consultant)
        path = f"/follow-ups/{neighbours.waiting}/result"
        assert "X-Menu-Counts" not in client.post(path, data={}, headers={"HX-Request": "true"}).headers
        assert "X-Menu-Counts" not in client.get("/follow-ups/", headers={"HX-Request": "true"}).headers
        assert "X-Menu-Counts" not in fold(client, "day").headers

    def test_do_not_come_to_a_member_without_numbers(self, login, session):
        client = login(member("Operator", None))
        answer = client.post("/account/menu", data={"group": "day"}, headers={"HX-Request": "true"})
        assert answer.status_code == 204
        assert "X-Menu-Counts" not in answer.headers
