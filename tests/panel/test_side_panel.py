"""The word `panel` on a section that the product has not: who, latest events, form, right, next, undo, choices."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import g, make_response
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import Forbidden, NotFound
from wtforms.validators import Length

from app.errors import DomainError, RowChanged
from app.extensions import appbuilder, db
from app.panel.access import Access
from app.panel.action import Done
from app.panel.actor import bind_request
from app.panel.displays import Chip
from app.panel.forms.builder import Filled
from app.panel.forms.fields import TextField
from app.panel.section import Section
from app.panel.side import Choice, EntryForm, Latest, LatestEvent, SidePanel, Who, link
from app.panel.timeline import Event
from app.panel.words import Tab
from models.member import Member
from models.product import Product
from tests.factories import ProductFactory
from tests.panel.check.steps import bare, named
from views.day.follow_up.section import FollowUps

HTMX = {"HX-Request": "true"}


class CodeForm(EntryForm):
    code = TextField("کد", [Filled(_l("Please fill in this field.")), Length(max=20)])


def who(_section, product):
    return Who(str(product), facts=["فروشگاه", link("جزئیات", f"/products/show/{product.id}")])


def latest(product):
    event = Event("package", chip="کد تازه", colour="teal", text=f"کد {product.code}", by="سارا")
    return Latest([LatestEvent(product.id, event, datetime(2026, 11, 1, tzinfo=UTC), 1)], 1)


PANEL = SidePanel(
    form=CodeForm,
    who=who,
    timeline=latest,
    right=_l("Register a result"),
    label="ثبت کد",
    next=frozenset({"all"}),
    chip="code",
)


class Coding(Section):
    model = Product
    slug = "coding"
    title, title_one = _l("Products"), _l("product")
    columns = ("title", Chip("code", {}))
    tabs = (Tab("all", _l("All"), lambda: Product.id > 0),)
    panel = PANEL
    roles = {"Manager": Access.READ | Access.actions("record"), "Consultant": Access.READ}

    def register(self, row, form):
        if form.shown_version is not None and form.shown_version != row.row_version:
            raise RowChanged(_l("This row was changed meanwhile. Register your result?"))
        if form.code.data == "taken":
            raise DomainError(_l("Another row has this value already."), field="code")
        row.code = form.code.data
        db.session.flush()
        return Done("ثبت شد", self.entry_undo_url(row, row.id))

    def undo_registered(self, row, entry):
        if entry != row.id:
            return None
        row.code = "undone"
        return Done("بازگردانده شد")

    def choices(self):
        return [Choice(1, "فوری", "red", "حالا"), Choice(2, "با متن", "blue", needs_more=True)]

    def register_choice(self, row, choice, token):
        row.code = f"choice-{choice}"
        return Done("ثبت شد")


Section.forget(Coding)


@pytest.fixture
def coding(session, manager):
    """The section, mounted with its rights as an upgrade writes them."""
    for name, verbs in (("Manager", ("list", "show", "record")), ("Consultant", ("list", "show"))):
        role = appbuilder.sm.find_role(name)
        pairs = [appbuilder.sm.add_permission_view_menu(f"can_{verb}", "Coding") for verb in verbs]
        role.permissions = [*role.permissions, *pairs]
    session.commit()
    section = Coding()
    section.appbuilder = appbuilder
    return section


@pytest.fixture
def product(session, manager):
    row = ProductFactory(code="old")
    ProductFactory(code="other")
    session.commit()
    return row.id


@contextmanager
def asking(app, person, **what):
    """A request of *person*, who is logged in, from the list."""
    key = person.id
    headers = HTMX | {"HX-Current-URL": "https://ava.test/coding/"}
    with app.app_context(), app.test_request_context("/coding/", headers=headers, **what):
        g._login_user = db.session.get(Member, key)
        bind_request()
        yield


def post(app, person, coding, product, route="record", **data):
    with asking(app, person, method="POST", data=data):
        answer = make_response(getattr(coding, route)(str(product)))
        return answer.status_code, answer.get_data(as_text=True), answer.headers.get("HX-Trigger")


def code_of(session, product):
    session.expire_all()
    return session.get(Product, product).code


def test_shows_who_what_happened_last_and_the_fields(app, coding, manager, product):
    with asking(app, manager):
        page = coding.panel_page(str(product))

    head, _form, form = page.partition("<form")
    assert f'<a href="/products/show/{product}">جزئیات</a>' in head
    assert all(
        words in form for words in ("کد old", "کد تازه", "ثبت کد", 'name="code"', f"/coding/{product}/result")
    )
    # The first tab is worked through, so the main button goes on.
    main = form.partition("data-main-submit")[2].partition(">")[2].partition("<")[0]
    assert main == "ثبت و بعدی"


def test_without_the_right_there_is_no_form_and_nothing_is_registered(
    app, coding, consultant, product, session
):
    with asking(app, consultant):
        assert "<form" not in coding.panel_page(str(product))
    with pytest.raises(Forbidden):
        post(app, consultant, coding, product, code="new")
    with asking(app, consultant), pytest.raises(Forbidden):
        coding.choice_menu()


def test_registers_and_offers_the_undo(app, session, coding, manager, product):
    status, _page, trigger = post(app, manager, coding, product, code="new")

    assert (status, code_of(session, product)) == (204, "new")
    said = json.loads(trigger)
    assert said["toast"]["undo_url"] == f"/coding/{product}/result/{product}/undo"
    assert said["result:saved"]
    with asking(app, manager, method="POST"):
        assert coding.undo_record(str(product), str(product)).status_code == 204
    assert code_of(session, product) == "undone"
    with asking(app, manager, method="POST"), pytest.raises(NotFound):
        coding.undo_record(str(product), "77")


@pytest.mark.parametrize("code", ["", "taken", "x" * 30])
def test_a_refusal_stands_beside_its_field(app, session, coding, manager, product, code):
    status, page, _trigger = post(app, manager, coding, product, code=code)

    assert status == 422
    assert 'id="code-error"' in page
    assert code_of(session, product) == "old"


def test_another_version_is_asked_about_once(app, session, coding, manager, product):
    status, page, _trigger = post(app, manager, coding, product, code="new", version="7", seen="0")

    assert status == 409
    assert "کد تازه" in page.partition('class="panel-changed"')[2].partition("</div>")[0]
    assert 'value="new"' in page
    assert code_of(session, product) == "old"


def test_the_chip_offers_choices(app, session, coding, manager, product):
    with asking(app, manager):
        menu = coding.choice_menu()
    assert "/coding/__pk__/choose/1/" in menu
    assert "/coding/__pk__/panel?choice=2" in menu

    with asking(app, manager, method="POST"):
        coding.choose(str(product), "1", uuid4())
    assert code_of(session, product) == "choice-1"


def test_a_section_without_a_panel_has_none_of_its_routes(app):
    addresses = {str(rule) for rule in app.url_map.iter_rules()}

    assert {"/follow-ups/<pk>/panel", "/follow-ups/choices"} <= addresses
    assert not addresses & {"/products/<pk>/panel", "/products/choices", "/products/<pk>/result"}


class TestCheck:
    """A wrong name in a panel stops the start."""

    def test_the_panel_of_the_product_passes(self, app):
        assert bare()
        assert named(FollowUps) == []

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ({"parents": ("custmer",)}, ("panel.parents", "custmer", "customer")),
            ({"next": frozenset({"deu"})}, ("panel.next", "deu", "due")),
            ({"chip": "product"}, ("panel.chip", "product")),
            ({"template": "none.html"}, ("panel.template", "none.html")),
        ],
    )
    def test_names_what_does_not_exist(self, app, words, found):
        wrong = named(FollowUps, panel=replace(FollowUps.panel, **words))

        assert [each[: len(found)] for each in wrong] == [found]
