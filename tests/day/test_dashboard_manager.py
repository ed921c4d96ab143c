"""The dashboard of a manager: the team, its late rows, what waits, and the heat map."""

import re
from datetime import timedelta
from html import unescape

import pytest

from app.lib.clock import now
from app.lib.jalali import start_of_day, today
from app.services.assignment.assign import assign
from models.follow_up import FollowUpEntry
from models.order import OrderStatus
from models.result_title import ResultKind
from tests.day.dashboard_steps import DAY, HTMX, number, rows
from tests.factories import FollowUpFactory, OrderFactory, ResultTitleFactory, SaleFactory, TransactionFactory


class TestManager:
    @pytest.fixture
    def sold(self, session, manager, consultant, colleague):
        """60 numbers of the consultant with 6 sales, 10 of the colleague with 3."""
        session.add_all([consultant, colleague])
        for person, count, sales in ((consultant, 60, 6), (colleague, 10, 3)):
            orders = [OrderFactory(status=OrderStatus.NEW) for _number in range(count)]
            for order in orders:
                assign(order, person, by=manager)
            for order in orders[:sales]:
                SaleFactory(consultant_id=person.id, order=order)
        session.commit()

    def test_the_numbers_are_those_of_the_team_or_of_one(self, login, manager, consultant, sold):
        client = login(manager)
        whole = client.get("/dashboard/?range=today").text
        one = client.get(f"/dashboard/?range=today&consultant={consultant.id}").text

        assert (number(whole, "شماره‌های انتساب‌یافته"), number(one, "شماره‌های انتساب‌یافته")) == ("۷۰", "۶۰")
        assert "۹ از ۷۰" in whole
        assert "۶ از ۶۰" in one
        for page, count in ((whole, 9), (one, 6)):
            url = unescape(re.search(r'<a class="kpi" href="(/sales/[^"]*)"', page)[1])
            assert rows(client.get(url).text) == count

    def test_one_who_has_left_is_named_where_the_address_asks_for_them(
        self, session, login, manager, consultant, colleague, sold
    ):
        consultant.active = False
        session.commit()
        client = login(manager)
        one = client.get(f"/dashboard/?range=today&consultant={consultant.id}").text
        assert f'<option value="{consultant.id}" selected>' in one
        other = client.get(f"/dashboard/?range=today&consultant={colleague.id}").text
        assert f'<option value="{consultant.id}"' not in other

    def test_few_numbers_come_last_in_the_league(self, login, manager, consultant, colleague, sold):
        part = login(manager).get("/dashboard/part/league?range=today", headers=HTMX).text
        names = re.findall(r"</span>\s*(\S+ \S+)\s*(?:<small|</th>)", part)

        assert names[-2:] == [consultant.full_name, colleague.full_name]
        assert "شمار کم" in part
        assert "۱۰٫۰٪" in part
        assert "مشتریان یکتا: ۷۰" in part

    def test_the_league_of_one_has_their_customers(self, login, manager, consultant, colleague, sold):
        client = login(manager)
        for person, count in ((consultant, "۶۰"), (colleague, "۱۰")):
            part = client.get(f"/dashboard/part/league?range=today&consultant={person.id}").text
            assert f"مشتریان یکتا: {count} ·" in part
            assert "نزد دو مشاور" not in part

    def test_a_share_is_rounded_as_in_the_report(self, session, login, manager, consultant):
        """1 of 16 is 6.25 %, which a float rounds to the even digit."""
        session.add(consultant)
        orders = [OrderFactory(status=OrderStatus.NEW) for _number in range(16)]
        for order in orders:
            assign(order, consultant, by=manager)
        SaleFactory(consultant_id=consultant.id, order=orders[0])
        session.commit()
        client = login(manager)

        pages = ("reports/final-sales/", "dashboard/", "dashboard/part/league")
        assert ["۶٫۳٪" in client.get(f"/{page}").text for page in pages] == [True] * 3
        assert "۶٫۳٪" in login(consultant).get("/dashboard/").text

    def test_late_ones_stand_by_consultant(self, login, manager, consultant, colleague, session):
        session.add_all([consultant, colleague])
        for person, count in ((consultant, 2), (colleague, 3)):
            for _number in range(count):
                FollowUpFactory(consultant_id=person.id, next_at=now() - DAY)
        session.commit()
        client = login(manager)
        page = client.get("/dashboard/").text
        lines = re.findall(
            r'href="(/follow-ups/\?tab=due&amp;f_next_at=overdue&amp;f_consultant=(\d+))"', page
        )

        assert [int(key) for _url, key in lines] == [colleague.id, consultant.id]
        assert [rows(client.get(unescape(url)).text) for url, _key in lines] == [3, 2]

    def test_what_waits_leads_to_exactly_its_rows(self, login, manager, session, stranger_organization):
        for _number in range(2):
            OrderFactory(status=OrderStatus.NEW)
        first = OrderFactory(status=OrderStatus.ASSIGNED)
        OrderFactory(status=OrderStatus.HELD, is_repeat=True, repeat_of_id=first.id)
        OrderFactory(status=OrderStatus.NEW, deleted_at=now())
        sale = SaleFactory(consultant_id=manager.id)
        TransactionFactory(sale=sale)
        session.commit()
        client = login(manager)
        page = client.get("/dashboard/").text
        found = re.findall(r'data-waiting="(\w+)".*?href="([^"]*)"><b>(\S+)</b>', page, re.DOTALL)

        assert [(name, count) for name, _url, count in found] == [
            ("tray", "۲"),
            ("pending", "۱"),
            ("repeats", "۱"),
        ]
        assert [rows(client.get(unescape(url)).text) for _name, url, _count in found] == [2, 1, 1]

    def test_the_first_contact_stands_in_its_step(self, login, manager, consultant, session):
        session.add(consultant)
        start = start_of_day(today() - DAY) + timedelta(hours=9)
        for minutes in (4, 5, 14, 59, 239, 300, 1_500, None):
            row = assign(OrderFactory(status=OrderStatus.NEW), consultant, by=manager, at=start)
            row.first_contact_at = None if minutes is None else start + timedelta(minutes=minutes)
        session.commit()
        part = login(manager).get("/dashboard/part/contact?range=last30", headers=HTMX).text

        assert re.findall(r"</svg>\s*</td><td>([^<]+)</td>", part) == ["۱", "۲", "۱", "۱", "۱", "۱", "۱"]

    def test_the_heat_map_counts_answered_calls_by_hour(self, login, manager, consultant, session):
        session.add(consultant)
        reached = ResultTitleFactory(kind=ResultKind.OPEN)
        silent = ResultTitleFactory(kind=ResultKind.UNREACHABLE)
        work = FollowUpFactory(consultant_id=consultant.id)
        at = start_of_day(today() - DAY) + timedelta(hours=10, minutes=59)
        entries = [(reached, False)] * 6 + [(silent, False)] * 4 + [(reached, True)] * 5
        for title, is_undone in entries:
            session.add(
                FollowUpEntry(
                    follow_up_id=work.id,
                    result_title_id=title.id,
                    by_id=consultant.id,
                    at=at,
                    is_undone=is_undone,
                )
            )
        session.flush()
        silent.deleted_at = now()
        session.commit()
        part = login(manager).get("/dashboard/part/answers", headers=HTMX).text

        assert re.findall(r'title="۱۰ تماس">\s*(\S+?)</td>', part) == ["۶۰", "۶۰"]

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("range=days&from=1405/01/01&to=1405/05/01", "بازه حداکثر چهار ماه است."),
            ("range=days&from=1405/05/02&to=1405/05/01", "پیش از"),
            ("range=days&from=2026/05/02&to=1405/05/01", "invalid-feedback"),
            ("range=days&from=%00&to=1405/13/41", "invalid-feedback"),
            ("range=days", "invalid-feedback"),
            ("consultant=999999999999999999999", "این مشاور در سازمان شما نیست."),
        ],
    )
    def test_a_wrong_address_has_its_reason_at_the_field(self, login, manager, query, words):
        answer = login(manager).get(f"/dashboard/?{query}")

        assert answer.status_code == 200
        assert words in answer.text
        assert login(manager).get(f"/dashboard/part/league?{query}", headers=HTMX).status_code == 200

    @pytest.mark.parametrize("key", ["today", "week", "month", "last30", "nothing"])
    def test_each_span_opens(self, login, manager, sold, key):
        assert login(manager).get(f"/dashboard/?range={key}").status_code == 200

    def test_four_months_are_accepted(self, login, manager):
        page = login(manager).get("/dashboard/?range=days&from=1405/01/01&to=1405/04/31").text
        assert "invalid-feedback" not in page
        assert "۱ فروردین تا ۳۱ تیر" in page
