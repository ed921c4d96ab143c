"""The tasks of today in the top bar: opened by key, ticked and put off in place; and a task that a follow-up begins."""

import re

import pytest
from playwright.sync_api import expect

WIDTHS = pytest.mark.parametrize(("width", "user"), [(1280, "consultant1-demo1"), (390, "consultant2-demo1")])


def digits(number):
    return str(number).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))


@WIDTHS
def test_ticks_without_leaving_the_page(open_tab, width, user):
    tab = open_tab(user, width=width)
    page = tab.open("/account/")
    button = page.locator("[data-bell='/tasks/today']")
    number = button.locator("[data-count]")
    popover = page.locator("#checkbox-menu")
    progress = popover.locator("#today-progress")
    page.keyboard.press("KeyT")

    expect(button).to_have_attribute("aria-expanded", "true")
    rows = popover.locator(".today > li")
    expect(rows.first).to_be_visible()
    count = rows.count()
    expect(number).to_have_text(digits(count))
    # Of the demo, one is done: none if its day has ended meanwhile.
    done = 1 if progress.inner_text() else 0
    box = popover.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 390:
        assert (box["x"], box["width"]) == (0, 390)
        assert box["y"] + box["height"] == pytest.approx(page.viewport_size["height"], abs=1)

    first = rows.first
    if first.get_attribute("data-status") == "todo":
        first.locator(".today-tick").click()
        expect(rows.first).to_have_attribute("data-status", "doing")
        expect(number).to_have_text(digits(count))
    rows.first.locator(".today-tick").click()
    expect(rows.first).to_have_attribute("data-status", "done")
    expect(rows).to_have_count(count)
    expect(rows.first.locator("a")).to_have_css("text-decoration-line", "line-through")
    expect(number).to_have_text(digits(count - 1))
    expect(progress).to_have_text(f"{digits(done + 1)} از {digits(done + count)} انجام شد")
    assert page.url.endswith("/account/")

    # The ticked one is gone once the popover was closed.
    page.keyboard.press("Escape")
    expect(popover).to_be_hidden()
    button.click()
    expect(rows).to_have_count(count - 1)
    rows.first.get_by_label("یادآوری دوباره").click()
    rows.first.get_by_role("button", name="یک ساعت").click()
    expect(page.locator("#toasts .notice")).to_contain_text("به شما یادآوری می‌شود")
    assert tab.errors == []


def test_the_marked_row_and_the_panel_begin_a_task_by_the_key(open_tab):
    tab = open_tab("consultant1-demo1", width=1280)
    page = tab.open("/follow-ups/?tab=all")
    dialog = page.locator("#dialog")
    page.keyboard.press("KeyJ")
    page.keyboard.press("KeyT")
    expect(dialog.locator("[name=title]")).to_have_value(re.compile("^۰۹[۰-۹]{9}$"))
    dialog.get_by_role("button", name="فردا").click()
    dialog.get_by_role("button", name="ساخت وظیفه").click()
    expect(page.locator("#toasts .notice")).to_contain_text("وظیفه برای فردا ساخته شد.")
    expect(dialog).to_be_hidden()

    page.keyboard.press("KeyJ")
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.get_by_label("ساخت وظیفه (کلید T)")).to_be_visible()
    page.keyboard.press("KeyT")
    expect(dialog.locator("[name=title]")).to_be_focused()
    assert tab.errors == []


def test_nothing_to_do_shows_no_number(open_tab):
    tab = open_tab("manager-demo2", width=1280)
    page = tab.open("/account/")
    number = page.locator("[data-bell='/tasks/today'] [data-count]")
    popover = page.locator("#checkbox-menu")
    page.keyboard.press("KeyT")
    rows = popover.locator(".today > li")
    expect(rows.first).to_be_visible()
    for row in range(rows.count()):
        while rows.nth(row).get_attribute("data-status") != "done":
            before = rows.nth(row).get_attribute("data-status")
            rows.nth(row).locator(".today-tick").click()
            expect(rows.nth(row)).not_to_have_attribute("data-status", before)
    expect(number).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("KeyT")
    expect(popover).to_contain_text("امروز کاری نمانده است.")
    assert tab.errors == []
