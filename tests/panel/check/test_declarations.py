"""E01: a declaration that names what does not exist stops the start."""

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask_appbuilder import Model
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Enum, Interval, Numeric, String, Time, Uuid, event
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import StringField

from app.extensions import db
from app.panel.access import Access
from app.panel.action import action, actions_of, counted
from app.panel.check.declarations import problems_of, refuse_wrong_declarations
from app.panel.check.problems import WrongDeclaration
from app.panel.displays import Chip, Computed
from app.panel.layout import assets
from app.panel.page import Page
from app.panel.section import Section
from app.panel.words import Tab
from models.base import Row, field, reads
from models.types import COLOURS, Choice, Colour
from tests.support.live import ROOT
from views.day.follow_up.section import FollowUps
from views.organization.member.section import Members
from views.organization.product import Products
from views.organization.result_title import ResultTitles
from views.oversight.audit import Audit
from views.sales.customer import Customers
from views.sales.order.section import Orders
from views.sms.sent import SentSms
from views.sms.variable import SmsVariables

# Words that name something which is there already, by how their names are written.
NAMES = (
    "columns", "optional_columns", "details", "filters", "sortable", "search", "form", "edit_fields", "read_only",
    "lookups", "inline", "bulk_edit", "appears_on", "preload", "related",
)  # fmt: skip
KEYS = ("labels", "extra_fields", "extra_edit_fields", "roles")
TEXTS = ("sort", "icon", "list_template", "form_template", "owner_right", "owner", "import_key")


def kinds():
    """The sections and pages of the product; other tests declare some of their own."""
    return [kind for kind in (*Section.registry, *Page.registry) if kind.__module__.startswith("views.")]


def bare():
    return [object.__new__(kind) for kind in kinds()]


@pytest.fixture(scope="module", autouse=True)
def icons(tmp_path_factory):
    """The list of icons that a build makes, so that the tests need neither the package nor a build."""
    names = tmp_path_factory.mktemp("icons") / "icon-names.txt"
    actions = [each for kind in kinds() for each in actions_of(kind).values()]
    names.write_text("\n".join({kind.icon for kind in kinds()} | {each.icon for each in actions}), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assets, "_ICON_FILES", names.parent / "no package")
        patch.setattr(assets, "_ICON_NAMES", names)
        assets.icon_names.cache_clear()
        yield
    assets.icon_names.cache_clear()


@contextmanager
def declared(kind, **words):
    """The class *kind* with other words, for a moment."""
    with pytest.MonkeyPatch.context() as patch:
        for word, value in words.items():
            patch.setattr(kind, word, value, raising=False)
        yield object.__new__(kind)


def problems(kind, **words):
    with declared(kind, **words) as view:
        return problems_of(view, bare())


def named(kind, **words):
    """(word, wrong name, nearest) of each problem."""
    return [(each.word, each.name, each.nearest) for each in problems(kind, **words)]


def wrong_names(kind, **words):
    return {each.name for each in problems(kind, **words)}


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
        assert problems(Customers, columns=("name",)) == []
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

        assert problems(Products, roles=roles) == []
        assert wrong_names(Audit, roles=roles) == {"trail"}

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


class Plain(Colour):
    RED = "red", "red"


class OddTypes(Row, Model):
    __tablename__ = "odd_types"

    name: Mapped[str] = field("name", String(20))
    share: Mapped[float] = field("share", Numeric(5, 2))
    at: Mapped[object] = field("at", Time)
    token: Mapped[object] = field("token", Uuid)
    length: Mapped[object] = field("length", Interval)
    words: Mapped[list] = field("words", JSON)
    state: Mapped[str] = field("state", Enum("a", "b", name="odd", native_enum=False))
    plain: Mapped[str] = mapped_column(String(20))

    @reads("plain")
    def __str__(self):
        return _shown(self)


# Other modules of this process compare the tables with those of the product.
db.metadata.remove(OddTypes.__table__)


def _shown(row):
    return row.name


@pytest.fixture(scope="module")
def odd():
    class Odd(Section):
        model = OddTypes
        slug = "odd-types"
        title, title_one = "Odd", "odd"
        columns = ("name",)
        preload = ("name",)

    Section.forget(Odd)
    return Odd


class TestE01Types:
    """Column types that the engine has no field, filter or place in an address for."""

    def ask(self, odd, **words):
        with pytest.MonkeyPatch.context() as patch:
            for word, value in words.items():
                patch.setattr(odd, word, value)
            return {(each.word, each.name) for each in problems_of(object.__new__(odd), bare())}

    def test_what_every_list_can_show(self, app, odd):
        assert self.ask(odd, columns=("name", "share", "at", "token")) == set()

    @pytest.mark.parametrize("name", ["share", "at", "token", "length"])
    def test_no_form_field(self, app, odd, name):
        for word in ("form", "edit_fields", "inline", "bulk_edit"):
            assert self.ask(odd, **{word: (name,)}) == {(word, name)}

    @pytest.mark.parametrize("name", ["share", "at", "token", "words"])
    def test_no_filter_and_no_order(self, app, odd, name):
        assert self.ask(odd, filters=(name,)) == {("filters", name)}
        assert self.ask(odd, sortable=(name,)) == {("sortable", name)}

    def test_an_enumeration_without_words(self, app, odd):
        for word in ("columns", "form", "filters"):
            assert self.ask(odd, **{word: ("state",)}) == {(word, "state")}

    def test_a_label_that_reads_what_no_list_loads(self, app, odd):
        assert self.ask(odd, preload=()) == {("__str__", "name")}

    def test_an_owner_right_and_a_label_of_what_is_there(self, app, odd):
        assert self.ask(odd, form=("name",), labels={"name": "x"}) == set()

    def test_a_form_class_of_its_own_that_can_not_be_built(self, app, odd):
        def broken(self):
            raise KeyError("name")

        assert self.ask(odd, add_form_class=broken) == {("form", "KeyError")}


class Lamp(Choice):
    ON = "on", "on"
    OFF = "off", "off"


LAMPS = {Lamp.ON: "green"}
PAINTS = {Lamp.ON: "green", Lamp.OFF: "grey"}


def _helper(row):
    return "red" if row.code else None


class TestE01Code:
    """What the methods of a section read of a row is loaded, whichever columns a member has chosen."""

    def test_a_colour_by_a_column_that_is_not_loaded(self, app):
        found = problems(ResultTitles, preload=())

        assert {(each.word, each.name) for each in found} == {("row_colour", "colour")}
        assert 'preload ("colour")' in str(found[0])

    def test_a_column_that_a_member_can_hide_is_not_loaded_for_sure(self, app):
        assert "active" in wrong_names(Members, preload=("last_login",))

    def test_a_helper_a_related_row_and_a_property(self, app):
        assert wrong_names(Products, row_colour=lambda self, row: None) == set()
        assert ("row_colour", "code", None) in named(Products, row_colour=_by_helper, sortable=("price",))
        assert "last_result" in wrong_names(FollowUps, preload=())
        assert "is_overdue" not in wrong_names(FollowUps)

    def test_what_a_row_does_not_have(self, app):
        assert ("menu_kind", "activ") in [each[:2] for each in named(Products, menu_kind=_reads_nothing)]

    def test_a_display_reads_its_column_and_what_it_declares(self, app):
        def shown(**more):
            return {"columns": ("code",), "displays": {"code": Chip("code", _by_code_and_state, **more)}}

        assert problems(Products, **shown(reads=("is_active",))) == []
        assert "is_active" in wrong_names(Products, **shown())

    def test_colours_are_tokens_and_every_member_has_one(self, app):
        assert ("_grey", "grey", "gray") in named(Products, row_colour=_grey)
        assert ("_gren", "gren", "green") in named(Products, row_colour=_gren)
        assert ("_lamp", "OFF", None) in named(Products, row_colour=_lamp)

    def test_the_tokens_are_those_of_the_style_sheet(self):
        sheet = (ROOT / "app/assets/css/colours.css").read_text("utf-8")

        assert all(f'[data-colour="{token}"]' in sheet for token in COLOURS)
        assert sheet.count("[data-colour=") == 2 * len(COLOURS)
        assert {member.value for kind in Colour.__subclasses__() for member in kind} <= COLOURS


def _by_helper(self, row):
    return _helper(row)


def _reads_nothing(self, row):
    return row.activ


def _no_words(row):
    return None


def _by_code_and_state(row):
    return "red" if row.code and row.is_active else "gray"


def _grey(self, row):
    return PAINTS.get(row.id)


def _gren(self, row):
    return "gren" if row.id else None


def _lamp(self, row):
    return LAMPS[row.id]


def mistyped(draw, name):
    """*name* with one letter more, less, or other."""
    place = draw(st.integers(0, len(name) - 1))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz_"))
    kind = draw(st.sampled_from(["more", "less", "other"]))
    rest = name[place + 1 :] if kind != "more" else name[place:]
    return name[:place] + ("" if kind == "less" else letter) + rest


def names_of(view):
    """(word, name) of every name that the declaration of *view* names."""
    words = (*NAMES, *KEYS) if isinstance(view, Section) else ("plain_fields", "roles")
    found = [(word, name) for word in words for name in getattr(view, word) or ()]
    found += [("right", right) for grant in view.roles.values() for right in sorted(grant.permissions)]
    found += [(word, getattr(view, word)) for word in TEXTS if isinstance(vars(type(view)).get(word), str)]
    found += [("tab", tab.sort) for tab in getattr(view, "tabs", ()) if tab.sort]
    own = {*words, *TEXTS, "rest", "importable", "group", "needs_organization"}
    found += [("attribute", name) for name in vars(type(view)) if name in own]
    return found


def with_typo(view, word, old, new):
    """The words of *view* with *new* in place of *old*."""

    def swap(names):
        return tuple(new if each == old else each for each in names)

    if word == "attribute":
        return {new: getattr(view, old)}
    if word == "tab":
        return {"tabs": tuple(replace(tab, sort=new) if tab.sort == old else tab for tab in view.tabs)}
    if word == "right":
        wrong = Access.actions(new.removeprefix("can_"))
        return {"roles": {role: grant | wrong for role, grant in view.roles.items()}}
    value = getattr(view, word)
    if isinstance(value, dict):
        return {word: {new if key == old else key: each for key, each in value.items()}}
    return {word: new if isinstance(value, str) else swap(value)}


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_e01_a_random_typo_in_a_random_declaration_never_starts(app, data):
    view = data.draw(st.sampled_from([view for view in bare() if names_of(view)]))
    word, name = data.draw(st.sampled_from(names_of(view)))
    typo = mistyped(data.draw, name)
    known = {each for _word, each in names_of(view)}
    # Another valid name is no typo, and «can_» belongs to no name.
    assume(
        typo not in known and typo.strip("-_") not in known and not (word == "right" and typo[:4] != "can_")
    )
    assume(not (word == "attribute" and (hasattr(type(view), typo) or typo.startswith("_"))))
    assume(not hasattr(getattr(view, "model", None), typo.removeprefix("-")))

    with (
        declared(type(view), **with_typo(view, word, name, typo)),
        pytest.raises(WrongDeclaration) as refused,
    ):
        refuse_wrong_declarations(kinds())

    assert type(view).__name__ in str(refused.value)
    assert typo in str(refused.value) or typo.removeprefix("can_") in str(refused.value)


def test_e01_one_exception_lists_the_problems_of_all_sections(app):
    with (
        declared(Products, columns=("titel",), icon="packge"),
        declared(Customers, filters=("citty",)),
        pytest.raises(WrongDeclaration) as refused,
    ):
        refuse_wrong_declarations(kinds())

    assert [(each.section, each.name) for each in refused.value.problems] == [
        ("Products", "packge"),
        ("Products", "titel"),
        ("Customers", "citty"),
    ]


def test_e01_the_check_does_not_ask_the_database(app, session):
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))

    refuse_wrong_declarations(kinds())

    assert asked == []


START = """
from views.organization.product import Products
Products.columns = ("titel",)
import run
"""


def test_e01_the_application_does_not_start(tmp_path: Path):
    environment = {**os.environ, "APP_ENV": "test", "DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    command = [sys.executable, "-c", START]
    started = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert started.returncode != 0
    assert 'Products.columns: "titel" does not exist' in started.stderr
    assert 'the nearest valid name is "title"' in started.stderr
