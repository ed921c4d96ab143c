"""Saved reports in use: saving by keyboard, the schedule, undo, axe and a phone."""

import re

from playwright.sync_api import expect

from tests.support.accessibility import ALL_RULES, broken_rules

MANAGER, CONSULTANT = "manager-demo1", "consultant1-demo1"
PAGE = "/reports/final-sales/?range=last_month"


def saved_dialog(page):
    page.get_by_role("link", name="ذخیرهٔ گزارش").click()
    expect(page.locator("#saved-name")).to_be_visible()
    return page.locator("#dialog")


def save(page, name):
    saved_dialog(page)
    page.locator("#saved-name").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"گزارش «{name}» ذخیره شد.")


def faults(page):
    found = broken_rules(page, options=ALL_RULES)
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def test_saved_opened_renamed_deleted_and_taken_back(open_tab):
    tab = open_tab(MANAGER)
    page = tab.open(PAGE)
    save(page, "ماه پیش")
    expect(page).to_have_url(re.compile(r"range=last_month"))

    tab.open("/reports/final-sales/?by=product")
    dialog = saved_dialog(page)
    dialog.get_by_role("link", name="تغییر نام «ماه پیش»").click()
    expect(page.locator("#saved-name")).to_have_value("ماه پیش")
    page.locator("#saved-name").fill("فروش ماه پیش")
    page.keyboard.press("Enter")
    expect(dialog.locator(".view-name", has_text="فروش ماه پیش")).to_be_visible()

    dialog.get_by_role("button", name="حذف «فروش ماه پیش»").click()
    expect(dialog.locator(".view-name", has_text="فروش ماه پیش")).to_have_count(0)
    page.locator("#toasts .notice-undo").last.click()
    expect(page.locator("#toasts")).to_contain_text("گزارش «فروش ماه پیش» برگشت.")

    tab.open("/reports/final-sales/?by=product")
    saved_dialog(page).locator(".view-name", has_text="فروش ماه پیش").click()
    expect(page).to_have_url(re.compile(r"range=last_month"))
    assert tab.errors == []


def test_a_schedule_shows_the_fields_of_its_rule(open_tab):
    tab = open_tab(MANAGER)
    page = tab.open(PAGE)
    save(page, "هفتگی")
    dialog = saved_dialog(page)
    assert faults(page) == []
    dialog.get_by_role("link", name="زمان‌بندی «هفتگی»").click()
    days, month_day, hour = (dialog.locator(each) for each in ("#weekdays", "#month_day", "#hour"))
    expect(dialog.locator("#sending")).to_be_visible()
    for field in (days, month_day, hour):
        expect(field).to_be_hidden()
    dialog.locator("#sending").select_option("monthly")
    expect(month_day).to_be_visible()
    expect(days).to_be_hidden()
    dialog.locator("#sending").select_option("weekly")
    expect(days).to_be_visible()
    expect(month_day).to_be_hidden()
    assert faults(page) == []

    dialog.get_by_label("شنبه", exact=True).focus()
    page.keyboard.press("Space")
    dialog.locator("#hour").select_option("9")
    dialog.get_by_role("button", name="ذخیرهٔ زمان‌بندی").focus()
    page.keyboard.press("Enter")
    expect(dialog.locator(".view", has_text="هفتگی")).to_contain_text("هر هفته شنبه، ساعت ۹")
    assert tab.errors == []


def test_ctrl_enter_saves_the_report_its_name_and_its_schedule(open_tab):
    tab = open_tab(MANAGER)
    page = tab.open(PAGE)
    saved_dialog(page)
    page.locator("#saved-name").fill("با صفحه‌کلید")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("گزارش «با صفحه‌کلید» ذخیره شد.")

    dialog = saved_dialog(page)
    dialog.get_by_role("link", name="زمان‌بندی «با صفحه‌کلید»").click()
    dialog.locator("#sending").select_option("daily")
    page.keyboard.press("Control+Enter")
    expect(dialog.locator(".view", has_text="با صفحه‌کلید")).to_contain_text("هر روز")

    dialog.get_by_role("link", name="تغییر نام «با صفحه‌کلید»").click()
    page.locator("#saved-name").fill("بی‌موشواره")
    page.keyboard.press("Control+Enter")
    expect(dialog.locator(".view-name", has_text="بی‌موشواره")).to_be_visible()
    assert tab.errors == []


def test_a_wrong_schedule_keeps_what_was_chosen(open_tab):
    tab = open_tab(MANAGER)
    page = tab.open(PAGE)
    save(page, "ناقص")
    dialog = saved_dialog(page)
    dialog.get_by_role("link", name="زمان‌بندی «ناقص»").click()
    dialog.locator("#sending").select_option("weekly")
    dialog.locator("#hour").select_option("17")
    dialog.get_by_role("button", name="ذخیرهٔ زمان‌بندی").click()
    expect(dialog.locator("#weekdays-error")).to_have_text("دست‌کم یک روز هفته را انتخاب کنید.")
    expect(dialog.locator("#hour")).to_have_value("17")
    assert faults(page) == []


def test_on_a_phone_nothing_is_cut(open_tab):
    tab = open_tab(MANAGER, width=390)
    page = tab.open(PAGE)
    page.set_viewport_size({"width": 390, "height": 844})
    save(page, "نامی بلند برای گزارشی که روی تلفن باز می‌شود و جا می‌گیرد")
    dialog = saved_dialog(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert dialog.evaluate("each => each.scrollWidth <= each.clientWidth")
    dialog.get_by_role("link", name=re.compile("^زمان‌بندی «نامی بلند")).click()
    dialog.locator("#sending").select_option("weekly")
    expect(dialog.locator("#weekdays")).to_be_visible()
    assert dialog.evaluate("each => each.scrollWidth <= each.clientWidth")
    assert faults(page) == []


def test_a_consultant_neither_shares_nor_sends_to_others(open_tab):
    tab = open_tab(CONSULTANT)
    page = tab.open(PAGE)
    save(page, "مال من")
    dialog = saved_dialog(page)
    expect(dialog.locator("[name=is_shared]")).to_have_count(0)
    dialog.get_by_role("link", name="زمان‌بندی «مال من»").click()
    dialog.locator("#sending").select_option("daily")
    expect(dialog.locator("[name=receivers]")).to_have_count(1)
    assert tab.errors == []
