"""Every sort and the filters that are used together have an index, for each role; an index that nothing needs is not there."""

from __future__ import annotations

import pytest

from app.panel.columns import describe
from app.panel.filters.parsing import TEXTS
from models.follow_up import FollowUp
from models.types import UtcDateTime
from views.day.follow_up.section import FollowUps
from views.sales.customer import Customers
from views.sales.order.section import Orders

LARGE = (Customers, FollowUps, Orders)


def indexes(model):
    return [tuple(column.name for column in index.columns) for index in model.__table__.indexes]


def begins(model, *columns):
    return any(each[: len(columns)] == columns for each in indexes(model))


def test_the_sources_of_own_keys_are_sorted_by_an_index():
    assert begins(FollowUp, "consultant_id", "customer_id")
    assert begins(FollowUp, "consultant_id", "order_id")
    assert all(begins(model, "created_by_id") for model in (Customers.model, Orders.model))


def sorts():
    for section in LARGE:
        declared = {section.sort, *section.sortable, *(tab.sort for tab in section.tabs if tab.sort)}
        for name in sorted(name.removeprefix("-") for name in declared):
            yield section.model, name


@pytest.mark.parametrize(("model", "name"), list(sorts()))
def test_a_sort_reads_an_index_in_its_order(model, name):
    order = (name,) if name == "id" else (name, "id")
    assert begins(model, "organization_id", *order)
    if model.__owner__:
        assert begins(model, model.__owner__, *order)


def text_filters():
    for section in LARGE:
        for path in section.filters:
            column = describe(section.model, path)
            if column.kind in TEXTS and column.attribute is not None:
                yield column.attribute.class_, column.name


@pytest.mark.parametrize(("model", "name"), sorted(set(text_filters()), key=str))
def test_e08_a_text_filter_reads_an_index_of_its_key(model, name):
    """It serves any part of the text, whoever asks: the scope is tested on the few rows that it finds."""
    (index,) = [each for each in model.__table__.indexes if each.name.endswith(f"_{name}_key")]

    assert [column.name for column in index.columns] == [f"{name}_key"]
    assert index.dialect_options["postgresql"]["using"] == "gin"


def range_filters():
    """The times of its own rows by which a section filters."""
    for section in LARGE:
        for path in section.filters:
            attribute = describe(section.model, path).attribute
            is_own = attribute is not None and attribute.class_ is section.model
            if is_own and isinstance(getattr(attribute, "type", None), UtcDateTime):
                yield section.model, attribute.key


@pytest.mark.parametrize(("model", "name"), list(range_filters()))
def test_a_range_of_days_reads_an_index(model, name):
    """Alone: where few rows lie in it, no other index finds them."""
    assert begins(model, "organization_id", name)
    if model.__owner__:
        assert begins(model, model.__owner__, name)


@pytest.mark.parametrize("column", ["created_at", "next_at"])
def test_a_result_with_a_range_of_days_reads_one_index(column):
    assert begins(FollowUp, "organization_id", "last_result_id", column, "id")


@pytest.mark.parametrize("model", [section.model for section in LARGE])
def test_no_index_is_the_beginning_of_another(model):
    found = {}
    for index in model.__table__.indexes:
        which = str(index.dialect_options["postgresql"]["where"]), index.unique
        found.setdefault(which, []).append(tuple(column.name for column in index.columns))
    for alike in found.values():
        assert not [a for a in alike for b in alike if a != b and b[: len(a)] == a]
