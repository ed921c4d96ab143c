"""Lines in a browser: rows by mouse and keys, amounts while typing, drafts, errors; in a panel and on a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_main_job import key_of, open_panel, rows
from tests.support.extended import extended, kits
from tests.support.live import live_panel


class Lines:
    """The lines of the form in *place*."""

    def __init__(self, page: Page, place, name: str) -> None:
        self.page, self.place, self.name = page, place, name
        self.rows = place.locator("[data-line]")
        self.add_button = place.locator("[data-line-add]")

    def field(self, at: int, name: str):
        return self.place.locator(f"[name={self.name}-{at}-{name}]")

    def choose(self, at: int, text: str) -> None:
        search = self.rows.nth(at).locator(".ts-control input")
        search.click()
        search.fill(text)
        self.rows.nth(at).locator(".ts-dropdown .option", has_text=text).first.click()

    def amounts(self, *texts: str) -> None:
        expect(self.place.locator("[data-amount]")).to_have_text(list(texts))

    def total(self, name: str):
        return self.place.locator(f"[data-total={name}]")


@pytest.fixture
def tab(open_tab):
    opened = open_tab("consultant1-demo1")
    opened.open("/follow-ups/?tab=all&f_status=waiting")
    yield opened
    assert [line for line in opened.errors if "422" not in line] == []


@pytest.fixture
def won(tab):
    """The lines of a won result in the side panel, which begin with one piece of the product."""
    panel = open_panel(tab.page, rows(tab.page).nth(3))
    tab.page.keyboard.press(f"Digit{key_of(panel, 'خرید')}")
    lines = Lines(tab.page, panel, "items")
    lines.field(0, "quantity").fill("1")
    return lines


def test_the_sum_is_shown_while_it_is_typed(won):
    won.field(0, "price").fill("۱۰۰۰")
    won.amounts("۱٬۰۰۰")
    won.field(0, "quantity").fill("3")
    won.amounts("۳٬۰۰۰")
    won.place.locator("#discount").fill("500")

    expect(won.total("subtotal")).to_have_text("۳٬۰۰۰")
    expect(won.total("amount")).to_have_text("۲٬۵۰۰")


def test_enter_adds_a_row_and_the_focus_is_in_it(won):
    won.field(0, "price").fill("1000")
    won.field(0, "price").press("Enter")

    expect(won.rows).to_have_count(2)
    expect(won.rows.nth(1).locator(".ts-control input")).to_be_focused()


def test_rows_are_moved_by_keys_and_sent_in_their_order(won):
    won.field(0, "price").fill("1000")
    won.add_button.click()
    won.choose(1, "دوره")
    won.field(1, "price").fill("70")
    won.amounts("۱٬۰۰۰", "۷۰")

    won.rows.nth(1).locator("[data-grip]").press("ArrowUp")

    expect(won.rows.nth(0).locator("[data-grip]")).to_be_focused()
    expect(won.field(0, "price")).to_have_value("۷۰")
    won.amounts("۷۰", "۱٬۰۰۰")
    expect(won.rows.nth(1).locator("[data-line-number]").first).to_have_text("۲")


def test_a_row_is_dragged_by_its_grip(won):
    won.field(0, "price").fill("1000")
    won.add_button.click()
    won.field(1, "price").fill("70")

    won.rows.nth(1).locator("[data-grip]").drag_to(
        won.rows.nth(0).locator("[data-grip]"), target_position={"x": 5, "y": 1}
    )

    expect(won.field(0, "price")).to_have_value("۷۰")
    expect(won.field(1, "price")).to_have_value("۱٬۰۰۰")


def test_a_removed_row_comes_back_to_its_place(won):
    won.field(0, "price").fill("1000")
    won.add_button.click()
    won.field(1, "price").fill("70")
    won.rows.nth(0).locator("[data-line-remove]").click()
    expect(won.field(0, "price")).to_have_value("۷۰")
    expect(won.rows).to_have_count(1)

    won.page.locator("#toasts .notice-undo").click()

    expect(won.rows).to_have_count(2)
    expect(won.field(0, "price")).to_have_value("۱٬۰۰۰")


def test_the_last_row_leaves_an_empty_one(won):
    won.field(0, "price").fill("1000")
    won.rows.nth(0).locator("[data-line-remove]").click()

    expect(won.rows).to_have_count(1)
    expect(won.field(0, "price")).to_have_value("")


def test_a_draft_has_all_its_rows(won):
    won.field(0, "price").fill("1000")
    won.add_button.click()
    won.choose(1, "دوره")
    won.field(1, "price").fill("70")
    won.page.on("dialog", lambda dialog: dialog.accept())

    won.page.reload(wait_until="networkidle")
    panel = open_panel(won.page, rows(won.page).nth(3))

    expect(panel.locator(".draft-notice")).to_be_visible()
    expect(panel.locator("[data-line]")).to_have_count(2)
    expect(panel.locator("[name=items-1-price]")).to_have_value("۷۰")
    expect(panel.locator("[data-line]").nth(1).locator(".ts-control .item")).to_contain_text("دوره")
    panel.locator(".draft-notice button").click()
    expect(panel.locator("[data-line]")).to_have_count(1)


def test_an_error_is_beside_its_field_and_the_rows_stay(won):
    won.field(0, "price").fill("1000")
    won.add_button.click()
    won.field(1, "price").fill("70")
    won.rows.nth(1).locator("[data-grip]").press("ArrowUp")
    won.page.keyboard.press("Control+Enter")

    expect(won.place.locator(".error-summary")).to_be_visible()
    expect(won.place.locator("#items-0-product-error")).to_be_visible()
    expect(won.field(0, "price")).to_have_value("۷۰")
    expect(won.field(1, "price")).to_have_value("۱٬۰۰۰")
    expect(won.rows.nth(1).locator(".ts-control .item")).to_have_count(1)


def test_a_search_that_has_ended_does_not_take_the_focus_from_the_price(won):
    won.add_button.click()
    expect(won.rows.nth(1).locator(".ts-control input")).to_be_focused()
    won.page.clock.install(time=0)
    won.page.clock.pause_at(60_000)
    won.page.keyboard.type("دوره")
    won.rows.nth(1).locator(".ts-dropdown .option", has_text="دوره").first.click()
    won.field(1, "price").focus()
    won.page.clock.run_for(1000)

    expect(won.field(1, "price")).to_be_focused()


def test_a_sale_of_two_products_is_recorded(won):
    won.field(0, "price").fill("1000")
    won.add_button.click()
    won.choose(1, "دوره")
    won.field(1, "price").fill("70")
    won.page.keyboard.press("Control+Enter")

    expect(won.page.locator("#toasts")).to_contain_text("ثبت شد")


def test_a_section_of_no_product_has_them_on_its_pages(tmp_path: Path, tmp_path_factory, demo, chromium):
    copy = extended(tmp_path, f"sqlite:///{tmp_path}/kits.db", kits())
    with live_panel(tmp_path_factory.mktemp("kits"), root=copy, template=demo) as panel:
        context = chromium.new_context(
            base_url=panel.url, locale="fa-IR", viewport={"width": 1280, "height": 900}
        )
        page, errors = context.new_page(), []
        page.on("pageerror", lambda error: errors.append(str(error)))
        user = panel.users["manager-demo1"]
        page.goto("/login/")
        page.fill("[name=username]", user["username"])
        page.fill("[name=password]", user["password"])
        page.click("[type=submit]")
        page.wait_for_url(lambda url: "/login/" not in url)
        page.goto("/products/edit/1", wait_until="networkidle")
        page.fill("[name=price]", "500")
        page.click("[data-main-submit]")
        page.wait_for_url("**/products/")
        _walk(page)
        assert errors == []
        context.close()


def _walk(page: Page) -> None:
    """Adds a kit, sees it, and meets another editor of its lines."""
    page.goto("/kits/add", wait_until="networkidle")
    lines = Lines(page, page.locator("#form"), "parts")
    page.fill("#title", "بسته")
    name = page.request.get("/kits/lookup/parts.product").json()[0]["text"]
    lines.choose(0, name)
    expect(lines.field(0, "price")).not_to_have_value("")
    lines.field(0, "count").fill("4")
    lines.add_button.click()
    lines.choose(1, name)
    lines.field(1, "price").fill("9")
    page.fill("#rebate", "100")
    expect(lines.total("price")).to_have_text("۱٬۹۰۹")
    page.click("[data-main-submit]")
    page.wait_for_url("**/kits/")
    page.goto("/kits/show/1", wait_until="networkidle")
    expect(page.locator(".line-table tbody tr")).to_have_count(2)
    expect(page.locator(".line-table tfoot")).to_contain_text("۱٬۹۰۹")

    page.goto("/kits/edit/1", wait_until="networkidle")
    other = page.context.new_page()
    other.goto("/kits/edit/1", wait_until="networkidle")
    theirs = Lines(other, other.locator("#form"), "parts")
    theirs.field(1, "count").fill("5")
    other.click("[data-main-submit]")
    other.wait_for_url("**/kits/")
    lines.field(0, "count").fill("6")
    page.click("[data-main-submit]")
    expect(page.locator(".conflict")).to_have_count(2)
    page.locator("#form [type=submit]").first.click()
    page.wait_for_url("**/kits/")
    page.goto("/kits/edit/1", wait_until="networkidle")
    expect(lines.field(0, "count")).to_have_value("۶")
    expect(lines.field(1, "count")).to_have_value("۵")
