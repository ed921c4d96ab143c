"""What is typed into the form of a product, its drafts, and what the database has of it."""

import sqlite3
from contextlib import closing

from playwright.sync_api import expect

MANAGER = "manager-demo2"
NAME = "نوشته‌ای که نباید گم شود"
CONFIRMED_LONG_AGO = "UPDATE user_sessions SET confirmed_at = '2020-01-01 00:00:00.000000' WHERE member_id = (SELECT id FROM ab_user WHERE username = ?)"
RESTORED, UNREACHED = ".draft-notice", ".unreached-notice"


def execute(panel, statement, *values):
    with closing(sqlite3.connect(panel.database, timeout=10)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def fill(page, code):
    page.fill("[name=title]", NAME)
    page.fill("[name=code]", code)
    page.fill("[name=price]", "1000")


def save(page):
    page.click("[data-main-submit]")


def stored(panel, code) -> int:
    return execute(panel, "SELECT count(*) FROM products WHERE code = ?", code)[0][0]


def drafts(page) -> list[str]:
    return page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))")


def expect_back(page, code):
    expect(page.locator(RESTORED)).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value(NAME)
    expect(page.locator("[name=code]")).to_have_value(code)


def end_session(panel):
    newest = "SELECT max(s.id) FROM user_sessions s JOIN ab_user u ON u.id = s.member_id WHERE username = ?"
    execute(panel, f"DELETE FROM user_sessions WHERE id = ({newest})", MANAGER)


def token(page):
    return {"csrf_token": page.locator("meta[name=csrf-token]").get_attribute("content")}
