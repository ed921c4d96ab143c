"""E01: the owner column of a model exists and has an index; a unique column is not edited in bulk."""

import pytest
from sqlalchemy import Index

from app.panel.check.attributes import problems_of_attributes, problems_of_model_owner
from models.assignment import Assignment
from models.follow_up import FollowUp
from models.product import Product
from models.sale import Sale
from tests.panel.forms.test_owner_fields import section_of

QUIET = {"inline": (), "bulk_edit": (), "owner_right": "edit"}


@pytest.mark.parametrize("model", [Sale, FollowUp, Assignment, Product])
def test_the_models_of_the_product_are_right(app, model):
    assert list(problems_of_model_owner(section_of(**QUIET, model=model, form=()))) == []


def test_an_owner_that_does_not_exist_is_named_with_the_nearest_column(app, monkeypatch):
    section = section_of(**QUIET)
    monkeypatch.setattr(Sale, "__owner__", "consultent_id")

    [problem] = problems_of_model_owner(section)

    assert (problem.word, problem.name, problem.nearest) == (
        "Sale.__owner__",
        "consultent_id",
        "consultant_id",
    )


@pytest.mark.parametrize(
    ("columns", "is_served"),
    [
        (("consultant_id",), True),
        (("organization_id", "consultant_id", "id"), True),
        (("sold_at", "consultant_id"), False),
        (("organization_id",), False),
    ],
)
def test_an_owner_needs_an_index_that_begins_with_it(app, monkeypatch, columns, is_served):
    index = Index(None, *(Sale.__table__.c[name] for name in columns))
    Sale.__table__.indexes.discard(index)
    monkeypatch.setattr(Sale.__table__, "indexes", {index})

    problems = list(problems_of_model_owner(section_of(**QUIET)))

    assert [problem.name for problem in problems] == ([] if is_served else ["consultant_id"])
    assert all("live_index(" in problem.reason for problem in problems)


@pytest.mark.parametrize(("name", "is_refused"), [("code", True), ("price", False)])
def test_a_unique_column_is_not_edited_in_bulk(app, name, is_refused):
    section = section_of(model=Product, form=("code", "price"), inline=(), bulk_edit=(name,))

    assert [each.name for each in problems_of_attributes(section)] == ([name] if is_refused else [])
