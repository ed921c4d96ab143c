"""The tooltip of a moment in a row says the whole date, as the page of the row does."""

import pytest
from playwright.sync_api import expect

MOMENTS = {
    "2026-11-30T05:30Z": "دوشنبه ۹ آذر ۱۴۰۵، ۹:۰۰",
    "2026-03-20T20:29Z": "جمعه ۲۹ اسفند ۱۴۰۴، ۲۳:۵۹",
    "2025-03-20T20:30Z": "جمعه ۱ فروردین ۱۴۰۴، ۰:۰۰",
    "2026-11-30": "دوشنبه ۹ آذر ۱۴۰۵",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_is_the_date_in_tehran(reader, moment):
    page = reader("manager-demo1").look_at("/orders/?tab=all")
    shown = page.locator("#list tr[data-pk] time").first
    shown.evaluate("(time, moment) => { time.dateTime = moment; time.removeAttribute('title') }", moment)
    shown.hover()

    expect(shown).to_have_attribute("title", MOMENTS[moment])
