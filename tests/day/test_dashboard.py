"""The dashboard shows each member what is theirs to do, with numbers that lead to exactly their rows."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy.exc import DataError

from app.lib.clock import now
from app.lib.jalali import start_of_day, today
from app.lib.persian import persian_digits
from app.services.assignment.assign import assign
from app.services.assignment.reassign import reassign
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.order import OrderStatus
from models.result_title import ResultKind
from models.sale import SaleStatus
from tests.day.dashboard_steps import DAY, HTMX, link, number, rows
from tests.day.message_steps import write
from tests.factories import (
    FollowUpFactory,
    OrderFactory,
    ResultTitleFactory,
    SaleFactory,
    TaskFactory,
    member,
)
from views.day.dashboard import fragments


class TestConsultant:
    def test_the_number_of_due_ones_leads_to_exactly_these_rows(self, login, consultant, neighbours, session):
        session.add(consultant)
        FollowUpFactory(consultant_id=consultant.id, next_at=now() - 2 * DAY)
        FollowUpFactory(consultant_id=consultant.id, next_at=start_of_day(today() + DAY))
        FollowUpFactory(consultant_id=consultant.id, next_at=now() - DAY, status=FollowUpStatus.LOST)
        session.commit()
        client = login(consultant)
        page = client.get("/dashboard/").text

        # With the one of the neighbours that waits since now.
        assert number(page, "پیگیری‌های امروز و عقب‌افتاده") == "۲"
        assert link(page, "پیگیری‌های امروز و عقب‌افتاده") == "/follow-ups/?tab=due"
        assert rows(client.get("/follow-ups/?tab=due").text) == 2
        assert re.findall(r'now-line" data-pk="(\d+)"', page)

    def test_new_orders_are_open_ones_without_a_contact(self, login, consultant, neighbours, session):
        session.add(consultant)
        FollowUpFactory(consultant_id=consultant.id, last_entry_at=now())
        session.commit()
        client = login(consultant)
        page = client.get("/dashboard/").text

        assert number(page, "سفارشات جدید") == persian_digits(len(neighbours.alive))
        assert rows(client.get(link(page, "سفارشات جدید")).text) == len(neighbours.alive)

    def test_late_ones_stand_worst_first_and_four_at_most(self, login, consultant, session, manager):
        session.add(consultant)
        keys = [
            FollowUpFactory(consultant_id=consultant.id, next_at=now() - timedelta(hours=hours)).id
            for hours in (1, 30, 5, 80, 2)
        ]
        session.commit()
        page = login(consultant).get("/dashboard/").text

        shown = [int(key) for key in re.findall(r'now-line" data-pk="(\d+)"', page)]
        assert shown == [keys[3], keys[1], keys[2], keys[4]]
        assert f'href="/follow-ups/{keys[3]}/panel" data-panel' in page

    def test_sales_of_the_month_lead_to_exactly_these_rows(
        self, login, consultant, colleague, session, manager
    ):
        session.add_all([consultant, colleague])
        of = consultant.id
        SaleFactory(consultant_id=of, amount=20_000_000)
        SaleFactory(consultant_id=of, amount=5_000_000, status=SaleStatus.REFUNDED)
        SaleFactory(consultant_id=of, amount=90_000_000, status=SaleStatus.CANCELLED)
        SaleFactory(consultant_id=of, amount=90_000_000, status=SaleStatus.DRAFT)
        SaleFactory(consultant_id=of, amount=90_000_000, deleted_at=now())
        SaleFactory(consultant_id=of, amount=90_000_000, sold_at=now() - 200 * DAY)
        SaleFactory(consultant_id=colleague.id, amount=90_000_000)
        session.commit()
        client = login(consultant)
        page = client.get("/dashboard/").text
        url = re.search(r'<a class="kpi" href="(/sales/[^"]*)"', page)[1]

        assert ">۲٫۵ <small>میلیون تومان</small>" in page
        assert rows(client.get(unescape(url)).text) == 2
        assert "۲ فروش" in page

    def test_conversion_is_sales_by_numbers_of_the_ledger(
        self, login, consultant, colleague, manager, session
    ):
        session.add_all([consultant, colleague])
        orders = [OrderFactory(status=OrderStatus.NEW) for _number in range(4)]
        given = [assign(order, consultant, by=manager) for order in orders]
        # A second order of one customer is the same number.
        assign(OrderFactory(status=OrderStatus.NEW, customer=orders[0].customer), consultant, by=manager)
        SaleFactory(consultant_id=consultant.id, order=orders[0])
        session.commit()
        before = login(consultant).get("/dashboard/").text
        reassign(given[1], colleague, by=manager)
        session.commit()
        after = login(consultant).get("/dashboard/").text

        assert "۱ از ۴" in before
        assert "۲۵٫۰٪" in before
        assert "۱ از ۴" in after, "the past does not change when a follow-up is given away"

    def test_calls_and_messages_of_today_are_of_who_made_them(
        self, login, consultant, colleague, manager, session
    ):
        session.add_all([consultant, colleague])
        title = ResultTitleFactory(kind=ResultKind.CALLBACK)
        work = FollowUpFactory(consultant_id=consultant.id)
        for by, at, is_undone in (
            (consultant, now(), False),
            (consultant, now(), True),
            (consultant, now() - 2 * DAY, False),
            (colleague, now(), False),
        ):
            session.add(
                FollowUpEntry(
                    follow_up_id=work.id, result_title_id=title.id, by_id=by.id, at=at, is_undone=is_undone
                )
            )
        session.flush()
        assert "۱ تماس" in login(consultant).get("/dashboard/").text
        session.get(FollowUp, work.id).consultant_id = colleague.id
        session.commit()
        assert "۱ تماس" in login(consultant).get("/dashboard/").text

    def test_a_new_one_reads_why_there_is_nothing(self, login, consultant, session, manager):
        session.add(consultant)
        client = login(consultant)
        page = client.get("/dashboard/").text

        assert "هنوز سفارشی به شما انتساب نشده است." in page
        assert "وضعیت شما «حاضر» است" in page
        assert 'href="/orders/add"' in page
        assert '<svg class="spark"' not in page
        assert "با نخستین فروش شما" in page
        consultant.accepts_orders = False
        session.commit()
        page = client.get("/dashboard/").text
        assert "وضعیت شما «غایب» است" in page
        assert "حاضر می‌شوم" in page

    def test_without_late_ones_it_names_the_next_call(self, login, consultant, session, manager):
        session.add(consultant)
        ahead = FollowUpFactory(consultant_id=consultant.id, next_at=now() + 3 * DAY)
        session.commit()
        page = login(consultant).get("/dashboard/").text

        assert "هیچ پیگیری عقب‌افتاده‌ای نیست." in page
        assert f"{ahead.customer}" in page

    def test_own_tasks_of_today_can_be_ticked(self, login, consultant, colleague, session, manager):
        session.add_all([consultant, colleague])
        mine = TaskFactory(owner_id=consultant.id, due_on=today(), title="وظیفهٔ من")
        TaskFactory(owner_id=consultant.id, due_on=today() + DAY, title="وظیفهٔ فردا")
        TaskFactory(owner_id=colleague.id, due_on=today(), title="وظیفهٔ همکار")
        session.commit()
        page = login(consultant).get("/dashboard/").text

        assert "وظیفهٔ من" in page
        assert "وظیفهٔ فردا" not in page
        assert "وظیفهٔ همکار" not in page
        assert f'hx-post="/tasks/today/{mine.id}?from=todo"' in page

    def test_each_result_leads_to_exactly_its_rows(self, login, consultant, colleague, session, manager):
        session.add_all([consultant, colleague])
        first, second = ResultTitleFactory(title="یکم"), ResultTitleFactory(title="دوم")
        for title in (first, first, second):
            FollowUpFactory(consultant_id=consultant.id, last_result_id=title.id)
        FollowUpFactory(consultant_id=consultant.id, last_result_id=first.id, created_at=now() - 100 * DAY)
        FollowUpFactory(consultant_id=consultant.id, last_result_id=first.id, deleted_at=now())
        FollowUpFactory(consultant_id=colleague.id, last_result_id=first.id)
        session.commit()
        client = login(consultant)
        part = client.get("/dashboard/part/results", headers=HTMX).text
        links = [unescape(url) for url in re.findall(r'href="(/follow-ups/[^"]*)"', part)]

        assert re.findall(r">(\S+)</a></td><td>(\S+)</td>", part) == [("۲", "۶۷٪"), ("۱", "۳۳٪")]
        assert [rows(client.get(url).text) for url in links] == [2, 1]

    def test_unread_conversations_of_the_member_are_named(
        self, login, consultant, colleague, session, manager
    ):
        write(session, manager, [consultant], "جلسهٔ فردا ساعت ۹ است")
        write(session, manager, [colleague], "برای همکار")
        client = login(consultant)
        page = client.get("/dashboard/").text

        assert "پیام‌های خوانده‌نشده" in page
        assert "جلسهٔ فردا ساعت ۹ است" in page
        assert "برای همکار" not in page
        assert "همهٔ پیام‌ها را خوانده‌اید." in login(manager).get("/dashboard/").text


class TestPage:
    def test_is_the_home_and_the_first_entry(self, login, consultant, session, manager):
        session.add(consultant)
        page = login(consultant).get("/", follow_redirects=True).text

        assert re.search(r'<li><a href="([^"]*)"', page)[1] == "/dashboard/"
        assert "<h1>داشبورد</h1>" in page

    @pytest.mark.parametrize("role", ["Consultant", "Manager"])
    def test_takes_twelve_statements_whatever_the_rows(
        self, session, login, organization, manager, statements, role
    ):
        person = member(role, organization, "counted")
        for hours in range(30):
            FollowUpFactory(consultant_id=person.id, next_at=now() - timedelta(hours=hours))
            SaleFactory(consultant_id=person.id)
            TaskFactory(owner_id=person.id, due_on=today())
        session.commit()
        client = login(person)
        client.get("/dashboard/")
        statements.clear()
        assert client.get("/dashboard/").status_code == 200

        assert len(statements) <= 12, "\n".join(statements)

    def test_a_part_that_fails_leaves_the_rest(self, login, manager, monkeypatch):
        def fail(*_arguments):
            raise DataError("SELECT", {}, ValueError("too large"))

        monkeypatch.setattr(fragments.contact, "answers", fail)
        client = login(manager)
        answer = client.get("/dashboard/part/answers?range=today", headers=HTMX)

        assert answer.status_code == 200
        assert "این بخش شمرده نشد. بقیهٔ داشبورد درست است." in answer.text
        assert 'hx-get="/dashboard/part/answers?range=today"' in answer.text
        assert client.get("/dashboard/part/league", headers=HTMX).status_code == 200
        assert client.get("/dashboard/").status_code == 200

    def test_the_support_agent_reads_what_waits_for_support(
        self, session, login, organization, manager, consultant
    ):
        session.add(consultant)
        title = ResultTitleFactory(scope="support")
        fresh = SaleFactory(consultant_id=consultant.id)
        due = SaleFactory(
            consultant_id=consultant.id, last_support_result_id=title.id, support_next_at=now() - DAY
        )
        SaleFactory(
            consultant_id=consultant.id, last_support_result_id=title.id, support_next_at=now() + 3 * DAY
        )
        SaleFactory(consultant_id=consultant.id, status=SaleStatus.CANCELLED)
        session.commit()
        client = login(member("SupportAgent", organization, "helper"))
        page = client.get("/dashboard/").text

        assert [int(key) for key in re.findall(r'now-line" data-pk="(\d+)"', page)] == [due.id, fresh.id]
        assert (number(page, "فروش‌های بدون پشتیبانی"), number(page, "فروش‌های نیازمند تماس")) == ("۱", "۱")
        assert rows(client.get("/support/?tab=new").text) == 1
        assert rows(client.get("/support/?tab=due").text) == 1
        assert "/follow-ups/" not in page
