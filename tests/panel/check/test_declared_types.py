"""E01: column types and code of a declaration that the start refuses."""

import pytest
from flask_appbuilder import Model
from sqlalchemy import JSON, Enum, Interval, Numeric, String, Time, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.panel.check.declarations import problems_of
from app.panel.displays import Chip
from app.panel.section import Section
from models.base import Row, field, reads
from models.types import COLOURS, Choice, Colour
from tests.panel.check.steps import bare, named, problems, wrong_names
from tests.support.live import ROOT
from views.day.follow_up.section import FollowUps
from views.organization.member.section import Members
from views.organization.product import Products
from views.organization.result_title import ResultTitles


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

    @pytest.mark.parametrize("name", ["share", "token", "length"])
    def test_no_form_field(self, app, odd, name):
        for word in ("form", "edit_fields", "inline", "bulk_edit"):
            assert self.ask(odd, **{word: (name,)}) == {(word, name)}

    @pytest.mark.parametrize("name", ["share", "token", "words"])
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


def _by_code_and_state(row):
    return "red" if row.code and row.is_active else "gray"


def _grey(self, row):
    return PAINTS.get(row.id)


def _gren(self, row):
    return "gren" if row.id else None


def _lamp(self, row):
    return LAMPS[row.id]
