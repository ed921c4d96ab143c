"""What every page owes: accessible, quiet, from our own host only, small, and whole on a phone."""

import pytest

from tests.support.accessibility import broken_rules, turn
from tests.support.looks import faint_controls, odd_buttons, small_targets
from tests.support.openings import OPENINGS
from tests.support.screens import MANAGER, PAGES
from tests.support.wire import watch_wire

# Pages that are meant to answer with a refusal, which browsers report as an error.
REFUSED = {
    "/": "403",
    "/no-such-page": "404",
    "/imports/": "403",
    "/reset-password/not-a-link": "410",
    "/reports/final-sales/?from=1403/01/01&to=1403/05/01": "422",
}
MOST_BYTES = 200 * 1024
LOOKS = [(390, "dark"), (1280, "light")]


@pytest.mark.parametrize(("user", "path"), PAGES, ids=str)
def test_a_page_is_accessible_quiet_ours_and_whole(reader, user, path):
    tab = reader(user)

    assert faults_in_both_looks(tab, path) == {}


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
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


def faults_in_both_looks(tab, path):
    """What is wrong with the page at *path* by its look; it is loaded once, on a phone, and then made wider."""
    found = {}
    for number, (width, scheme) in enumerate(LOOKS):
        turn(tab.page, width, scheme)
        found[width, scheme] = faults(tab, path, width) if number == 0 else seen_faults(tab, path, width)
    return {look: wrong for look, wrong in found.items() if wrong}


def faults(tab, path, width):
    """What is wrong with the page at *path*, loaded anew."""
    tab.look_at(path)
    return seen_faults(tab, path, width)


def seen_faults(tab, path, width):
    """What is wrong with the open page; what it asked and said since it was opened is looked at before axe runs."""
    page = tab.page
    own = tab.base.split("/")[2]
    hosts = {request.url.split("/")[2] for request in tab.requests if not request.url.startswith("data:")}
    found = [line for line in tab.errors if REFUSED.get(path, "never") not in line]
    found += [f"asked {host}" for host in hosts - {own}]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("scrolls sideways")
    return found + own_findings(page, width) + violations(page)


def wait_until_still(page):
    page.wait_for_function(
        "() => document.getAnimations().every(({ effect }) => effect.getComputedTiming().iterations === Infinity)"
    )


def own_findings(page, width):
    page.mouse.move(0, 0)  # what shows under the pointer alone is an addition
    wait_until_still(page)
    return sorted({*faint_controls(page), *small_targets(page, width), *odd_buttons(page)})


def violations(page):
    """What axe finds wrong, each rule with the elements that it is about; once nothing fades in any more."""
    wait_until_still(page)
    # What the side panel or a sticky bar covers is no target until it is scrolled into view.
    size = page.viewport_size
    page.set_viewport_size(
        {**size, "height": max(size["height"], min(4000, page.evaluate("document.body.scrollHeight")))}
    )
    behind = {"exclude": [["#list"]]} if page.locator(".side-panel[open]").count() else None
    found = broken_rules(page, context=behind)
    page.set_viewport_size(size)
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found]


def test_the_first_load_of_a_list_is_small(open_tab):
    tab = open_tab("manager-demo1")
    received = watch_wire(tab.page)

    tab.open("/products/")
    tab.page.wait_for_load_state("networkidle")

    assert 20_000 < sum(received.values()) <= MOST_BYTES


@pytest.mark.parametrize("opens", OPENINGS, ids=str)
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_what_opens_over_a_list_is_accessible(open_tab, opens, width, scheme):
    page = open_tab(MANAGER, width=width, scheme=scheme, csp=False).open("/follow-ups/?tab=all")

    OPENINGS[opens](page)

    assert violations(page) == []
    assert own_findings(page, width) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
