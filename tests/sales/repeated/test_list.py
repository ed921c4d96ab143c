"""The list of repeated orders beside their first ones: who sees it, and what it offers."""

from __future__ import annotations

import csv

import pytest

from app.gateways.storage import storage
from app.lib.jalali import format_datetime
from app.lib.mobile import local_mobile
from app.lib.persian import latin_digits, persian_digits
from app.services.assignment.assign import assign_all
from models.order import Order
from models.organization import Organization
from tests.panel.records.export_steps import ask, work
from tests.sales.repeated.steps import BASE, BESIDE, HELD, HTMX, decide
from tests.support.orders import MOBILE, place
from tests.support.pages import acts_of


class TestTheList:
    def test_shows_the_repeat_beside_its_first_order(self, login, manager, pair):
        text = login(manager).get(BASE).text

        assert f'data-pk="{pair[1]}"' in text
        assert f'data-pk="{pair[0]}"' not in text
        for words in ("۳ روز بعد", "مشاور", "محصول و موبایل یکسان", "منتظر تصمیم", "سیاست سازمان"):
            assert words in persian_digits(text)

    @pytest.mark.parametrize("tab", ["held", "attached", "same_consultant", "not_repeat", "all"])
    def test_costs_six_statements_whatever_the_rows(
        self, session, login, manager, consultant, product, statements, tab
    ):
        counts = []
        for size in (1, 20):
            orders = [place(product, mobile=f"+98912{size:03d}{number:04d}") for number in range(size)]
            assign_all(orders, consultant, by=manager)
            repeats = [place(product, mobile=f"+98912{size:03d}{number:04d}") for number in range(size)]
            session.commit()
            browser = login(manager)
            if tab in {"attached", "same_consultant", "not_repeat"}:
                name = {"attached": "attach"}.get(tab, tab)
                assert decide(browser, name, *(each.id for each in repeats)).status_code == 204
            browser.get(f"{BASE}?tab={tab}")
            statements.clear()
            assert browser.get(f"{BASE}?tab={tab}").text.count("data-pk=") >= size
            counts.append(len(statements))

        assert max(counts) <= 6

    def test_is_the_consultants_own_without_decisions(
        self, session, login, consultant, colleague, pair, alone
    ):
        mine, theirs = (
            login(consultant).get(f"{BASE}?tab=all").text,
            login(colleague).get(f"{BASE}?tab=all").text,
        )

        assert f'data-pk="{pair[1]}"' in mine
        assert f'data-pk="{alone[1]}"' not in mine
        assert "data-act" not in mine
        assert "data-pk=" not in theirs

    @pytest.mark.parametrize("name", ["attach", "same_consultant", "not_repeat"])
    def test_lets_no_consultant_decide(self, login, consultant, pair, state, name):
        assert decide(login(consultant), name, pair[1]).status_code == 403
        assert state(pair[1]) == HELD

    def test_offers_what_is_possible_and_says_why_the_rest_is_not(self, login, manager, pair, alone):
        text = login(manager).get(BASE).text
        of_pair, of_alone = acts_of(text, pair[1]), acts_of(text, alone[1])

        assert "aria-disabled" not in of_pair
        assert 'data-act="attach" data-proposed' in of_pair
        assert of_alone.count("aria-disabled") == 2
        assert "سفارش اصلی پیگیری باز ندارد." in of_alone
        assert 'data-act="not_repeat" data-proposed' in of_alone

    def test_asks_beside_the_button_with_the_name_of_the_consultant(self, login, manager, pair):
        answer = login(manager).post(f"{BASE}action/attach/{pair[1]}", data=BESIDE, headers=HTMX)

        assert answer.status_code == 200
        assert 'hx-target="#act-popover"' in answer.text
        assert "بپیوندد؟" in answer.text
        assert ">پیوستن</button>" in answer.text

    def test_has_a_page_with_its_timeline_and_an_export(self, login, manager, pair):
        browser = login(manager)

        assert browser.get(f"{BASE}show/{pair[1]}").status_code == 200
        assert browser.post(f"{BASE}export", data={"_query": "tab=all", "format": "csv"}).status_code == 302
        assert browser.get(f"{BASE}show/{pair[0]}").status_code == 404

    def test_stands_in_a_file_with_all_that_the_list_shows(
        self, session, login, manager, consultant, organization, pair, alone
    ):
        browser = login(manager)
        dialog = browser.get(f"{BASE}export?tab=held").text
        ask(browser, "repeated-orders", query="tab=held")

        with storage().path(work(session, organization).stored_name).open(encoding="utf-8-sig") as file:
            rows = {row["موبایل"]: row for row in csv.DictReader(file)}

        assert [each for each in next(iter(rows.values())) if each not in dialog] == []
        first, repeat = (session.get(Order, key) for key in pair)
        mine, theirs = rows[local_mobile(MOBILE)], rows["09120000001"]
        assert (mine["تاریخ سفارش (تکراری)"], mine["تاریخ سفارش (اصلی)"]) == tuple(
            latin_digits(format_datetime(each.ordered_at)) for each in (repeat, first)
        )
        assert (mine["نتیجهٔ سفارش اصلی"], mine["مشاور سفارش اصلی"]) == ("جدید", consultant.full_name)
        assert (theirs["نتیجهٔ سفارش اصلی"], theirs["مشاور سفارش اصلی"]) == ("جدید", "")

    def test_stands_in_a_file_with_numbers_as_the_organisation_shows_them(
        self, session, login, manager, organization, pair
    ):
        session.get(Organization, organization.id).mask_mobiles = True
        session.commit()
        browser = login(manager)

        dialog = browser.get(f"{BASE}export?tab=held").text
        ask(browser, "repeated-orders", query="tab=held")

        text = storage().path(work(session, organization).stored_name).read_text("utf-8-sig")
        assert 'name="reveal"' in dialog
        assert "0912***4567" in text
        assert local_mobile(MOBILE) not in text

    def test_says_when_the_two_orders_came_together(self, session, login, manager, product):
        for day, mobile in ((0, MOBILE), (0.0005, MOBILE), (0, "+989120000001"), (0.001, "+989120000001")):
            place(product, day=day, mobile=mobile)
        session.commit()

        text = persian_digits(login(manager).get(BASE).text)

        assert (text.count("هم‌زمان"), text.count("۱ دقیقه بعد")) == (1, 1)
        assert "۰ دقیقه" not in text
