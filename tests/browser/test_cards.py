"""Lists on a phone and beside a panel: cards of two lines, nothing that moves, and what the first visit loads."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.wire import watch_wire

LIST = "/follow-ups/?tab=all"
PHONE = {"width": 390, "height": 844}
ROWS = "[...document.querySelectorAll('#list tr[data-pk]')].map(row => row.getBoundingClientRect().toJSON())"
# The sum of layout shifts since the page began to load.
SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const each of list.getEntries()) sum += each.value; })
    .observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""
MOST_LOADED = 150 * 1024


@pytest.fixture
def phone(open_tab):
    def opened(path=LIST, *, user="consultant1-demo1", scheme="light"):
        tab = open_tab(user, width=PHONE["width"], scheme=scheme)
        tab.page.set_viewport_size(PHONE)
        return tab.open(path)

    return opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_seven_follow_ups_of_which_the_first_begins_above_200(phone, scheme):
    page = phone(scheme=scheme)

    rows, bar = page.evaluate(ROWS), page.locator(".bottom-bar").bounding_box()["y"]
    whole = [row for row in rows if row["top"] >= 0 and row["bottom"] <= bar]
    assert rows[0]["top"] < 200
    assert len(whole) == 7
    assert {row["height"] for row in rows} == {88}
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("path", ["/customers/", "/orders/?tab=all", "/products/", "/members/", "/audit/"])
def test_rows_of_every_list_are_cards_of_one_height_as_wide_as_the_screen(phone, path):
    rows = phone(path, user="manager-demo1").evaluate(ROWS)

    assert {(row["height"], row["width"]) for row in rows} <= {(88, PHONE["width"]), (89, PHONE["width"])}


def test_the_targets_of_a_card_are_as_large_as_a_finger(phone):
    page = phone()

    for part in (".card-call .call", "[data-row-menu]"):
        boxes = [each.bounding_box() for each in page.locator(f"#list {part}").all()[:7]]
        assert boxes
        assert all(box["width"] >= 44 and box["height"] >= 44 for box in boxes)


def test_a_card_opens_its_panel_and_its_button_dials(phone):
    page = phone()
    row = page.locator("#list tr[data-pk]").first

    assert row.locator("a[href^='tel:']").get_attribute("href").startswith("tel:+98")
    row.locator(".card-line").click()

    expect(page.locator("#panel")).to_be_visible()


def test_rows_are_ticked_after_select_in_the_menu(phone):
    page = phone("/customers/", user="manager-demo1")
    first, second = page.locator("#list tr[data-pk]").nth(0), page.locator("#list tr[data-pk]").nth(1)
    expect(first.locator("[name=rowid]")).to_be_hidden()

    first.locator("[data-row-menu]").click()
    page.get_by_role("menuitem", name="انتخاب").click()

    expect(first.locator("[name=rowid]")).to_be_checked()
    expect(second.locator("[name=rowid]")).to_be_visible()
    expect(second.locator(".call")).to_be_hidden()
    second.locator(".cell-main").click(position={"x": 5, "y": 5})
    expect(page.locator("[data-ticked]")).to_contain_text("۲")
    page.locator("[data-clear-selection]").click()
    expect(second.locator("[name=rowid]")).to_be_hidden()
    expect(second.locator(".call")).to_be_visible()


def test_a_desk_has_checkboxes_and_needs_no_select(open_tab):
    page = open_tab("manager-demo1").open("/customers/")

    page.locator("[data-row-menu]").first.click()

    expect(page.locator("#list [role=menuitem]").first).to_be_focused()
    expect(page.locator("#list [data-choose]")).to_have_count(0)


def test_the_actions_of_a_list_are_one_menu_on_a_phone(phone):
    page = phone("/customers/", user="manager-demo1")
    expect(page.locator(".page-actions")).to_be_hidden()

    page.locator("[data-page-menu]").click()

    expect(page.get_by_role("menuitem", name="افزودن مشتری")).to_be_visible()
    page.get_by_role("menuitem", name="تنظیمات جدول").click()
    expect(page.locator("#dialog")).to_be_visible()


def test_the_title_of_a_list_is_read_once_and_seen_in_the_bar(phone):
    page = phone("/customers/", user="manager-demo1")

    expect(page.locator(".phone-title")).to_have_text("مشتریان")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert page.locator("h1").bounding_box()["width"] <= 1


def test_name_number_and_result_stay_beside_a_panel_of_480_px(open_tab):
    page = open_tab("manager-demo1").open(LIST)

    for part in ("th:nth-child(2)", "th.card-call", "th.card-chip"):
        box = page.locator(f"#list {part}").bounding_box()
        assert box["x"] >= 480


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_a_list_loads(open_tab, width):
    page = open_tab("manager-demo1", width=width).open(LIST)
    page.wait_for_load_state("networkidle")

    assert page.evaluate(SHIFTS) == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_when_the_font_arrives_after_the_page(open_tab, width):
    tab = open_tab("manager-demo1", width=width)
    late = []
    tab.page.route("**/*.woff2", lambda font: late.append(font))  # noqa: PLW0108 - Playwright marks its handlers
    tab.page.goto(tab.base + LIST, wait_until="domcontentloaded")
    tab.page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    assert len(late) == 2

    for font in late:
        font.continue_()
    tab.page.wait_for_load_state("networkidle")

    assert tab.page.evaluate(SHIFTS) == 0


def test_a_first_visit_loads_little(open_tab):
    tab = open_tab("manager-demo1")
    received = watch_wire(tab.page)

    tab.open(LIST)
    tab.page.wait_for_load_state("networkidle")

    assert 20_000 < sum(received.values()) <= MOST_LOADED


def test_a_cell_is_as_large_while_it_is_edited(open_tab):
    page = open_tab("manager-demo1").open("/products/")
    cells = "[...document.querySelectorAll('#list th, #list tr[data-pk] > td')].map(cell => { const box = cell.getBoundingClientRect(); return [box.x, box.width, box.height]; })"
    before = page.evaluate(cells)

    page.locator("#list tr[data-pk]").first.hover()
    page.locator("#list [data-inline=price]").first.click()
    expect(page.locator("#list [name=price]").first).to_be_focused()

    assert page.evaluate(cells) == before


def test_a_shortened_text_has_a_tooltip(open_tab):
    page = open_tab("manager-demo1", width=900).open("/sms-templates/")
    cell = page.locator("#list tr[data-pk] td", has_text="…").first

    cell.hover()

    expect(cell).to_have_attribute("title", re.compile("…"))
