"""The side menu: folding, the active entry in view, pop-ups while only icons are shown, the drawer, numbers after an act."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import broken_rules
from tests.support.screens import CONSULTANT, MANAGER


def group(page, name, place=".sidebar"):
    return page.locator(f'{place} [data-group="{name}"]')


def fold(page, name, place=".sidebar"):
    with page.expect_response("**/account/menu") as answer:
        group(page, name, place).locator("summary").click()
    assert answer.value.status == 204


@pytest.fixture
def menu_as_declared(open_tab):
    """Folds the groups that a test opened, because the browser tests share one panel."""
    yield
    page = open_tab(MANAGER).open("/account/")
    for name, is_open in {
        "day": True,
        "sales": True,
        "sms": False,
        "organization": False,
        "oversight": False,
    }.items():
        if (group(page, name).get_attribute("open") is not None) != is_open:
            fold(page, name)


@pytest.mark.usefixtures("menu_as_declared")
class TestGroups:
    def test_are_as_they_were_left_on_another_device_and_without_a_flash(self, open_tab):
        page = open_tab(MANAGER).open("/account/")
        fold(page, "oversight")
        fold(page, "sales")
        expect(group(page, "oversight").locator(".nav-entry").first).to_be_visible()
        expect(group(page, "sales").locator(".nav-entry").first).to_be_hidden()

        other = open_tab(MANAGER).page.request.get(f"{open_tab(MANAGER).base}/account/").text()
        assert 'data-group="oversight" open' in other
        assert 'data-group="sales" open' not in other

    def test_fold_by_keyboard(self, open_tab):
        page = open_tab(MANAGER).open("/account/")
        head = group(page, "sms").locator("summary")
        head.focus()
        with page.expect_response("**/account/menu"):
            page.keyboard.press("Enter")
        expect(group(page, "sms").locator(".nav-entry").first).to_be_visible()
        expect(head).to_be_focused()

    def test_have_the_active_entry_in_view(self, open_tab):
        tab = open_tab(MANAGER)
        page = tab.open("/account/")
        for name in ("sms", "organization", "oversight"):
            fold(page, name)
        page.set_viewport_size({"width": 1280, "height": 420})
        tab.open("/trash/")
        entry = page.locator(".sidebar [aria-current=page]")
        box, menu = entry.bounding_box(), page.locator(".sidebar .nav-groups").bounding_box()
        assert menu["y"] <= box["y"]
        assert box["y"] + box["height"] <= menu["y"] + menu["height"]
        assert page.evaluate("scrollY") == 0

    def test_of_a_manager_stand_within_eight_hundred_pixels(self, open_tab):
        page = open_tab(MANAGER).open("/customers/")
        groups = page.locator(".sidebar .nav-groups")
        assert groups.evaluate("each => each.scrollHeight <= each.clientHeight")
        assert groups.evaluate("each => each.lastElementChild.getBoundingClientRect().bottom") <= 800

    def test_that_are_opened_besides_have_their_entry_in_sight(self, open_tab):
        page = open_tab(MANAGER).open("/members/")
        expect(page.locator(".sidebar .nav-entry[aria-current=page]")).to_be_in_viewport(ratio=1)


class TestIconsOnly:
    @pytest.fixture
    def page(self, open_tab):
        page = open_tab(MANAGER, csp=False).open("/follow-ups/")
        page.locator("[data-fold-sidebar]").click()
        return page

    def test_a_folded_group_is_one_icon_with_a_pop_up(self, page):
        head = group(page, "organization").locator("summary")
        head.click()
        entry = group(page, "organization").locator(".nav-entry").first
        expect(entry).to_be_focused()
        expect(entry.locator("span").first).to_be_visible()
        assert entry.bounding_box()["x"] + entry.bounding_box()["width"] < head.bounding_box()["x"]
        assert broken_rules(page) == []

        page.keyboard.press("Escape")
        expect(entry).to_be_hidden()
        expect(head).to_be_focused()

    def test_the_pop_up_closes_beside_it_and_is_not_stored(self, page):
        sent = []
        page.on("request", lambda request: sent.append(request.url))
        group(page, "sms").locator("summary").click()
        group(page, "organization").locator("summary").click()
        expect(group(page, "sms").locator("ul")).to_be_hidden()
        page.locator("h1").click()
        expect(group(page, "organization").locator("ul")).to_be_hidden()
        assert not [url for url in sent if url.endswith("/account/menu")]

    def test_the_pop_up_leads_to_its_pages(self, page):
        group(page, "organization").locator("summary").click()
        page.locator(".sidebar .nav-entry[href='/members/']").click()
        expect(page).to_have_url(re.compile("/members/$"))


class TestThePhone:
    def test_has_a_bottom_bar_and_a_drawer_with_the_same_groups(self, open_tab):
        page = open_tab(CONSULTANT, width=390).open("/follow-ups/")
        bar = page.locator(".bottom-bar")
        assert bar.locator("> *").all_inner_texts()[0].startswith("پیگیری‌ها")
        bar.locator("[data-open=drawer]").click()
        drawer = page.locator("#drawer")
        expect(drawer.locator("[aria-current=page]")).to_be_in_viewport()
        for each in drawer.locator("summary:visible, .nav-entry:visible").all():
            assert each.bounding_box()["height"] >= 44

    def test_has_room_for_the_organisation_in_which_an_admin_acts(self, open_tab):
        page = open_tab("admin", width=390).open("/organizations/")
        page.locator("#list tr[data-pk]", has_text="demo1").locator("[data-row-menu]").click()
        page.get_by_role("menuitem", name="کار در این سازمان").click()
        leave = page.get_by_role("button", name="خروج از سازمان")
        expect(leave).to_be_visible()
        # A name of the longest kind.
        page.locator("form.flag-line .truncate").evaluate(
            "(name) => { name.textContent = 'بازرگانی '.repeat(9) }"
        )

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.locator(".user-button")).to_be_in_viewport(ratio=1)
        leave.click()
        expect(leave).to_have_count(0)


def test_the_numbers_of_the_menu_come_with_the_answer_of_an_act(open_tab):
    page = open_tab(CONSULTANT).open("/follow-ups/?tab=all")
    counts = json.dumps({"/follow-ups/": "۷۷", "day": ""})
    page.route("**/result", lambda route: route.fulfill(status=204, headers={"X-Menu-Counts": counts}))
    page.locator("#list a.row-link").first.click()
    page.locator("form[data-result] [data-main-submit]").first.click()

    expect(page.locator(".sidebar .nav-entry[href='/follow-ups/'] .count")).to_have_text("۷۷")
    expect(page.locator(".bottom-bar [data-count='/follow-ups/']")).to_have_text("۷۷")
    expect(group(page, "day").locator("summary .count")).to_be_hidden()
