"""Pages at 200 % zoom, without motion and with the colours of the system; a result by keyboard alone; the focus after each act."""

from itertools import groupby

import pytest
from playwright.sync_api import Page, expect

from tests.support.looks import cut_texts, motions
from tests.support.openings import OPENINGS
from tests.support.screens import CONSULTANT, MANAGER, PAGES

# A window of 1280 × 850 pixels at 200 %.
ZOOMED = {"width": 640, "device_scale_factor": 2, "reduced_motion": "reduce"}
READERS = [
    (user, [path for _user, path in pages])
    for user, pages in groupby(sorted(PAGES, key=lambda page: page[0] or ""), key=lambda page: page[0])
]
LIST = "/follow-ups/?tab=all"


@pytest.mark.parametrize(("user", "paths"), READERS, ids=[str(user) for user, _paths in READERS])
def test_pages_are_whole_at_twice_the_size_and_nothing_moves(reader, user, paths):
    tab = reader(user, **ZOOMED)
    found = {}
    for path in paths:
        page = tab.look_at(path)
        found[path] = cut_texts(page) + motions(page)

    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("opens", OPENINGS, ids=str)
def test_so_is_what_opens_over_a_list(open_tab, opens):
    page = open_tab(MANAGER, **ZOOMED).open(LIST)

    OPENINGS[opens](page)

    assert cut_texts(page) + motions(page) == []


def test_motion_is_found(reader):
    page = reader(MANAGER).look_at("/products/")
    page.evaluate("document.querySelector('h1').animate([{ opacity: 0 }, { opacity: 1 }], 1000)")

    assert len(motions(page)) == 1


def test_square_buttons_have_round_corners(reader):
    page = reader(MANAGER).look_at("/products/")

    radius = "(each) => getComputedStyle(each).borderStartStartRadius"
    assert page.locator("#list .btn-square").first.evaluate(radius) == "8px"


class TestForcedColours:
    """States differ by colours of the system: screenshots of an element with and without its state."""

    @pytest.fixture
    def page(self, open_tab) -> Page:
        return open_tab(MANAGER, forced_colors="active").open(LIST)

    def test_a_tick(self, page):
        tick = page.locator("#list [name=rowid]").first
        before = tick.screenshot()
        tick.evaluate("(box) => { box.checked = true }")

        assert tick.screenshot() != before

    def test_the_open_tab(self, page):
        background = "(each) => getComputedStyle(each).backgroundColor"
        tabs = page.locator(".tabs .tab")
        opened = page.locator(".tabs [aria-current=page]").evaluate(background)
        closed = tabs.and_(page.locator(":not([aria-current])")).first.evaluate(background)

        assert opened != closed

    def test_the_focus(self, page):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            "(({ outlineStyle, outlineWidth }) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))"
        )

        assert ring == ["solid", "2px"]

    def test_the_mark_of_a_chip(self, page):
        chip = page.locator("#list .chip").first

        drawn = chip.evaluate("(each) => getComputedStyle(each, '::before').forcedColorAdjust")
        assert drawn == "none"


def expect_focus(page):
    """The focus is neither on the body nor on ✕, as soon as the act is complete."""
    page.wait_for_function(
        "() => !document.activeElement.matches('body, .overlay-head [data-close], .notice-close')"
    )


class TestFocus:
    def test_after_ticking_and_leaving(self, open_tab):
        page = open_tab(MANAGER).open(LIST)
        tick = page.locator("#list [name=rowid]").first
        tick.check()
        expect(page.locator("#bulk-bar")).to_be_visible()
        expect_focus(page)

        page.locator("[data-clear-selection]").click()

        expect(page.locator("#bulk-bar")).to_be_hidden()
        expect(tick).to_be_focused()

    @pytest.mark.parametrize(
        "opens", [name for name in OPENINGS if name not in {"refusal", "ticked"}], ids=str
    )
    def test_after_opening_and_closing(self, open_tab, opens):
        page = open_tab(MANAGER).open(LIST)
        OPENINGS[opens](page)
        expect(page.locator("dialog[open], :is([role=menu], [role=dialog]):visible").first).to_be_visible()
        expect_focus(page)

        page.keyboard.press("Escape")

        expect_focus(page)

    def test_after_saving_a_cell_and_leaving_one(self, open_tab):
        page = open_tab(MANAGER).open("/products/")
        for key in ("Enter", "Escape"):
            page.locator("[data-inline*=price]").first.click()
            expect(page.locator(".inline-form [name=price]")).to_be_focused()
            page.keyboard.press(key)
            expect(page.locator(".inline-form")).to_have_count(0)

            expect_focus(page)

    def test_after_a_form_with_a_mistake(self, open_tab):
        page = open_tab(MANAGER).open("/products/add")
        page.focus("[name=title]")
        page.keyboard.press("Control+Enter")
        expect(page.locator("[aria-invalid=true]").first).to_be_visible()

        expect_focus(page)

    def test_after_deleting_and_undoing(self, open_tab):
        page = open_tab("manager-demo2").open("/products/")
        page.locator("#list [name=rowid]").first.check()
        page.locator("#bulk-bar button[value=remove]").click()
        page.locator("#dialog [type=submit]").click()
        undo = page.get_by_role("button", name="بازگردانی")
        expect(undo).to_be_visible()
        expect_focus(page)

        undo.click()
        expect(undo).to_have_count(0)

        expect_focus(page)


def test_a_result_by_keyboard_alone(open_tab):
    page = open_tab(CONSULTANT).open("/follow-ups/?tab=all&f_status=waiting")
    page.keyboard.press("KeyJ")
    page.keyboard.press("Enter")
    form = page.locator("#panel form[data-result]")
    expect(form).to_be_visible()
    titles = form.locator(".swatch").all_inner_texts()
    key = next(number for number, title in enumerate(titles, start=1) if "تماس مجدد" in title)
    page.keyboard.press(f"Digit{key}")
    expect(form.locator("[name=result_title]").nth(key - 1)).to_be_checked()
    for _press in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.quick === 'days:1'"):
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#toasts")).to_contain_text("ثبت شد")
    expect_focus(page)
