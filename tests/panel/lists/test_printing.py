"""A list on paper shows what its list shows, to the same people."""

import pytest

from app.panel.lists import printing as print_routes
from tests.factories import CustomerFactory, ProductFactory, member

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def browser(login, manager):
    return login(manager)


def test_the_filtered_rows_stand_there_with_filter_and_printer_in_words(browser, manager):
    ProductFactory(title="دوره زبان")
    ProductFactory(title="کتاب موفقیت")

    page = browser.get("/products/print?q=زبان&f_active=1").text

    assert "دوره زبان" in page
    assert "کتاب موفقیت" not in page
    assert "جستجو: «زبان»" in " ".join(page.split())
    assert manager.full_name in page
    assert "sidebar" not in page


def test_the_columns_are_those_that_were_chosen(browser, manager):
    ProductFactory(code="K-77", title="دوره زبان")

    assert "K-77" not in browser.get("/products/print?cols=title").text
    assert "K-77" in browser.get("/products/print?cols=title,code").text


def test_a_list_that_was_turned_is_printed_from_its_first_row(browser, manager):
    first = ProductFactory(title="نخستین")
    ProductFactory(title="دومین")

    assert "دومین" in browser.get(f"/products/print?after={first.id}.{first.id}&n=26").text


def test_more_rows_than_fit_are_told(browser, manager, monkeypatch):
    monkeypatch.setattr(print_routes, "MOST_PRINTED", 2)
    for number in range(3):
        ProductFactory(title=f"کتاب {number}")

    page = browser.get("/products/print?q=کتاب").text

    assert page.count("data-pk=") == 2
    assert "۱ تا ۲ از ۳" in page
    assert "تنها ردیف‌های نخست" in page


def test_nobody_prints_what_he_does_not_see(login, session, manager, organization, stranger_organization):
    CustomerFactory(last_name="احمدی")

    assert "احمدی" not in login(member("Manager", stranger_organization)).get("/customers/print").text
    assert "احمدی" not in login(member("Consultant", organization)).get("/customers/print").text
    assert login(member("Operator", None)).get("/customers/print").status_code == 403


def test_a_stranger_is_sent_to_the_login(app, session):
    assert app.test_client().get("/customers/print").status_code == 302
