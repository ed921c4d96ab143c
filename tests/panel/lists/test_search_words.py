"""The words of the search field of a list: all of them count, and only the first hundred characters."""

import pytest
from sqlalchemy import text as sql

from app.extensions import plan_for_values
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


@pytest.mark.parametrize(
    ("text", "is_planned"),
    [("ا", True), ("ع ا", True), ("۰۹", True), ("علی", False), ("ا علی", False), ("", False)],
)
def test_a_search_without_a_word_of_three_letters_is_planned_for_it(
    session, login, consultant, monkeypatch, text, is_planned
):
    planned = []
    monkeypatch.setattr("app.panel.lists.list_query.plan_for_values", lambda: planned.append(text))
    CustomerFactory(first_name="علی", last_name="ا", created_by_id=consultant.id)
    CustomerFactory(first_name="Bob", last_name="X", created_by_id=consultant.id)
    session.commit()
    page = login(consultant).get("/customers/", query_string={"q": text})
    assert (page.status_code, bool(planned)) == (200, is_planned)
    if text in {"ا", "علی"}:
        assert ("علی" in page.text, "Bob" in page.text) == (True, False)


def test_a_plan_for_values_lasts_for_the_transaction(session):
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    plan_for_values()
    if is_postgresql:
        assert session.connection().scalar(sql("SHOW plan_cache_mode")) == "force_custom_plan"
    session.rollback()
    if is_postgresql:
        assert session.connection().scalar(sql("SHOW plan_cache_mode")) == "auto"
