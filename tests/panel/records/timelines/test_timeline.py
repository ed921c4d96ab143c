"""The timeline on the page of a row: its events, its pages and its cost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib.clock import now
from models.attachment import Attachment
from models.follow_up import FollowUpEntry
from models.sms.consent import SmsInbound
from tests.factories import CustomerFactory, ResultTitleFactory
from tests.panel.records.timelines.steps import MOST_STATEMENTS, NOTHING, PAGES, address
from tests.support.timelines import places, provider, reassigned, received, refused, result, sent


class TestEvents:
    @pytest.fixture
    def account(self, session):
        return provider()

    @pytest.fixture
    def page(self, at_noon, session, login, consultant, manager, mine, account):
        title = ResultTitleFactory(title="تماس دوباره")
        result(mine, "با همسرش صحبت می‌کند", title=title)
        sent(mine, "سرفصل‌های دوره", consultant, account)
        received(mine.customer, "بعد از ساعت یازده", account)
        refused(mine, "شماره در فهرست است")
        reassigned(mine, manager, consultant, manager)
        entry = session.scalars(select(FollowUpEntry)).one()
        session.add(
            Attachment(
                follow_up_entry_id=entry.id,
                sha256="0" * 64,
                size=10,
                detected_type="application/pdf",
                original_name="رسید.pdf",
                created_by_id=consultant.id,
            )
        )
        session.commit()
        return lambda path: login(consultant).get(address(path, mine)).text

    @pytest.mark.parametrize("path", [PAGES[0], PAGES[2]])
    def test_of_all_kinds_stand_in_one_stream(self, page, path, manager, consultant, mine):
        text = page(path)

        assert 'data-colour="gray"' in text
        words = ["تماس دوباره", "با همسرش", "پیامک «یادآوری»", "سرفصل‌های دوره", "بعد از ساعت یازده"]
        words += ["پیامک ارسال نشد", f"انتساب از {manager} به {consultant}", f"سفارش {mine.product}"]
        assert -1 not in places(text, words)
        assert text.count("events-day") == 1

    def test_of_a_result_have_their_files(self, page, mine):
        files = re.findall(rf'href="(/follow-ups/{mine.id}/files/[0-9a-f-]+)"', page(PAGES[0]))

        assert len(files) == 1

    def test_of_an_order_are_its_results_and_owners(self, page, mine):
        text = page(PAGES[1])

        assert -1 not in places(text, ["با همسرش", "انتساب از", f"سفارش {mine.product}"])
        assert "سرفصل‌های دوره" not in text

    def test_are_none_on_the_page_of_a_new_customer(self, login, manager, consultant):
        alone = CustomerFactory()

        assert NOTHING in login(manager).get(f"/customers/show/{alone.id}").text


class TestPages:
    def test_go_on_where_the_last_one_ended(self, session, login, consultant, mine):
        title = ResultTitleFactory()
        moment = now() - timedelta(days=90)
        # Five at a time have the same moment.
        for number in range(75):
            result(mine, f"یادداشت {number:02}.", at=moment + timedelta(days=number // 5), title=title)
        session.commit()
        client, seen, url = login(consultant), [], f"/follow-ups/{mine.id}/timeline"
        while url:
            page = client.get(url, headers={"HX-Request": "true"}).text
            seen += re.findall(r"یادداشت (\d+)\.", page)
            older = re.search(r'hx-get="([^"]+)"', page)
            url = older and older[1]

        assert seen == [f"{number:02}" for number in reversed(range(75))]

    def test_do_not_repeat_a_heading(self, session, login, consultant, mine):
        title = ResultTitleFactory()
        for number in range(40):
            result(mine, f"یادداشت {number}", at=now() - timedelta(minutes=number), title=title)
        session.commit()
        client = login(consultant)
        first = client.get(f"/follow-ups/{mine.id}/timeline", headers={"HX-Request": "true"}).text
        second = client.get(re.search(r'hx-get="([^"]+)"', first)[1], headers={"HX-Request": "true"}).text
        headings = re.findall(r'events-day">([^<]+)<', first + second)

        assert len(headings) == len(set(headings))
        assert "<ol" not in second

    def test_without_scripts_are_a_link(self, session, login, consultant, mine):
        answer = login(consultant).get(f"/follow-ups/{mine.id}/timeline?older=1.2.3")

        assert answer.location == f"/follow-ups/show/{mine.id}?older=1.2.3"

    @pytest.mark.parametrize(
        "place", ["", "x", "1.2", "1.2.3.4", "-1.2.3", "9" * 40 + ".1.1", "۱.۲.۳", "1.2.3\0"]
    )
    def test_with_a_place_that_is_none_are_the_first(self, login, consultant, mine, place):
        answer = login(consultant).get(f"/customers/show/{mine.customer_id}", query_string={"older": place})

        assert answer.status_code == 200
        assert f"سفارش {mine.product}" in answer.text

    def test_fold_messages_of_one_day(self, session, login, consultant, mine):
        account = provider()
        for number in range(4):
            sent(mine, f"متن {number}", consultant, account)
        for number in range(2):
            sent(mine, f"قدیمی {number}", consultant, account, at=now() - timedelta(days=3))
        session.commit()

        page = login(consultant).get(f"/customers/show/{mine.customer_id}").text

        assert page.count('class="event-run"') == 1
        assert "۴ پیامک" in page

    def test_are_grouped_by_month_beyond_thirty_days(self, session, login, consultant, mine):
        for days in (0, 1, 5, 200, 201):
            result(mine, "سلام", at=now() - timedelta(days=days))
        session.commit()

        page = login(consultant).get(f"/follow-ups/show/{mine.id}").text
        headings = re.findall(r'events-day">([^<]+)<', page)

        assert headings[:2] == ["امروز", "دیروز"]
        assert re.fullmatch(r"[۰-۹]+ \w+", headings[2])
        assert re.fullmatch(r"\w+ ۱۴[۰-۹]{2}", headings[3])


class TestCost:
    @pytest.mark.parametrize("path", PAGES)
    @pytest.mark.parametrize("who", ["manager", "consultant"])
    def test_is_the_same_for_few_and_many_events(
        self, request, session, login, manager, consultant, mine, statements, path, who
    ):
        account, client = provider(), login(request.getfixturevalue(who))
        result(mine, "سلام")
        sent(mine, "متن", consultant, account)
        received(mine.customer, "پاسخ", account)
        session.commit()
        client.get("/customers/")  # How much the member owns is asked once in ten minutes.

        def cost():
            session.expire_all()
            statements.clear()
            assert client.get(url).status_code == 200
            return len(statements)

        url = address(path, mine)
        few = cost()
        for number in range(60):
            result(mine, "سلام", at=now() - timedelta(days=number))
            sent(mine, f"متن {number}", consultant, account)
        reassigned(mine, manager, consultant, manager)
        session.commit()

        assert cost() == few <= MOST_STATEMENTS


def test_inbound_texts_before_the_first_message_are_not_answers(session, login, consultant, mine):
    account = provider()
    text = {"provider_message_id": "m1", "mobile": mine.customer.mobile, "text": "پیش از پیامک"}
    session.add(SmsInbound(provider_id=account.id, received_at=now() - timedelta(days=2), **text))
    sent(mine, "متن", consultant, account)
    session.commit()

    assert "پیش از پیامک" not in login(consultant).get(f"/customers/show/{mine.customer_id}").text
