"""Nothing typed is lost: the form comes back with its values after each interruption, to its own member only."""

import re
import sqlite3
from contextlib import closing
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.browser.typed_steps import (
    CONFIRMED_LONG_AGO,
    MANAGER,
    NAME,
    RESTORED,
    UNREACHED,
    drafts,
    end_session,
    execute,
    expect_back,
    fill,
    save,
    stored,
    token,
)


@pytest.fixture
def page(panel, open_tab) -> Page:
    """A browser in which the manager has a session of their own, with the form of a product open."""
    tab = open_tab(None)
    log_in(tab, panel.users[MANAGER])
    return tab.open("/products/add")


@pytest.fixture
def code() -> str:
    return f"T-{uuid4().hex[:8]}"


def test_the_session_has_ended(panel, page, code):
    fill(page, code)
    end_session(panel)

    save(page)
    page.wait_for_url(re.compile("/login/"))
    page.fill("[name=username]", panel.users[MANAGER]["username"])
    page.fill("[name=password]", panel.users[MANAGER]["password"])
    page.click("[type=submit]")

    page.wait_for_url(re.compile("/products/add"))
    expect_back(page, code)
    save(page)
    page.wait_for_url(re.compile(r"/products/(\?.*)?$"))
    assert stored(panel, code) == 1
    assert drafts(page) == []


def test_a_second_step_is_due(panel, page, code):
    due = "UPDATE organizations SET managers_need_totp = ? WHERE id = (SELECT organization_id FROM ab_user WHERE username = ?)"
    fill(page, code)
    execute(panel, due, 1, MANAGER)
    try:
        save(page)
        page.wait_for_url(re.compile("/account/(two-step|confirm)/"))
    finally:
        execute(panel, due, 0, MANAGER)

    page.goto(f"{panel.url}/products/add")

    expect_back(page, code)


def test_the_password_is_asked_for_again(panel, page):
    page.goto(f"{panel.url}/roles/add")
    page.fill("[name=title]", NAME)
    execute(panel, CONFIRMED_LONG_AGO, MANAGER)
    save(page)
    expect(page.locator("[name=sudo_password]")).to_be_focused()

    page.fill("[name=sudo_password]", panel.users[MANAGER]["password"])
    page.click("#form [type=submit]")

    page.wait_for_url(re.compile("/roles/$"))
    expect(page.locator("main")).to_contain_text(NAME)


def test_the_question_for_the_password_is_left(panel, page):
    page.goto(f"{panel.url}/roles/add")
    page.fill("[name=title]", NAME)
    execute(panel, CONFIRMED_LONG_AGO, MANAGER)
    save(page)
    expect(page.locator("[name=sudo_password]")).to_be_focused()

    page.goto("about:blank")
    page.goto(f"{panel.url}/roles/add")
    page.fill("[type=password]", panel.users[MANAGER]["password"])
    page.click("#form [type=submit]")

    expect(page.locator(RESTORED)).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value(NAME)
    title = f"{NAME} {uuid4().hex[:8]}"
    page.fill("[name=title]", title)
    save(page)
    page.wait_for_url(re.compile("/roles/$"))
    assert drafts(page) == []


def test_the_database_is_away(panel, page, code):
    """Another process locks the database for longer than the panel waits for it."""
    fill(page, code)
    with closing(sqlite3.connect(panel.database, timeout=10, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        save(page)

        expect(page.locator(UNREACHED)).to_contain_text(
            "ارتباط برقرار نیست؛ نوشتهٔ شما حفظ شده است", timeout=30_000
        )
        expect(page.locator("[name=title]")).to_have_value(NAME)
        lock.execute("ROLLBACK")
    assert stored(panel, code) == 0
    page.get_by_role("button", name="تلاش دوباره").click()
    page.wait_for_url(re.compile(r"/products/(\?.*)?$"))
    assert stored(panel, code) == 1


def test_the_browser_is_offline(panel, page, code):
    fill(page, code)
    page.context.set_offline(True)

    save(page)

    retry = page.get_by_role("button", name="تلاش دوباره")
    expect(retry).to_be_focused()
    page.context.set_offline(False)
    retry.click()
    page.wait_for_url(re.compile(r"/products/(\?.*)?$"))
    assert stored(panel, code) == 1


def test_an_answer_that_was_lost_stores_one_row(panel, page, code):
    """The panel has saved the row, but the browser does not learn of it; the form is opened anew and sent again."""
    fill(page, code)

    def lose(route):
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/products/add", lose, times=1)
    save(page)
    expect(page.locator(UNREACHED)).to_be_visible()
    assert stored(panel, code) == 1

    page.goto("about:blank")
    page.goto(f"{panel.url}/products/add")
    expect_back(page, code)
    save(page)

    page.wait_for_url(lambda url: "/add" not in url)
    assert stored(panel, code) == 1


def test_the_organisation_was_left(panel, open_tab, code):
    tab = open_tab("admin")
    page = tab.open("/organizations/")
    page.request.post(f"{panel.url}/organizations/enter/1", form=token(page), headers={"Referer": page.url})
    page.goto(f"{panel.url}/products/add")
    fill(page, code)
    page.request.post(f"{panel.url}/organizations/leave", form=token(page), headers={"Referer": page.url})

    save(page)

    expect(page.locator(".written")).to_contain_text(NAME)
    page.request.post(f"{panel.url}/organizations/enter/1", form=token(page), headers={"Referer": page.url})
    page.goto(f"{panel.url}/products/add")
    expect_back(page, code)
    page.get_by_role("button", name="دور انداختن").click()
    page.request.post(f"{panel.url}/organizations/leave", form=token(page), headers={"Referer": page.url})


def test_another_member_has_changed_the_row(panel, page, code):
    fill(page, code)
    save(page)
    page.wait_for_url(re.compile(r"/products/(\?.*)?$"))
    [[key]] = execute(panel, "SELECT id FROM products WHERE code = ?", code)
    page.goto(f"{panel.url}/products/edit/{key}")
    page.fill("[name=title]", "نام من")
    execute(panel, "UPDATE products SET title = 'نام دیگری', row_version = row_version + 1 WHERE id = ?", key)

    save(page)

    expect(page.locator(".conflict")).to_contain_text("نام من")
    expect(page.locator(".conflict")).to_contain_text("نام دیگری")
    page.goto("about:blank")
    page.goto(f"{panel.url}/products/edit/{key}")
    expect(page.locator("[name=title]")).to_have_value("نام من")
    save(page)
    # The restored form is as old as the first one: the change of the other member is not overwritten unseen.
    expect(page.locator(".conflict")).to_contain_text("نام دیگری")
    save(page)
    page.wait_for_url(lambda url: "/edit/" not in url)
    assert drafts(page) == []
