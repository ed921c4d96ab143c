"""The board of tasks in a real browser: dragging, keys, ticks, menus, undo, two windows, a phone."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import broken_rules, turn

CONSULTANT, MANAGER = "consultant1-demo1", "manager-demo1"
ALL = "/tasks/board?tab=all"


def lane(page, name):
    return page.locator(f"#lane-{name} .board-card")


def titles(page, name):
    return lane(page, name).locator(".board-title").all_inner_texts()


def card(page, title):
    return page.locator(".board-card", has_text=title)


@contextmanager
def moved(page):
    """Until the move is stored and the board has been loaded again."""
    with page.expect_response(lambda answer: "/tasks/board" in answer.url):
        yield
    page.wait_for_function("() => !document.querySelector('.board-card.is-moved')")


@pytest.fixture
def added(open_tab):
    """Three cards of a consultant in a column, in this order, with a title of this test alone."""
    tab = open_tab(CONSULTANT)

    def add(name, *, count=3):
        for number in range(count, 0, -1):
            page = tab.open("/tasks/add?status=todo")
            page.fill("[name=title]", f"{name} {number}")
            page.locator("form#form [type=submit]").click()
            page.wait_for_url("**/tasks/board")
        return tab.open(ALL)

    yield add
    assert [each for each in tab.errors if "Failed to" not in each] == []


def test_a_card_is_dragged_to_another_column_and_comes_back_by_undo(added):
    page = added("کشیدن")
    place = {"x": 60, "y": 4}

    with moved(page):
        card(page, "کشیدن 2").drag_to(page.locator("#lane-doing .lane-cards"), target_position=place)

    expect(page.locator("#lane-doing")).to_contain_text("کشیدن 2")
    page.reload()
    expect(page.locator("#lane-doing")).to_contain_text("کشیدن 2")
    with moved(page):
        card(page, "کشیدن 1").drag_to(page.locator("#lane-done .lane-cards"), target_position=place)
    expect(page.locator("#lane-done")).to_contain_text("کشیدن 1")
    with moved(page):
        page.get_by_role("button", name="بازگردانی").click()
    expect(page.locator("#lane-todo")).to_contain_text("کشیدن 1")


def test_keys_move_a_card_and_the_focus_stays_with_it(added):
    page = added("کلید")
    card(page, "کلید 1").focus()

    with moved(page):
        page.keyboard.press("Alt+ArrowDown")
        # The second press does not wait for the answer to the first one.
        page.keyboard.press("Alt+ArrowDown")
    expect(lane(page, "todo").nth(2)).to_contain_text("کلید 1")
    expect(page.locator("#board-says")).to_contain_text(re.compile(r"کلید 1: در انتظار، ۳ از"))
    expect(card(page, "کلید 1")).to_be_focused()

    with moved(page):
        page.keyboard.press("Alt+ArrowLeft")
        page.keyboard.press(" ")
    expect(lane(page, "done").first).to_contain_text("کلید 1")
    expect(card(page, "کلید 1")).to_be_focused()
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(lane(page, "done").first).to_contain_text("کلید 1")
    assert [each for each in titles(page, "todo") if "کلید" in each] == ["کلید 2", "کلید 3"]

    card(page, "کلید 2").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/show/*")


def test_a_board_that_comes_late_does_not_put_a_card_back(added):
    page = added("کند")
    held, is_free = {"GET": [], "POST": []}, []

    def hold(route):
        is_board = "/tasks/board" in route.request.url or "/move" in route.request.url
        held[route.request.method].append(route) if is_board and not is_free else route.continue_()

    def wait_for(method, count):
        while len(held[method]) < count:
            page.wait_for_timeout(20)

    page.route("**/tasks/**", hold)
    card(page, "کند 1").focus()
    page.keyboard.press("Alt+ArrowDown")
    wait_for("POST", 1)
    held["POST"][0].continue_()
    wait_for("GET", 1)
    page.keyboard.press("Alt+ArrowLeft")
    wait_for("POST", 2)
    # The board as it is before the second move, which is not stored yet.
    with page.expect_response(lambda answer: "/tasks/board" in answer.url):
        held["GET"][0].continue_()
    expect(lane(page, "doing").first).to_contain_text("کند 1")
    page.keyboard.press(" ")
    is_free.append(True)
    held["POST"][1].continue_()
    expect(lane(page, "done").first).to_contain_text("کند 1")
    page.wait_for_load_state("networkidle")
    expect(card(page, "کند 1")).to_be_focused()
    page.reload()
    expect(lane(page, "done").first).to_contain_text("کند 1")


def test_the_tick_and_the_menu_move_a_card(added):
    page = added("تیک")
    with moved(page):
        card(page, "تیک 1").get_by_role("button", name="انتقال به «در حال انجام»").click()
    expect(lane(page, "doing").first).to_contain_text("تیک 1")
    expect(card(page, "تیک 1").get_by_role("button", name="انتقال به «انجام شده»")).to_be_visible()

    card(page, "تیک 2").locator("[data-row-menu]").click()
    with moved(page):
        page.get_by_role("menuitem", name="انتقال به «لغو شده»").click()
    expect(lane(page, "cancelled").first).to_contain_text("تیک 2")
    expect(page.locator("#list .menu:visible")).to_have_count(0)

    card(page, "تیک 3").locator("[data-row-menu]").click()
    page.get_by_role("menuitem", name="حذف").click()
    page.locator("#dialog [type=submit]").click()
    expect(card(page, "تیک 3")).to_have_count(0)


def test_a_move_appears_in_another_window_and_an_old_one_is_refused(added, open_tab):
    page = added("دو پنجره")
    other = open_tab(MANAGER).open(ALL)
    expect(card(other, "دو پنجره 1")).to_be_visible()

    with moved(page):
        card(page, "دو پنجره 1").locator("[data-tick]").click()
    # The other window has the version from before.
    with moved(other):
        card(other, "دو پنجره 1").locator("[data-tick]").click()
    expect(other.locator("#toasts .notice[data-level=danger]")).to_contain_text("هم‌زمان")
    expect(other.locator("#lane-doing")).to_contain_text("دو پنجره 1")

    with moved(page):
        card(page, "دو پنجره 2").locator("[data-tick]").click()
    other.evaluate("document.dispatchEvent(new CustomEvent('list:reload'))")
    expect(other.locator("#lane-doing")).to_contain_text("دو پنجره 2")


def test_the_board_polls_while_it_is_only_looked_at(added):
    page = added("نظرسنجی", count=1)

    with page.expect_response(lambda answer: "/tasks/board" in answer.url, timeout=25_000):
        pass


def test_without_a_connection_a_card_returns_to_its_place(added):
    page = added("بی‌ارتباط", count=2)
    page.route("**/move", lambda route: route.abort())

    card(page, "بی‌ارتباط 1").locator("[data-tick]").click()

    expect(page.locator("#toasts .notice[data-level=danger]")).to_contain_text("ارتباط")
    expect(page.locator("#lane-todo")).to_contain_text("بی‌ارتباط 1")
    expect(page.locator("#lane-doing")).not_to_contain_text("بی‌ارتباط 1")


def test_a_phone_shows_one_column_at_a_time_with_large_targets(open_tab):
    tab = open_tab(CONSULTANT, width=390)
    page = tab.open(ALL)

    expect(page.locator("#lane-todo")).to_be_visible()
    expect(page.locator("#lane-doing")).to_be_hidden()
    page.get_by_role("tab", name=re.compile("در حال انجام")).click()
    expect(page.locator("#lane-doing")).to_be_visible()
    expect(page.locator("#lane-todo")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name=re.compile("انجام شده"))).to_be_focused()
    page.get_by_role("tab", name=re.compile("در حال انجام")).click()
    first = lane(page, "doing").first
    for part in (".board-tick", "[data-row-menu]"):
        box = first.locator(part).bounding_box()
        assert min(box["width"], box["height"]) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    name = first.locator(".board-title").inner_text()
    with moved(page):
        first.locator("[data-tick]").click()
    # The reader stays with the card.
    expect(page.locator("#lane-done")).to_be_visible()
    expect(page.locator("#lane-done")).to_contain_text(name)


def test_the_board_is_accessible(open_tab):
    page = open_tab(MANAGER, csp=False).open(ALL)

    found = {}
    for look in ((1280, "light"), (1280, "dark"), (390, "light")):
        turn(page, *look)
        found[look] = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken_rules(page)]

    assert {look: wrong for look, wrong in found.items() if wrong} == {}
