"""What a row's page lists where its section declares no `details`."""

import pytest
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField

from app.extensions import appbuilder
from app.panel.details import described_details
from app.panel.section import Section
from models.customer import Customer
from models.follow_up import FollowUp
from models.product import Product
from tests.factories import ProductFactory


def paths(model, **words):
    """The names on the page of a row of a section declared with *words*."""
    declared = {"model": model, "slug": "shown", "title": _l("Products"), "title_one": _l("product")}
    made = type("Shown", (Section,), declared | words)
    Section.forget(made)
    section = made()
    section.appbuilder = appbuilder
    return [column.path for column in described_details(section)]


class TestE10Details:
    def test_are_the_columns_and_the_fields_of_the_form_each_once(self, app):
        words = {"columns": ("name", "mobile"), "form": ("mobile", "first_name", "note")}

        assert paths(Customer, **words) == ["name", "mobile", "first_name", "note"]

    def test_have_what_only_the_edit_form_has(self, app):
        words = {"columns": ("title",), "form": ("title",), "edit_fields": ("title", "price")}

        assert paths(Product, **words) == ["title", "price"]

    def test_name_a_relation_and_its_key_once_and_a_longer_path_besides(self, app):
        words = {
            "columns": ("order", "order.status"),
            "form": ("order_id", "consultant"),
            "owner_right": "edit",
        }

        assert paths(FollowUp, **words) == ["order", "order.status", "consultant"]

    def test_leave_out_fields_that_no_column_holds_and_secrets(self, app):
        extra = {"code": PasswordField(), "why": StringField()}
        words = {"columns": ("title",), "form": ("title", "code"), "extra_fields": extra}

        assert paths(Product, **words) == ["title"]

    def test_are_only_those_declared_where_some_are(self, app):
        words = {"columns": ("title",), "form": ("title", "price"), "details": ("code",)}

        assert paths(Product, **words) == ["code"]

    def test_show_what_the_list_does_not(self, app, session, login, manager, monkeypatch):
        section = next(view for view in appbuilder.baseviews if getattr(view, "slug", "") == "products")
        monkeypatch.setattr(type(section), "columns", ("title",))
        monkeypatch.setitem(vars(section), "described_details", described_details(section))
        product, other = ProductFactory(title="زبان", code="K-77"), ProductFactory(code="K-88")
        session.commit()

        page = login(manager).get(f"/products/show/{product.id}").text

        assert "K-77" in page
        assert other.code not in page


@pytest.mark.parametrize("slug", ["products", "result-titles", "customers"])
def test_e10_no_page_of_a_row_names_a_detail_twice(app, slug):
    section = next(view for view in appbuilder.baseviews if getattr(view, "slug", "") == slug)
    named = [column.path for column in described_details(section)]

    assert set(section.form) <= set(named)
    assert len(named) == len(set(named))
