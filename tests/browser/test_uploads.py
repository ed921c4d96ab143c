"""Large files on a slow line: how much has arrived is shown, sending can be ended, and no limit of time ends it."""

import re

import pytest
from playwright.sync_api import expect

MANAGER = "manager-demo1"
LINE, TEXT = ".upload-line", ".upload-line > span"
PERCENT = re.compile("^[۰-۹]{1,2}٪ فرستاده شد$")
SOME = re.compile("^[۱-۹][۰-۹]?٪")
# Bytes in a second: of a file of two megabytes the line of progress can be read.
SLOW, FAST = 600_000, -1
ROWS = "عنوان,کد,قیمت\n" + "".join(f"کتاب {'ن' * 60} {row},U-{row},5000\n" for row in range(14_000))
FILE = {"name": "کتاب‌ها.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
NOTE = {"name": "قرارداد.txt", "mimeType": "text/plain", "buffer": ("بند قرارداد\n" * 90_000).encode()}


def limit(page, rate):
    """Let *page* send at most *rate* bytes in a second."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": rate}
    line.send("Network.emulateNetworkConditions", limits)
    return line


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_large_file_shows_how_much_has_arrived(open_tab, width, scheme):
    tab = open_tab(MANAGER, width=width, scheme=scheme)
    page = tab.open("/products/import")
    _line = limit(page, SLOW)
    page.set_input_files("input[type=file]", FILE)
    page.click("main .form-bar .btn-primary")

    expect(page.locator(TEXT)).to_have_text(PERCENT)
    expect(page.locator(TEXT)).to_have_text(SOME)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.wait_for_url("**/import/*")
    expect(page.locator("main")).to_contain_text("کتاب‌ها.csv")
    assert tab.errors == []


def test_a_file_that_is_not_wanted_any_more_is_not_sent(open_tab):
    tab = open_tab(MANAGER)
    page = tab.open("/products/import")
    line = limit(page, SLOW)
    page.set_input_files("input[type=file]", FILE)
    go_on = page.locator("main .form-bar .btn-primary")
    go_on.click()
    page.locator(LINE).get_by_role("button", name="لغو فرستادن").click()

    expect(page.locator(LINE)).to_have_count(0)
    expect(go_on).not_to_have_attribute("aria-busy", "true")
    # The form is as it was, its file too, and says nothing of a connection that is lost.
    expect(page.locator("[role=alert]:visible")).to_have_count(0)
    assert page.evaluate("document.querySelector('input[type=file]').files.length") == 1
    line.send("Network.disable")
    go_on.click()
    page.wait_for_url("**/import/*")
    assert tab.errors == []


def test_files_of_a_row_take_as_long_as_they_need(open_tab):
    """htmx ends its requests after a minute; `parseInterval` gives the limit of a request that has one."""
    tab = open_tab(MANAGER)
    page = tab.open("/dossiers/show/1")
    page.evaluate(
        """() => document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
          window.hasLimit = ctx.requestTimeout !== undefined;
        })"""
    )
    _line = limit(page, SLOW)
    form = page.locator("#row-files .files-form")
    form.locator("input[type=file]").set_input_files([NOTE])
    form.locator("[type=submit]").click()

    expect(form.locator(TEXT)).to_have_text(PERCENT)
    expect(page.locator("#row-files .file-line")).to_contain_text(["قرارداد.txt"])
    expect(page.locator(LINE)).to_have_count(0)
    assert page.evaluate("window.hasLimit") is False
    assert tab.errors == []


def test_a_message_shows_how_much_of_its_file_has_arrived(open_tab):
    tab = open_tab(MANAGER)
    page = tab.open("/messages/show/6")
    _line = limit(page, SLOW)
    page.locator(".composer input[type=file]").set_input_files([NOTE])
    page.locator(".composer [type=submit]").click()

    expect(page.locator("[data-waiting] .talk-line-at")).to_have_text(PERCENT)
    expect(page.locator("[data-waiting]")).to_have_count(0)
    expect(page.locator(".talk-line[data-message]").last).to_contain_text("قرارداد.txt")
    assert tab.errors == []


LONG = {"name": f"{'قرارداد همکاری ' * 8}.txt", "mimeType": "text/plain", "buffer": NOTE["buffer"][:99]}
SHORT = {**LONG, "name": "رسید.txt"}


@pytest.mark.parametrize("path", ["/customers/show/1", "/tickets/add", "/follow-ups/1/panel"])
def test_chosen_files_with_long_names_can_be_taken_away_on_phones(open_tab, path):
    page = open_tab(MANAGER, width=390).open(path)
    page.set_input_files("main input[type=file]", [LONG, SHORT])

    for each in page.locator(".drop-file > .btn").all():
        assert each.bounding_box()["x"] >= 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".drop-file > .btn").first.click()
    expect(page.locator(".drop-file")).to_have_text(re.compile("رسید.txt"))
