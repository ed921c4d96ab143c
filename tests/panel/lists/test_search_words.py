"""The words of the search field of a list: all of them count, and only the first hundred characters."""

import pytest

from app.panel.queries.search import search_condition
from models.customer import Customer
from tests.factories import CustomerFactory
from tests.panel.lists.filter_steps import found


@pytest.mark.parametrize(
    ("text", "shows"),
    [("زهرا احمدی", True), ("احمدی زهرا", True), ("زهرا", True), ("زهرا کریمی", False)],
)
def test_a_row_has_every_word(browser, text, shows):
    key = CustomerFactory(first_name="زهرا", last_name="احمدی").id
    other = CustomerFactory(first_name="لیلا", last_name="کریمی").id
    keys = found(browser, f"/customers/?q={text}")

    assert (key in keys, other in keys) == (shows, False)


@pytest.mark.parametrize(("length", "shows"), [(99, False), (100, True), (101, True)])
def test_the_first_hundred_characters_count(browser, length, shows):
    # The last character that counts is the one that this customer does not have.
    key = CustomerFactory(first_name="ا" * 50, last_name="ب" * 60).id
    text = ("ا" * 50 + " " + "ب" * 60)[:length] + "پ"

    assert (key in found(browser, f"/customers/?q={text}")) == shows


@pytest.mark.parametrize("text", ["", "   ", "\0", "‌"])
def test_a_text_without_words_searches_nothing(app, text):
    assert search_condition(Customer, text) is None
