"""Actions as buttons in a row: the confirmation beside the button, its keys, and the way back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

MANAGER, LIST = "manager-demo1", "/repeated-orders/"


def _ask(page: Page) -> None:
    page.locator("button[data-act=not_repeat]").first.click()
    expect(page.locator("#act-popover")).to_be_visible()


def test_the_confirmation_stands_beside_its_button_and_repeats_the_verb(open_tab):
    page = open_tab(MANAGER).open(LIST)
    button = page.locator("button[data-act=not_repeat]").first

    _ask(page)

    popover, submit = page.locator("#act-popover"), page.locator("#act-popover [type=submit]")
    expect(submit).to_have_text(button.inner_text())
    expect(submit).to_be_focused()
    expect(popover.locator("[data-close]")).to_have_count(1)
    expect(button).to_have_attribute("aria-expanded", "true")
    box, place = popover.bounding_box(), button.bounding_box()
    assert (
        abs(box["y"] - place["y"] - place["height"]) < 12 or abs(place["y"] - box["y"] - box["height"]) < 12
    )
    page.keyboard.press("Escape")
    expect(popover).to_be_hidden()
    expect(button).to_be_focused()


def test_keys_decide_and_the_toast_undoes(open_tab):
    page = open_tab(MANAGER).open(LIST)
    rows = page.locator("#list tr[data-pk]")
    before, key = rows.count(), rows.first.get_attribute("data-pk")
    page.keyboard.press("j")
    page.keyboard.press("3")
    expect(page.locator("#act-popover [type=submit]")).to_be_focused()

    page.keyboard.press("Enter")

    expect(page.locator(f"#row-{key}")).to_have_count(0)
    expect(page.locator("#act-popover")).to_be_hidden()
    page.locator("#toasts button", has_text="بازگردانی").first.click()
    expect(rows).to_have_count(before)
    expect(page.locator(f"#row-{key}")).to_have_count(1)


def test_on_a_phone_it_is_a_sheet_at_the_bottom(open_tab):
    page = open_tab(MANAGER, width=390).open(LIST)

    _ask(page)

    box = page.locator("#act-popover").bounding_box()
    assert (box["x"], box["width"]) == (0, 390)
    assert abs(box["y"] + box["height"] - page.viewport_size["height"]) <= 1
    page.mouse.click(100, 60)
    expect(page.locator("#act-popover")).to_be_hidden()


def test_a_consultant_has_no_buttons(open_tab):
    page = open_tab("consultant1-demo1").open(LIST)

    expect(page.locator("#list h1")).to_be_visible()
    expect(page.locator("button[data-act]")).to_have_count(0)


def test_a_card_without_buttons_shows_both_orders(open_tab):
    page = open_tab("consultant1-demo1", width=390).open(f"{LIST}?tab=all")
    rows = page.locator("#list tr[data-pk]")

    assert rows.count() > 0
    # A card of a fixed height would cut off the second order.
    assert (
        rows.evaluate_all("rows => rows.filter((row) => row.scrollHeight > row.clientHeight + 1).length") == 0
    )
