"""The final sales report in use: numbers and amounts clicked through to their rows and back."""

import pytest

from tests.browser.test_dashboard import number
from tests.browser.test_pages import faults

PAGE = "/reports/final-sales/"
RANGE = "?range=four_months"
CONSULTANT, MANAGER = "consultant1-demo1", "manager-demo1"
# The cells of a row with a count: numbers, held repeats, sales and refunded sales.
COUNTS = range(4)


@pytest.mark.parametrize("user", [CONSULTANT, MANAGER])
@pytest.mark.parametrize("switch", ["", "&same_numbers=1"])
def test_numbers_lead_to_their_rows_and_back(open_tab, user, switch):
    tab = open_tab(user)
    page = tab.open(f"{PAGE}{RANGE}{switch}")
    clicked = 0
    for row in ("tbody tr", "tfoot tr >> nth=0", "tfoot tr >> nth=1"):
        for place in COUNTS:
            cells = page.locator(".report-rows").last.locator(row).first.locator("td")
            link = cells.nth(place).locator("a")
            if not link.count():
                continue
            wanted = number(link.inner_text().replace("٬", ""))
            link.click()
            page.wait_for_url("**/reports/final-sales/rows?*")
            assert int(page.locator("[data-rows]").get_attribute("data-rows")) == wanted
            assert page.locator(".report-rows tbody tr").count() == min(wanted, 50)
            page.locator(".page-actions a").click()
            page.wait_for_url(f"**{PAGE}?*{switch}")
            clicked += 1
    assert clicked >= 5
    assert tab.errors == []


def test_a_row_behind_an_amount_leads_to_its_sale(open_tab):
    tab = open_tab(CONSULTANT)
    page = tab.open(f"{PAGE}{RANGE}")
    page.locator(".report-rows").last.locator("tfoot tr").first.locator("td").nth(4).locator("a").click()
    page.wait_for_url("**/reports/final-sales/rows?*")
    page.locator(".report-rows tbody th a").first.click()
    page.wait_for_url("**/sales/show/*")
    assert tab.errors == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_the_rows_are_accessible_and_whole(open_tab, width, scheme):
    tab = open_tab(MANAGER, width=width, scheme=scheme)
    assert faults(tab, f"{PAGE}{RANGE}", width) == []
    assert faults(tab, f"{PAGE}rows{RANGE}&cell=figure-sales.each-week", width) == []
