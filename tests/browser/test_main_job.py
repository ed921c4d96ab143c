"""The main job, as it is done: a call's result in a few keys, a sale, rows handed over and taken back."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

NOTE = "تماس گرفتم؛ فردا دوباره"


@pytest.fixture
def consultant(open_tab):
    """The consultant's list, with a mark that a page load would wipe out."""
    tab = open_tab("consultant1-demo1")
    tab.open("/follow-ups/?tab=all&f_status=waiting")
    tab.page.evaluate("window.notReloaded = true")
    yield tab.page
    # A browser reports each refusal of a form as an error of the network.
    assert [line for line in tab.errors if "422" not in line] == []


def rows(page):
    return page.locator("#list tr[data-pk]")


def open_panel(page, row):
    """Open *row* in the side panel; returns the panel."""
    row.locator("a.row-link").click()
    panel = page.locator("#panel")
    expect(panel.locator("form[data-result]")).to_be_visible()
    return panel


def title_at(panel, key):
    return panel.locator("[name=result_title]").nth(key - 1)


def key_of(panel, words):
    """The digit that chooses the title *words*."""
    titles = panel.locator(".swatch").all_inner_texts()
    return next(number for number, title in enumerate(titles, start=1) if words in title)


def test_a_result_takes_a_digit_some_words_and_ctrl_enter(consultant):
    row = rows(consultant).first
    pk = row.get_attribute("data-pk")
    panel = open_panel(consultant, row)
    key = key_of(panel, "تماس مجدد")

    consultant.keyboard.press(f"Digit{key}")
    expect(title_at(panel, key)).to_be_checked()
    panel.locator("[name=note]").fill(NOTE)
    panel.locator("[data-quick='days:1']").click()
    consultant.keyboard.press("Control+Enter")

    expect(consultant.locator("#toasts")).to_contain_text("ثبت شد")
    expect(panel).to_be_hidden()
    assert consultant.evaluate("window.notReloaded")
    consultant.goto(re.sub(r"/follow-ups/.*", f"/follow-ups/{pk}/panel", consultant.url))
    expect(consultant.locator(".latest li").first).to_contain_text(NOTE)
    consultant.locator("#history > summary").click()
    expect(consultant.locator("#history .event").first).to_contain_text(NOTE)


def test_register_and_next_opens_the_row_below(consultant):
    second = rows(consultant).nth(1).locator("a.row-link").inner_text()
    panel = open_panel(consultant, rows(consultant).first)
    consultant.keyboard.press(f"Digit{key_of(panel, 'تماس مجدد')}")
    panel.locator("[data-quick='days:1']").click()

    panel.locator("[data-then=next]").click()

    expect(panel.locator(".overlay-title, h2").first).to_contain_text(second)
    expect(panel.locator("[name=result_title]:checked")).to_have_count(0)
    assert consultant.evaluate("window.notReloaded")


def test_what_a_title_requires_is_said_beside_its_field_and_nothing_is_lost(consultant):
    panel = open_panel(consultant, rows(consultant).first)
    consultant.keyboard.press(f"Digit{key_of(panel, 'تماس مجدد')}")
    panel.locator("[name=note]").fill(NOTE)
    panel.locator("[name=next_at]").fill("")

    consultant.keyboard.press("Control+Enter")

    expect(panel.locator("#next_at-error")).to_be_visible()
    expect(panel.locator("[name=note]")).to_have_value(NOTE)
    expect(panel.locator("[name=result_title]:checked")).to_have_count(1)


def test_a_sale_is_made_in_the_panel(consultant):
    row = rows(consultant).nth(2)
    pk = row.get_attribute("data-pk")
    panel = open_panel(consultant, row)
    expect(panel.locator("[name=items-0-price]")).to_be_hidden()

    consultant.keyboard.press(f"Digit{key_of(panel, 'خرید')}")
    panel.locator("[name=items-0-price]").fill("۲٬۵۰۰٬۰۰۰")
    consultant.keyboard.press("Control+Enter")

    expect(consultant.locator("#toasts")).to_contain_text("ثبت شد")
    expect(consultant.locator(f"#row-{pk}")).to_have_count(0)


def test_the_number_can_be_called(consultant):
    href = rows(consultant).first.locator("a.call").get_attribute("href")

    assert re.fullmatch(r"tel:\+989\d{9}", href)


def test_deleted_follow_ups_come_back(consultant):
    before = rows(consultant).count()
    for tick in (1, 2):
        rows(consultant).nth(tick).locator("[name=rowid]").check()
    consultant.locator("#bulk-bar button[value=remove]").click()
    confirm = consultant.locator("#dialog [type=submit]")
    expect(confirm).to_contain_text("۲")

    confirm.click()
    expect(rows(consultant)).to_have_count(before - 2)
    consultant.get_by_role("button", name="بازگردانی").click()

    expect(rows(consultant)).to_have_count(before)


def test_a_manager_hands_a_follow_up_to_somebody_else(open_tab):
    page = open_tab("manager-demo1").open("/follow-ups/?tab=all&f_status=waiting")
    row = rows(page).filter(has_text="سارا محمدی").first
    pk = row.get_attribute("data-pk")
    row.locator("[name=rowid]").check()

    page.locator("#bulk-bar button[value=reassign]").click()
    choose(page, "امیر")
    page.locator("#dialog [type=submit]").click()

    expect(page.locator(f"#row-{pk}")).to_contain_text("امیر حسینی")


def test_a_phone_order_waits_until_a_manager_gives_it_away(open_tab):
    page = open_tab("manager-demo1").open("/orders/add")
    page.fill("[name=mobile]", "0912" + f"{uuid4().int % 10**7:07d}")
    page.fill("[name=last_name]", "منتظری")
    choose(page, "حسابداری")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/add" not in url)
    page.goto(re.sub(r"/orders/.*", "/orders/?tab=waiting", page.url))
    waiting = rows(page).filter(has_text="منتظری")
    waiting.first.locator("[name=rowid]").check()

    page.locator("#bulk-bar button[value=assign]").click()
    choose(page, "سارا")
    page.locator("#dialog [type=submit]").click()

    expect(waiting).to_have_count(0)


def choose(page, words):
    """Find *words* in the look-up that is open to be filled, and take the first that is offered."""
    box = page.locator(".ts-control input:visible, [role=combobox]:visible").last
    box.click()
    box.press_sequentially(words)
    page.get_by_role("option").filter(has_text=words).first.click()
