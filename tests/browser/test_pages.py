"""What every page owes: accessible, quiet, from our own host only, small, and whole on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

ADMIN, MANAGER, CONSULTANT, OPERATOR = "admin", "manager-demo1", "consultant1-demo1", "operator"
PAGES = [
    (None, "/login/"),
    (MANAGER, "/products/"),
    (MANAGER, "/products/add"),
    (MANAGER, "/products/import"),
    (MANAGER, "/products/show/1"),
    (MANAGER, "/products/edit/1"),
    (MANAGER, "/products/?q=nothing-is-called-so"),
    (MANAGER, "/follow-ups/print?tab=all"),
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
    (None, "/forgot-password/"),
    (None, "/reset-password/not-a-link"),
    (CONSULTANT, "/account/"),
    (CONSULTANT, "/account/password/"),
    (CONSULTANT, "/account/sessions/"),
    (CONSULTANT, "/account/two-step/"),
    (MANAGER, "/account/confirm/"),
    (MANAGER, "/members/"),
    (MANAGER, "/members/add"),
    (MANAGER, "/members/show/4"),
    (MANAGER, "/members/edit/4"),
    (MANAGER, "/members/password/4"),
    (MANAGER, "/roles/"),
    (MANAGER, "/roles/add"),
    (MANAGER, "/roles/show/Consultant"),
    (MANAGER, "/audit/"),
    (MANAGER, "/customers/trail/1"),
    (MANAGER, "/sms-templates/"),
    (MANAGER, "/sms-templates/add"),
    (MANAGER, "/settings/sms-variables/"),
    (MANAGER, "/settings/organization/"),
    (MANAGER, "/campaigns/"),
    (MANAGER, "/sent-sms/"),
    (MANAGER, "/sms-opt-outs/"),
    (MANAGER, "/sms-blocks/add"),
    (ADMIN, "/sms-providers/"),
    (ADMIN, "/sms-providers/add"),
    (ADMIN, "/organizations/"),
    (ADMIN, "/organizations/add"),
    (ADMIN, "/organizations/show/1"),
    (ADMIN, "/members/"),
    (ADMIN, "/products/"),
    (OPERATOR, "/account/"),
    (OPERATOR, "/jobs/"),
    ("manager-suspended", "/"),
    (ADMIN, "/console/"),
    (ADMIN, "/console/settings/"),
    (ADMIN, "/console/files/"),
    (ADMIN, "/console/sessions/"),
]
# Pages that are meant to answer with a refusal, which browsers report as an error.
REFUSED = {"/": "403", "/no-such-page": "404", "/imports/": "403", "/reset-password/not-a-link": "410"}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
MOST_BYTES = 200 * 1024


in_both_looks = pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])


@in_both_looks
@pytest.mark.parametrize(("user", "path"), PAGES, ids=str)
def test_a_page_is_accessible_quiet_ours_and_whole(open_tab, user, path, width, scheme):
    tab = open_tab(user, width=width, scheme=scheme)

    assert faults(tab, path, width) == []


@in_both_looks
def test_so_are_the_pages_of_an_event(open_tab, width, scheme):
    tab = open_tab(MANAGER, width=width, scheme=scheme)
    page = tab.open("/customers/edit/2")
    page.fill("[name=first_name]", f"نامی که در {width} نوشته شد")
    page.click("[data-main-submit]")
    page.wait_for_url(lambda url: "/edit/" not in url)

    assert faults(tab, "/customers/trail/2", width) == []
    assert f"نامی که در {width}" in tab.page.inner_text(".changes >> nth=0")
    event = tab.open("/audit/").locator("[data-pk]").first.get_attribute("data-pk")
    assert faults(tab, f"/audit/show/{event}", width) == []


def faults(tab, path, width):
    """What is wrong with the page at *path*; the console and the wire are read before axe puts its own script in."""
    tab.errors.clear()
    page = tab.open(path)
    own = tab.base.split("/")[2]
    hosts = {request.url.split("/")[2] for request in tab.requests if not request.url.startswith("data:")}
    found = [line for line in tab.errors if REFUSED.get(path, "never") not in line]
    found += [f"asked {host}" for host in hosts - {own}]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("scrolls sideways")
    return found + violations(page)


def violations(page):
    """What axe finds wrong, each rule with the elements that it is about; once nothing fades in any more."""
    page.wait_for_function(
        "() => document.getAnimations().every(({ effect }) => effect.getComputedTiming().iterations === Infinity)"
    )
    found = Axe().run(page, options=WCAG).response["violations"]
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found]


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

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
