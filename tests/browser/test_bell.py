"""The bell of the top bar: its number, its popover, a notification that is opened, and all of them marked as read."""

import re

import pytest
from playwright.sync_api import expect

WIDTHS = pytest.mark.parametrize(("width", "user"), [(1280, "consultant1-demo1"), (390, "consultant2-demo1")])


def digits(number):
    return str(number).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))


@WIDTHS
def test_counts_opens_and_is_read(open_tab, width, user):
    tab = open_tab(user, width=width)
    page = tab.open("/account/")
    bell, number = (
        page.locator("[data-menu=bell-menu]"),
        page.locator("[data-menu=bell-menu] [data-count=notifications]"),
    )
    popover = page.locator("#bell-menu")
    expect(popover).to_be_hidden()
    bell.click()

    expect(bell).to_have_attribute("aria-expanded", "true")
    unread = popover.locator(".notification[data-unread]")
    expect(unread.first).to_be_visible()
    count = unread.count()
    expect(number).to_have_text(digits(count))
    box = popover.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.keyboard.press("Escape")
    expect(popover).to_be_hidden()
    bell.click()
    link = unread.first.locator("a.notification-link")
    address = link.get_attribute("href")
    link.click()
    page.wait_for_url(lambda url: url.endswith(address))
    expect(number).to_have_text(digits(count - 1))

    page.locator("[data-menu=bell-menu]").click()
    expect(popover.locator(".notification[data-unread]")).to_have_count(count - 1)
    popover.get_by_role("button", name="همه را خواندم").click()
    expect(number).to_be_hidden()
    expect(page.locator("#toasts .notice")).to_contain_text(f"{digits(count - 1)} اطلاعیه خوانده شد")
    page.get_by_role("button", name="بازگردانی").click()
    expect(number).to_have_text(digits(count - 1))
    assert tab.errors == []


@pytest.mark.parametrize("width", [1280, 390])
def test_without_a_notification_says_so(open_tab, width):
    tab = open_tab("support-demo1", width=width)
    page = tab.open("/notifications/")
    notices = page.locator(".notification")
    for left in range(notices.count(), 0, -1):
        notices.first.locator("[data-post]").click()
        expect(notices).to_have_count(left - 1)
    page = tab.open("/account/")
    expect(page.locator("[data-menu=bell-menu] [data-count=notifications]")).to_be_hidden()
    page.locator("[data-menu=bell-menu]").click()

    popover = page.locator("#bell-menu")
    expect(popover).to_contain_text("هنوز اطلاعیه‌ای نیست")
    expect(popover.get_by_role("button", name="همه را خواندم")).to_have_count(0)
    popover.get_by_role("link", name="همهٔ اطلاعیه‌ها").click()
    page.wait_for_url(re.compile("/notifications/$"))
    assert tab.errors == []
