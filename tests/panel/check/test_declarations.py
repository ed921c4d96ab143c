"""E01: a declaration that names what does not exist stops the start."""

from dataclasses import replace

import pytest
from wtforms import StringField

from app.panel.access import Access
from app.panel.action import action, counted
from app.panel.check.declarations import problems_of, refuse_wrong_declarations
from app.panel.check.problems import WrongDeclaration
from app.panel.displays import Chip, Computed
from app.panel.layout import assets
from app.panel.timeline import Timeline
from app.panel.words import Tab
from tests.panel.check.steps import bare, declared, kinds, named, problems, wrong_names
from views.day.follow_up.section import FollowUps
from views.organization.member.section import Members
from views.organization.product import Products
from views.oversight.audit import Audit
from views.sales.customer import Customers
from views.sales.order.section import Orders
from views.sms.sent import SentSms
from views.sms.variable import SmsVariables
from views.timelines.results import RESULTS


class TestE01Names:
    @pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
    def test_every_declaration_of_the_product_passes(self, app, kind):
        assert problems(kind) == []

    @pytest.mark.parametrize(
        "word", ["columns", "details", "filters", "sortable", "form", "inline", "bulk_edit"]
    )
    def test_a_misspelt_name_is_named_with_the_nearest_valid_one(self, app, word):
        assert (word, "titel", "title") in named(Products, **{word: ("titel",)})

    def test_a_misspelt_end_and_a_misspelt_relation_of_a_path(self, app):
        assert ("filters", "customer.citty", "customer.city") in named(FollowUps, filters=("customer.citty",))
        assert ("filters", "custmer.city", "customer.city") in named(FollowUps, filters=("custmer.city",))

    def test_a_misspelt_key_of_an_import_and_a_misspelt_owner(self, app):
        assert ("import_key", "cod", "code") in named(Products, import_key="cod")
        assert ("import_key", "mobil", "mobile") in named(Customers, import_key="mobil")
        assert ("owner", "consultnat", "consultant") in named(FollowUps, owner="consultnat")

    def test_a_forgotten_comma_between_names_and_behind_the_only_one(self, app):
        assert "titlecode" in wrong_names(Products, columns=("titlecode", "price"))
        found = problems(Products, filters="is_active")
        assert [(each.word, each.name) for each in found] == [("filters", "is_active")]
        assert '("is_active",)' in str(found[0])

    def test_a_relation_and_a_column_of_another_table_are_no_order(self, app):
        assert ("sortable", "product") in [each[:2] for each in named(FollowUps, sortable=("product",))]
        assert ("sortable", "order.ordered_at") in [
            each[:2] for each in named(FollowUps, sortable=("order.ordered_at",))
        ]
        assert named(Products, sort="-titel") == [("sort", "-titel", "title")]

    def test_the_order_of_a_tab(self, app):
        tabs = (replace(FollowUps.tabs[0], sort="next_att"), *FollowUps.tabs[1:])

        assert named(FollowUps, tabs=tabs) == [("tabs['due'].sort", "next_att", "next_at")]

    def test_a_property_is_shown_but_neither_filtered_nor_edited_nor_offered(self, app):
        assert problems(Customers, columns=("name", "owners")) == []
        for word in ("filters", "form", "optional_columns", "sortable"):
            assert "name" in wrong_names(Customers, **{word: ("name",)})

    def test_related_names_a_section_and_a_relation_that_leads_here(self, app):
        found = named(Products, related=("order.product", "orders.customer", "orders.product"))

        assert found == [
            ("related", "order.product", "orders.product"),
            ("related", "orders.customer", "orders.product"),
        ]

    def test_a_tab_elsewhere_a_search_and_a_look_up_need_relations(self, app):
        assert ("appears_on", "custmer", "customer") in named(SentSms, appears_on=("custmer",))
        assert ("lookups", "campain", "campaign") in named(SentSms, lookups=("campain",))
        assert ("search", "slf", "self") in named(Products, search=("slf",))

    def test_a_search_without_anything_to_search_in(self, app):
        assert "self" in wrong_names(SentSms, search=("self",))
        assert "in_palette" in {each.word for each in problems(SentSms, search=(), in_palette=True)}

    def test_labels_are_of_what_is_shown(self, app):
        assert ("labels", "created_att", "created_at") in named(
            Customers, labels={"created_att": "x", "name": "y"}
        )

    def test_a_computed_text_alone_needs_no_attribute(self, app):
        assert problems(Products, columns=("words",), displays={"words": Computed("words", _no_words)}) == []
        assert "words" in wrong_names(Products, columns=("words",), displays={"words": Chip("words")})

    def test_a_field_of_ones_own_is_read_by_the_sections_code(self, app):
        assert ("extra_fields", "first_nam", "first_name") in named(
            Orders, extra_fields={**Orders.extra_fields, "first_nam": StringField()}
        )
        assert ("plain_fields", "kye", "key") in named(SmsVariables, plain_fields=("kye",))


class TestE01TheRest:
    def test_an_unknown_role_and_a_right_that_nothing_asks_for(self, app):
        found = named(
            Products,
            roles={"Manger": Access.READ, "Manager": Access.actions("reasign"), "Admin": Access.READ},
        )

        assert ("roles", "Manger", "Manager") in found
        assert ("roles['Manager']", "reasign") in [each[:2] for each in found]
        assert all("Admin" not in each[0] for each in found)

    def test_a_right_of_a_page(self, app):
        roles = {"Manager": Access.actions("list", "edit", "defin")}

        assert named(SmsVariables, roles=roles) == [("roles['Manager']", "defin", "define")]

    def test_a_right_whose_route_is_left_out(self, app):
        roles = {"Manager": Access.READ | Access.TRAIL}

        assert problems(Products, roles=roles, menu_right=None) == []
        assert wrong_names(Audit, roles=roles) == {"trail"}

    def test_a_right_that_the_matrix_of_roles_has_no_label_for(self, app):
        roles = {"Manager": Access.actions("list", "edit", "define")}

        assert problems(SmsVariables, roles=roles) == []
        assert wrong_names(SmsVariables, roles=roles, right_labels={"defien": "x"}) == {"define"}

    def test_the_right_that_the_menu_asks_for(self, app):
        assert ("menu_right", "edti", "edit") in named(Products, menu_right="edti")

    def test_the_right_to_name_an_owner(self, app):
        assert ("owner_right", "edti", "edit") in named(Products, owner_right="edti")

    def test_an_icon_of_a_section_and_of_an_action(self, app):
        class Odd:
            @action("x", icon="user-chek", confirm=counted("a", "b"), submit=counted("a", "b"))
            def activate(self, rows, form):
                raise NotImplementedError

        assert named(Products, icon="packge") == [("icon", "packge", "package")]
        assert ("action activate", "user-chek", "user-check") in named(Members, activate=Odd.activate)

    def test_icons_are_looked_up_in_the_package_or_in_the_list_of_a_build(self, tmp_path, monkeypatch):
        monkeypatch.setattr(assets, "_ICON_NAMES", tmp_path / "none.txt")
        assets.icon_names.cache_clear()
        assert assets.has_icon("no-such-icon")

        (tmp_path / "package.svg").touch()
        monkeypatch.setattr(assets, "_ICON_FILES", tmp_path)
        assets.icon_names.cache_clear()
        found = assets.icon_names()
        assets.icon_names.cache_clear()
        assert found == {"package"}
        assert assets.has_icon("package")
        assert not assets.has_icon("packge")

    def test_a_route_that_is_left_out_by_a_wrong_name_is_not_left_out(self, app):
        left_out = (Products.exclude_route_methods - {"download"}) | {"trial"}

        assert ("exclude_route_methods", "trial", "trail") in named(Products, exclude_route_methods=left_out)

    def test_a_template_and_a_menu_group(self, app):
        assert "panel/forms/from.html" in wrong_names(Products, form_template="panel/forms/from.html")
        assert {each.word for each in problems(Products, group="SALES")} == {"group"}

    def test_two_views_with_one_slug(self, app):
        with (
            declared(Products, slug="customers"),
            pytest.raises(WrongDeclaration, match="also the slug of Customers"),
        ):
            refuse_wrong_declarations(kinds())
        with (
            declared(SmsVariables, slug="roles"),
            pytest.raises(WrongDeclaration, match="also the slug of Roles"),
        ):
            refuse_wrong_declarations(kinds())

    @pytest.mark.parametrize(
        ("name", "nearest"), [("colums", "columns"), ("order", "menu_order"), ("exclude_route_method", None)]
    )
    def test_an_attribute_that_is_no_word(self, app, name, nearest):
        [(word, wrong, better)] = named(Products, **{name: ("title",)})

        assert (word, wrong) == ("class attribute", name)
        assert nearest is None or better == nearest

    def test_a_method_that_nobody_calls_since_its_name_is_misspelt(self, app):
        assert named(Products, row_color=lambda self, row: None) == [
            ("class attribute", "row_color", "row_colour")
        ]

    def test_an_attribute_of_ones_own_is_annotated(self, app):
        assert problems(Products, tariff=3)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Products, "__annotations__", {"tariff": "ClassVar[int]"}, raising=False)
            assert problems(Products, tariff=3) == []

    def test_a_value_of_another_type(self, app):
        assert [each.word for each in problems(Products, rest="yes")] == ["rest"]
        assert {each.word for each in problems(Products, tabs=("all",))} == {"tabs"}

    def test_two_tabs_with_one_key(self, app):
        assert "all" in wrong_names(Products, tabs=(Tab("all", "x", bool), Tab("all", "y", bool)))


def _no_words(row):
    return None


class TestTimelines:
    """A source of a timeline that nothing can come from stops the start."""

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"section": "follow-up"}, "names no section"),
            ({"scope": None}, "has no scope"),
            ({"of": {}}, "does not say which rows"),
            ({"at": "ad"}, "has no column 'ad'"),
            ({"reads": ("result_titel",)}, "reads 'result_titel'"),
        ],
    )
    def test_is_refused(self, changes, words):
        source = replace(RESULTS, **changes)
        view = object.__new__(Customers)
        view.timeline = Timeline(source)
        found = problems_of(view, bare())

        assert any(words in each.reason for each in found), found

    def test_twice_is_refused(self):
        view = object.__new__(Customers)
        view.timeline = Timeline(RESULTS, RESULTS)

        assert any("twice" in each.reason for each in problems_of(view, bare()))

    def test_as_it_stands_is_none(self):
        assert problems_of(object.__new__(Customers), bare()) == []
