"""What every page owes: accessible, quiet, from our own host only, small, and whole on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

MANAGER, CONSULTANT = "manager-demo1", "consultant1-demo1"
PAGES = [
    (None, "/login/"),
    (MANAGER, "/products/"),
    (MANAGER, "/products/add"),
    (MANAGER, "/products/show/1"),
    (MANAGER, "/products/edit/1"),
    (MANAGER, "/products/?q=nothing-is-called-so"),
    (MANAGER, "/result-titles/"),
    (MANAGER, "/result-titles/add"),
    (MANAGER, "/customers/"),
    (MANAGER, "/customers/show/1"),
    (MANAGER, "/customers/edit/1"),
    (MANAGER, "/orders/"),
    (MANAGER, "/orders/?tab=waiting"),
    (MANAGER, "/orders/add"),
    (MANAGER, "/follow-ups/"),
    (MANAGER, "/imports/"),
    (MANAGER, "/imports/add"),
    (CONSULTANT, "/follow-ups/"),
    (CONSULTANT, "/follow-ups/?tab=all"),
    (CONSULTANT, "/follow-ups/1/panel"),
    (CONSULTANT, "/follow-ups/edit/1"),
    (CONSULTANT, "/orders/add"),
    (CONSULTANT, "/imports/"),
    (MANAGER, "/no-such-page"),
]
# Pages that are meant to answer with a refusal, which browsers report as an error.
REFUSED = {"/no-such-page": "404", "/imports/": "403"}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
MOST_BYTES = 200 * 1024

every_page = pytest.mark.parametrize(("user", "path"), PAGES, ids=str)


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_tab, user, path, scheme):
    page = open_tab(user, scheme=scheme, csp=False).open(path)

    found = Axe().run(page, options=WCAG).response["violations"]

    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found] == []


@every_page
def test_the_console_is_quiet_and_the_host_our_own(open_tab, user, path):
    tab = open_tab(user)
    tab.open(path)

    assert [line for line in tab.errors if REFUSED.get(path, "never") not in line] == []
    assert {request.url.split("/")[2] for request in tab.requests if not request.url.startswith("data:")} == {
        tab.base.split("/")[2]
    }


@every_page
def test_a_phone_needs_no_sideways_scrolling(open_tab, user, path):
    page = open_tab(user, width=390).open(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_first_load_of_a_list_is_small(open_tab):
    tab = open_tab("manager-demo1")
    session = tab.page.context.new_cdp_session(tab.page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))

    tab.open("/products/")

    assert 20_000 < sum(received) <= MOST_BYTES


def _result(page):
    page.locator("#list a.row-link").first.click()
    page.locator("form[data-result]").wait_for()


def _sale(page):
    _result(page)
    page.locator("[name=result_title][data-won]").click()


def _refusal(page):
    _result(page)
    page.locator("[data-main-submit]").click()
    page.locator(".error-summary").wait_for()


def _calendar(page):
    _result(page)
    page.locator("#panel j-date button").first.click()


def _menu(page):
    page.locator("[data-row-menu]").first.click()


def _bulk(page):
    page.locator("#list [data-tick]").first.check()
    page.locator("#bulk-bar button[value=reassign]").click()
    page.locator("#dialog [type=submit]").wait_for()


def _keys(page):
    page.keyboard.press("Shift+Slash")
    page.locator("#help").wait_for()


@pytest.mark.parametrize("opens", [_result, _sale, _refusal, _calendar, _menu, _bulk, _keys])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_what_opens_over_a_list_is_accessible(open_tab, opens, width, scheme):
    page = open_tab(MANAGER, width=width, scheme=scheme, csp=False).open("/follow-ups/?tab=all")

    opens(page)

    found = Axe().run(page, options=WCAG).response["violations"]
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
