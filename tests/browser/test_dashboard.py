"""The dashboard in use: numbers clicked through, parts that come later, the side panel, the tick of a task, print."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.wire import watch_wire

CONSULTANT, MANAGER = "consultant1-demo1", "manager-demo1"
MOST_BYTES = 260 * 1024
LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789", "٬")


def number(text):
    return int(text.translate(LATIN))


def counted(page):
    """The rows of the open list."""
    return page.locator("#list tr[data-pk]").count()


def settled(tab, path="/dashboard/"):
    page = tab.open(path)
    expect(page.locator(".bones")).to_have_count(0)
    return page


@pytest.mark.parametrize("user", [CONSULTANT, MANAGER])
def test_each_number_leads_to_exactly_its_rows(open_tab, user):
    tab = open_tab(user)
    page = settled(tab)
    links = page.locator(
        "a.kpi[href^='/follow-ups/'], .bars td a, .league tbody td a, [data-waiting] a, .now-head a[href^='/follow-ups/']"
    )
    found = [(each.get_attribute("href"), each.inner_text()) for each in links.all()]
    counts = page.locator(".now-head:has(a[href^='/follow-ups/']) .count").all_inner_texts()

    assert len(found) >= 5
    for url, text in found:
        shown = re.search(r"^[۰-۹٬]+$", text, re.MULTILINE) or re.search(r"[۰-۹٬]+", text)
        wanted = number(shown[0] if shown else counts[0])
        tab.open(f"{url}{'&' if '?' in url else '?'}size=100")
        assert (url, counted(page)) == (url, wanted)
    assert tab.errors == []


def test_the_conversion_leads_to_its_sales(open_tab):
    tab = open_tab(MANAGER)
    page = settled(tab)
    wanted = number(page.locator("a.kpi[href^='/sales/'] .kpi-number").first.inner_text())

    page.locator("a.kpi[href^='/sales/']").first.click()
    expect(page).to_have_url(re.compile("/sales/"))
    assert counted(page) == wanted


def test_the_heads_of_tables_stand_above_their_rows(open_tab):
    page = settled(open_tab(MANAGER))
    page.evaluate("document.fonts.ready")
    heads = page.locator(".dashboard table:visible:has(thead):has(tbody > tr)")
    assert heads.count() >= 2
    for table in heads.all():
        head, row = table.locator("thead").bounding_box(), table.locator("tbody > tr").first.bounding_box()
        assert head["y"] + head["height"] <= row["y"] + 1


def test_a_manager_chooses_a_consultant_and_a_span(open_tab):
    tab = open_tab(MANAGER)
    page = settled(tab)
    page.get_by_label("مشاور", exact=True).select_option(index=1)
    page.get_by_role("button", name="نمایش", exact=True).click()
    page.wait_for_url(re.compile(r"consultant=\d+"))
    page.get_by_role("link", name="۳۰ روز").click()
    page.wait_for_url(re.compile(r"consultant=\d+&range=last30"))
    expect(page.get_by_role("link", name="۳۰ روز")).to_have_attribute("aria-current", "page")

    page.get_by_text("بازهٔ دلخواه").click()
    page.get_by_label("از روز", exact=True).fill("1405/01/01")
    page.get_by_label("تا روز", exact=True).fill("1405/09/01")
    page.get_by_role("button", name="نمایش این روزها").click()
    expect(page.locator("#to-error")).to_have_text("بازه حداکثر چهار ماه است.")
    assert tab.errors == []


def test_a_registered_result_counts_at_once(open_tab):
    tab = open_tab("consultant2-demo1")
    page = settled(tab)
    calls = page.locator(".page-head-words p")
    before = number(re.search(r"([۰-۹]+) تماس", calls.inner_text())[1])
    page.locator(".now-line a[data-panel]").first.click()
    panel = page.locator("#panel")
    expect(panel).to_be_visible()
    silent = page.locator("#part-results tr", has_text="پاسخ نداد").locator("a")
    count = number(silent.inner_text()) if silent.count() else 0
    title = panel.locator("input[data-title='پاسخ نداد']")
    is_new = page.locator(".now-line").first.get_by_text("پاسخ نداد").count() == 0
    title.check()
    panel.get_by_role("button", name="ثبت", exact=True).click()

    expect(calls).to_contain_text(
        f"{str(before + 1).translate(str.maketrans('0123456789', '۰۱۲۳۴۵۶۷۸۹'))} تماس"
    )
    expect(page.locator(".bones")).to_have_count(0)
    # The part below counts again too.
    wanted = str(count + is_new).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    expect(silent).to_have_text(wanted)


def test_a_task_is_ticked_in_place(open_tab):
    tab = open_tab(CONSULTANT)
    page = settled(tab)
    task = page.locator("#list .today > li").first
    status = task.get_attribute("data-status")
    task.locator(".today-tick").click()

    expect(task).not_to_have_attribute("data-status", status)
    assert tab.errors == []


def test_the_chart_has_its_table(open_tab):
    page = settled(open_tab(MANAGER))
    page.get_by_text("جدول داده‌ها").click()

    rows = page.locator(".chart-data tbody tr")
    expect(rows).to_have_count(30)
    assert page.locator(".day-bars rect").count() == 30


def test_the_first_load_is_small(open_tab):
    tab = open_tab(MANAGER)
    received = watch_wire(tab.page)
    settled(tab)
    tab.page.wait_for_load_state("networkidle")

    assert 20_000 < sum(received.values()) <= MOST_BYTES


def test_prints_without_its_tools(open_tab):
    page = settled(open_tab(MANAGER))
    page.emulate_media(media="print")

    expect(page.locator(".dashboard-choice")).to_be_hidden()
    expect(page.locator(".kpis")).to_be_visible()
    expect(page.locator(".chart-data")).to_be_hidden()
