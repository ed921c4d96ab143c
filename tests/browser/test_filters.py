"""Filters by hand: opened over the list, chosen, seen as chips, refused beside their field, and left with «back»."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def orders(open_tab):
    return open_tab("manager-demo1").open("/orders/")


def opened(page, label):
    """The filter form, with the inputs of *label* unfolded."""
    page.locator(".list-tools").get_by_role("link", name="فیلتر", exact=True).click()
    form = page.locator("#dialog #filter-form")
    expect(form).to_be_visible()
    form.locator("summary", has_text=label).first.click()
    return form


def test_a_chosen_day_becomes_a_chip_and_back_takes_it_away(orders):
    form = opened(orders, "تاریخ سفارش")
    form.get_by_text("امروز", exact=True).click()
    form.locator("[data-main-submit]").click()

    expect(orders.locator("#dialog")).to_be_hidden()
    expect(orders.locator(".filter-chip")).to_contain_text("امروز")
    expect(orders).to_have_url(re.compile(r"f_ordered_at=today"))
    orders.go_back()
    expect(orders.locator(".filter-chip")).to_have_count(0)


def test_a_chip_is_taken_away_alone(open_tab):
    page = open_tab("manager-demo1").open("/orders/?f_status=assigned&f_quantity_from=1")

    page.locator(".filter-chip-off").first.click()

    expect(page.locator(".filter-chip")).to_have_count(1)


def test_a_date_that_does_not_exist_stays_in_the_form_with_its_error(orders):
    form = opened(orders, "تاریخ سفارش")
    form.locator("[name=f_ordered_at_from]").fill("1404/12/30")
    form.locator("[data-main-submit]").click()

    expect(orders.locator("#dialog .field-error")).to_contain_text("کبیسه نیست")
    expect(orders.locator("#dialog [name=f_ordered_at_from]")).to_have_value(re.compile("30|۳۰"))
    expect(orders).not_to_have_url(re.compile("f_ordered_at"))
