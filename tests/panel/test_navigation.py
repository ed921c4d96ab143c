"""The side menu has the product's groups in their order, without those that a member has no entry of."""

import re

import pytest

from tests.factories import member


def groups_of(client) -> dict[str, list[str]]:
    """The side menu: the addresses under each heading."""
    page = client.get("/account/").get_data(as_text=True)
    side = page.split('class="sidebar"')[1].split("</aside>")[0]
    blocks = side.split("<details")[1:]
    return {
        re.search(r"<summary>.*?<span>([^<]+)</span>", block)[1]: re.findall(r'<li><a href="([^"]+)"', block)
        for block in blocks
    }


class TestGroups:
    def test_of_a_manager_stand_in_their_order(self, login, manager):
        assert list(groups_of(login(manager))) == [
            "کار روز",
            "فروش",
            "گزارش‌ها",
            "پیامک",
            "سازمان",
            "نظارت",
        ]

    def test_without_entries_are_not_shown(self, login, consultant):
        assert "نظارت" not in groups_of(login(consultant))

    def test_of_the_platform_are_its_admins(self, session, login):
        admin = member("Admin", None, "admin")
        session.commit()
        assert groups_of(login(admin))["سامانه"] == ["/organizations/", "/sms-providers/", "/console/"]


class TestEntries:
    def test_begin_with_daily_work_and_end_with_settings(self, login, manager):
        groups = groups_of(login(manager))
        assert groups["فروش"] == [
            "/customers/",
            "/orders/",
            "/repeated-orders/",
            "/sales/",
            "/support/",
            "/dossiers/",
            "/imports/",
        ]
        assert groups["سازمان"][-1] == "/settings/organization/"


class TestHome:
    @pytest.mark.parametrize("person", ["consultant", "manager"])
    def test_is_the_dashboard(self, request, login, person):
        client = login(request.getfixturevalue(person))
        assert client.get("/").location == "/dashboard/"
