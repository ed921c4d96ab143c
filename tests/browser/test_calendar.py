"""The Jalali date element, by keyboard alone and by typing."""

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def next_contact(open_tab) -> Page:
    """The side panel of a consultant's follow-up, whose next contact is a date with a time."""
    page = open_tab("consultant1-demo1").open("/follow-ups/?tab=all")
    page.locator("#list .row-link").first.click()
    expect(page.locator("#panel #next_at")).to_be_visible()
    # Its script comes with the first element that needs it.
    expect(page.locator("#panel j-date:defined").first).to_be_visible()
    return page


def open_calendar_at(page: Page, date: str) -> None:
    page.locator("#next_at").fill(date)
    page.locator("#next_at").press("Alt+ArrowDown")
    expect(page.locator("dialog.calendar")).to_be_visible()


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("ArrowLeft", "سه‌شنبه ۳ آذر ۱۴۰۵"),
        ("ArrowRight", "یکشنبه ۱ آذر ۱۴۰۵"),
        ("ArrowDown", "دوشنبه ۹ آذر ۱۴۰۵"),
        ("ArrowUp", "دوشنبه ۲۵ آبان ۱۴۰۵"),
        ("Home", "شنبه ۳۰ آبان ۱۴۰۵"),
        ("End", "جمعه ۶ آذر ۱۴۰۵"),
        ("PageUp", "شنبه ۲ آبان ۱۴۰۵"),
        ("PageDown", "چهارشنبه ۲ دی ۱۴۰۵"),
        ("Shift+PageUp", "یکشنبه ۲ آذر ۱۴۰۴"),
        ("Shift+PageDown", "سه‌شنبه ۲ آذر ۱۴۰۶"),
    ],
)
def test_a_key_moves_as_a_right_to_left_reader_expects(next_contact, key, day):
    open_calendar_at(next_contact, "1405/09/02")

    next_contact.keyboard.press(key)

    expect(next_contact.locator("dialog.calendar :focus")).to_have_attribute("aria-label", day)


def test_enter_picks_and_the_clock_follows(next_contact):
    open_calendar_at(next_contact, "1405/09/02 14:30")

    next_contact.keyboard.press("Enter")
    next_contact.keyboard.press("ArrowUp")
    next_contact.keyboard.press("Enter")

    expect(next_contact.locator("#next_at")).to_have_value("۱۴۰۵/۰۹/۰۲ ۱۵:۳۰")
    expect(next_contact.locator("#next_at")).to_be_focused()


def test_escape_closes_the_calendar_and_not_the_panel(next_contact):
    open_calendar_at(next_contact, "1405/09/02")

    next_contact.keyboard.press("Escape")

    expect(next_contact.locator("dialog.calendar")).to_have_count(0)
    expect(next_contact.locator("#panel")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "shown"), [("1405-9-2", "۱۴۰۵/۰۹/۰۲"), ("۱۴۰۵/۹/۲", "۱۴۰۵/۰۹/۰۲"), ("١٤٠٣/١٢/٣٠", "۱۴۰۳/۱۲/۳۰")]
)
def test_any_digits_may_be_typed(next_contact, typed, shown):
    next_contact.locator("#next_at").fill(typed)

    next_contact.locator("#next_at").press("Tab")

    expect(next_contact.locator("#next_at")).to_have_value(shown)


@pytest.mark.parametrize("typed", ["1404/12/30", "2026-11-23", "05/09/02"])
def test_a_day_that_does_not_exist_says_how_to_write_one(next_contact, typed):
    next_contact.locator("#next_at").fill(typed)

    next_contact.locator("#next_at").press("Tab")

    expect(next_contact.locator(".j-date-hint")).to_contain_text("۱۴۰۵/۰۹/۰۲")
