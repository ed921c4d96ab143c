"""What a page does without scripts: logging in and out, lists with pages, the page of a row and its form."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

ROWS = "table.rows tbody tr"


@pytest.fixture
def page(panel, chromium):
    context = chromium.new_context(java_script_enabled=False, locale="fa-IR")
    page = context.new_page()
    user = panel.users["manager-demo1"]
    page.goto(f"{panel.url}/login/")
    page.fill("[name=username]", user["username"])
    page.fill("[name=password]", user["password"])
    page.click("[type=submit]")
    expect(page).not_to_have_url(re.compile("/login/"))
    yield page
    context.close()


def names(page):
    return page.locator(f"{ROWS} .cell-main > a").all_inner_texts()


def test_a_member_turns_pages_edits_a_customer_and_logs_out(panel, page):
    page.goto(f"{panel.url}/customers/")
    first = names(page)
    page.locator("a[data-turn=next]").first.click()
    assert names(page)
    assert set(names(page)) & set(first) == set()
    page.locator("a[data-turn=previous]").first.click()
    assert names(page) == first

    page.locator(f"{ROWS} .cell-main > a").first.click()
    expect(page).to_have_url(re.compile(r"/customers/show/\d+$"))
    expect(page.locator("h1")).to_contain_text(first[0])
    page.locator("a[href*='/customers/edit/']").locator("visible=true").first.click()
    page.fill("[name=city]", "نیشابور")
    page.locator("form [type=submit]").locator("visible=true").last.click()
    expect(page.locator("main")).to_contain_text("نیشابور")

    page.locator("noscript a, a[href='/account/']").locator("visible=true").first.click()
    page.get_by_role("button", name="خروج").locator("visible=true").click()
    expect(page).to_have_url(re.compile("/login/"))
    page.goto(f"{panel.url}/customers/")
    expect(page).to_have_url(re.compile("/login/"))


@pytest.mark.parametrize("section", ["orders", "follow-ups", "sales", "tasks"])
def test_each_row_leads_to_its_page(panel, page, section):
    page.goto(f"{panel.url}/{section}/?tab=all")
    assert page.locator(ROWS).count() > 0
    page.locator(f"{ROWS} .cell-main > a").first.click()

    if page.url.endswith("/panel"):
        page.locator(f"a[href*='/{section}/show/']").locator("visible=true").first.click()
    expect(page).to_have_url(re.compile(rf"/{section}/show/\d+$"))
    expect(page.locator("h1")).not_to_be_empty()
