"""A report over a long range in use: asked for, its progress, its figures, and stopped."""

import re
import sqlite3
import subprocess
import sys
from datetime import UTC, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from app.lib.jalali import add_months, format_date, month_start, start_of_day, today

ROOT = Path(__file__).parents[2]
PAGE = "/reports/overall/"
MANAGER = "manager-demo1"


def range_from(place):
    """The address of the report over eleven months, from a day of its own."""
    first = add_months(month_start(today()), -10) + timedelta(days=place)
    return f"{PAGE}?{urlencode({'from': format_date(first), 'to': format_date(today())})}"


def change(panel, statement, *values):
    connection = sqlite3.connect(panel.database, timeout=30)
    try:
        with connection:
            return connection.execute(statement, values).fetchone()
    finally:
        connection.close()


@pytest.fixture
def many(panel):
    """A summary that counts more lines than are read at once."""
    day = start_of_day(today() - timedelta(days=200)).astimezone(UTC)
    member = change(panel, "SELECT id, organization_id FROM ab_user WHERE username = ?", "consultant1-demo1")
    change(
        panel,
        "INSERT INTO assigned_days (member_id, organization_id, begins_at, lines) VALUES (?, ?, ?, 200000)",
        *member,
        f"{day:%Y-%m-%d %H:%M:%S.%f}",
    )
    yield
    change(panel, "DELETE FROM assigned_days WHERE lines = 200000")


def work(panel):
    """The last job, done by a process of its own as a worker does it."""
    key, owner = change(panel, "SELECT id, organization_id FROM export_jobs ORDER BY id DESC LIMIT 1")
    code = (
        "from run import app\n"
        "from app.tasks.export import run_export\n"
        "with app.app_context():\n"
        f"    run_export({key}, {owner})\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=panel.environment, check=True)


def test_it_is_asked_for_and_shown_when_it_is_made(panel, open_tab, many):
    tab = open_tab(MANAGER)
    page = tab.open(range_from(0))
    expect(page.locator(".report-making [id^=bulk-job]")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator(".report-sentence")).to_have_count(0)

    work(panel)

    expect(page.locator(".report-sentence")).to_contain_text(re.compile("از [۰-۹٬]+ شماره"))
    expect(page.locator(".report-making")).to_have_count(0)
    assert page.locator(".report-part").count() == 8
    assert tab.errors == []


def test_it_is_stopped(panel, open_tab, many):
    tab = open_tab(MANAGER)
    page = tab.open(range_from(1))
    page.get_by_role("button", name="توقف", exact=True).click()
    expect(page.locator(".report-making")).to_contain_text("در حال توقف")

    work(panel)

    expect(page.get_by_text("گزارش پیش از آماده شدن متوقف شد.").first).to_be_visible()
    expect(page.locator(".report-sentence")).to_have_count(0)
    assert tab.errors == []
