"""Acts by hand: a deletion that names its row, the numbers of the menu after it, and the warning only after typing."""

import re

import pytest
from playwright.sync_api import expect

MANAGER = "manager-demo1"
COUNT = ".sidebar a[href='/follow-ups/'] .count"
ASKED = "dialog.dialog-box-small[open] .question"


DIGITS = "۰۱۲۳۴۵۶۷۸۹"


def _number(text):
    return int(text.translate(str.maketrans(DIGITS, "0123456789")))


def _persian(number):
    return str(number).translate(str.maketrans("0123456789", DIGITS))


def test_a_deletion_is_named_comes_last_and_changes_the_number_of_the_menu(open_tab):
    page = open_tab(MANAGER).open("/follow-ups/?tab=due")
    before = _number(page.locator(COUNT).inner_text())
    row = page.locator("#list tr[data-pk]").first
    name = row.locator(".row-link").inner_text()
    row.locator("[data-row-menu]").click()
    last = page.locator(".menu[role=menu] > *").last
    expect(last).to_have_text(re.compile("حذف"))
    last.click()

    expect(page.locator("#dialog-title")).to_have_text(f"حذف پیگیری «{name}»؟")
    expect(page.locator("#dialog")).to_contain_text("تا ۳۰ روز در سطل است")
    page.locator("#dialog [type=submit]").click()

    expect(page.locator(".notice")).to_contain_text(f"پیگیری «{name}» حذف شد.")
    expect(page.locator(COUNT)).to_have_text(_persian(before - 1))
    page.get_by_role("button", name="بازگردانی").click()
    expect(page.locator(COUNT)).to_have_text(_persian(before))


@pytest.fixture
def form(open_tab):
    return open_tab(MANAGER).open("/orders/add")


class TestCancel:
    def test_asks_nothing_when_nothing_was_typed(self, form):
        form.locator(".ts-control").click()
        expect(form.locator(".ts-dropdown .option").first).to_be_visible()
        form.keyboard.press("Escape")
        form.locator("[name=quantity]").focus()
        form.locator("[name=quantity]").blur()
        form.locator(".form-bar a").click()

        expect(form).to_have_url(re.compile(r"/orders/$"))

    def test_asks_nothing_for_what_was_taken_back(self, form):
        form.locator("[name=note]").fill("یادداشت")
        form.locator("[name=note]").fill("")
        form.locator(".form-bar a").click()

        expect(form).to_have_url(re.compile(r"/orders/$"))

    def test_asks_after_typing(self, form):
        form.locator("[name=note]").fill("یادداشت")
        form.locator(".form-bar a").click()

        expect(form.locator(ASKED)).to_be_visible()
        expect(form).to_have_url(re.compile(r"/orders/add$"))

    def test_asks_after_a_choice(self, form):
        form.locator(".ts-control").click()
        form.locator(".ts-dropdown .option").first.click()
        form.locator(".form-bar a").click()

        expect(form.locator(ASKED)).to_be_visible()


class TestThePanel:
    def test_closes_at_once_when_nothing_was_typed(self, open_tab):
        page = open_tab(MANAGER).open("/follow-ups/?tab=all")
        page.locator("#list a.row-link").first.click()
        page.locator("form[data-result]").wait_for()
        page.locator("#panel [data-close]").first.click()

        expect(page.locator("#panel")).to_be_hidden()

    def test_asks_after_typing(self, open_tab):
        page = open_tab(MANAGER).open("/follow-ups/?tab=all")
        page.locator("#list a.row-link").first.click()
        page.locator("form[data-result]").wait_for()
        page.locator("#panel [name=note]").fill("گفت‌وگو شد")
        page.locator("#panel [data-close]").first.click()

        expect(page.locator(ASKED)).to_be_visible()


def test_a_role_asks_before_it_is_deleted(open_tab):
    page = open_tab(MANAGER).open("/roles/add")
    page.fill("[name=title]", "ناظر")
    page.check("[value='Products can_list']")
    page.click("#form [type=submit]")
    expect(page.locator(".notice")).to_contain_text("نقش «ناظر» ذخیره شد.")
    page.locator("li[data-pk]", has_text="ناظر").get_by_role("button", name="حذف").click()
    expect(page.locator(ASKED)).to_contain_text("حذف نقش «ناظر»؟")
    page.get_by_role("button", name="حذف نقش").click()

    expect(page.locator(".notice")).to_contain_text("نقش حذف شد")
    expect(page.locator("li[data-pk]", has_text="ناظر")).to_have_count(0)
