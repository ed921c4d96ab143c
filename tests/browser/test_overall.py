"""The overall report in use: numbers clicked through to their rows and back, wide tables on a phone, print."""

import pytest

from tests.browser.test_dashboard import number
from tests.browser.test_pages import faults

PAGE = "/reports/overall/"
CONSULTANT, MANAGER = "consultant1-demo1", "manager-demo1"
LINKS = ".report-rows td > a"


@pytest.mark.parametrize("user", [CONSULTANT, MANAGER])
def test_a_number_of_each_table_leads_to_its_rows_and_back(open_tab, user):
    tab = open_tab(user)
    page = tab.open(PAGE)
    tables = page.locator(".report-part").count()
    assert tables == 8
    for place in range(tables):
        link = page.locator(".report-part").nth(place).locator(LINKS).first
        if not link.count():
            continue
        wanted = number(link.inner_text())
        link.click()
        page.wait_for_url("**/reports/overall/rows?*")
        assert int(page.locator("[data-rows]").get_attribute("data-rows")) == wanted
        assert page.locator(".report-rows tbody tr").count() == min(wanted, 50)
        page.locator(".page-actions a").click()
        page.wait_for_url(f"**{PAGE}?*")
    assert tab.errors == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_the_report_and_its_rows_are_accessible_and_whole(open_tab, width, scheme):
    tab = open_tab(MANAGER, width=width, scheme=scheme)
    assert faults(tab, PAGE, width) == []
    assert faults(tab, f"{PAGE}rows?cell=hour-every", width) == []


def test_the_printed_report_has_its_tables_and_no_form(open_tab):
    page = open_tab(MANAGER).open(PAGE)
    page.emulate_media(media="print")
    assert page.locator(".report-part").first.is_visible()
    assert page.locator(".report-chosen").is_visible()
    assert not page.locator(".report-form").is_visible()
