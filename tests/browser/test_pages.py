"""What every page owes: accessible, quiet, from our own host only, small, and whole on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = [
    (None, "/login/"),
    ("manager-demo1", "/products/"),
    ("manager-demo1", "/products/add"),
    ("manager-demo1", "/products/show/1"),
    ("manager-demo1", "/imports/"),
    ("manager-demo1", "/imports/add"),
    ("manager-demo1", "/no-such-page"),
]
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

    assert [line for line in tab.errors if "404" not in line or path != "/no-such-page"] == []
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
