"""S04: a section whose form names the owner says who may set it, and everybody else makes rows of their own."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField

from app.extensions import appbuilder, db
from app.panel.access import Access
from app.panel.actor import bind_request
from app.panel.api import verbs as rest
from app.panel.api.openapi import openapi
from app.panel.forms.builder import PanelForm
from app.panel.forms.owner import UndeclaredOwner, refuse_undeclared_owner
from app.panel.section import Section
from models.follow_up import FollowUp
from models.member import Member
from models.product import Product
from models.sale import Sale
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory

pytestmark = pytest.mark.usefixtures("colleagues_rows")

FORM = ("order", "customer", "amount", "sold_at", "consultant")


def section_of(**words):
    """A mounted section over sales, which the product has none of yet."""
    told = {"model": Sale, "slug": "sold", "title": _l("Sales"), "title_one": _l("sale"), "form": FORM}
    told |= {"rest": True, "inline": ("consultant", "amount"), "bulk_edit": ("consultant", "amount")}
    told |= {"roles": dict.fromkeys(("Manager", "Consultant"), Access.WRITE)} | words
    made = type("Sold", (Section,), told)
    Section.forget(made)
    section = made()
    section.appbuilder = appbuilder
    return section


@pytest.fixture
def sold(session):
    """The section with its rights written for both roles, as an upgrade does."""
    for name in ("Manager", "Consultant"):
        role = appbuilder.sm.find_role(name)
        pairs = [appbuilder.sm.add_permission_view_menu(f"can_{verb}", "Sold") for verb in VERBS]
        role.permissions = [*role.permissions, *pairs]
    session.commit()
    return section_of(owner_right="edit")


VERBS = ("list", "show", "add", "edit")


@contextmanager
def asking(app, person, path="/sold/", **what):
    """A request of *person*, who is logged in."""
    key = person.id
    # A context of its own, as in a worker: nothing that an earlier request has read.
    with app.app_context(), app.test_request_context(path, **what):
        g._login_user = db.session.get(Member, key)
        bind_request()
        yield


@pytest.fixture
def values(session, consultant, colleague):
    """What a form sends: a sale in the name of the colleague."""
    given = FollowUpFactory(consultant_id=consultant.id)
    FollowUpFactory(consultant_id=colleague.id)
    session.commit()
    return {
        "order": str(given.order_id),
        "customer": str(given.customer_id),
        "amount": "1000",
        "sold_at": "1405/06/01 10:00",
        "consultant": str(colleague.id),
    }


def owners(session, manager):
    bind(session, Actor(manager.organization_id, manager.id))
    session.expire_all()
    return session.scalars(select(Sale.consultant_id)).all()


def sale(session, manager, owner, values):
    bind(session, Actor(manager.organization_id, manager.id))
    owner_id = owner.id
    row = Sale(
        order_id=int(values["order"]), customer_id=int(values["customer"]), consultant_id=owner_id, amount=1
    )
    row.sold_at = datetime(2026, 9, 1, tzinfo=UTC)
    session.add(row)
    session.commit()
    return row.id


class TestTheStart:
    @pytest.mark.parametrize(
        "words",
        [
            {"form": ("amount", "consultant")},
            {"form": ("amount", "consultant_id")},
            {"form": ("amount",), "edit_fields": ("consultant",)},
            {"form": ("amount",), "inline": ("consultant",), "bulk_edit": ()},
            {"form": ("amount",), "inline": (), "bulk_edit": ("consultant",)},
            {"form": ("amount",), "extra_fields": {"consultant": IntegerField()}},
            {"model": FollowUp, "form": ("next_at", "consultant"), "inline": (), "bulk_edit": ()},
        ],
    )
    def test_refuses_a_form_that_names_the_owner_and_not_who_sets_it(self, app, words):
        quiet = {"inline": (), "bulk_edit": ()}

        with pytest.raises(UndeclaredOwner, match=r"Sold.*owner of a row.*consultant.*owner_right"):
            refuse_undeclared_owner(section_of(**quiet | words))

    def test_reads_a_form_class_of_the_sections_own_too(self, app):
        form = type("OwnForm", (PanelForm,), {"consultant": IntegerField()})
        words = {"form": (), "inline": (), "bulk_edit": (), "add_form_class": lambda self: form}

        with pytest.raises(UndeclaredOwner, match="consultant"):
            refuse_undeclared_owner(section_of(**words))

    @pytest.mark.parametrize("right", ["fly", "can_edit", ""])
    def test_refuses_a_right_that_nobody_has(self, app, right):
        with pytest.raises(UndeclaredOwner, match="no right"):
            refuse_undeclared_owner(section_of(owner_right=right))

    @pytest.mark.parametrize("model", [Sale, Product])
    def test_refuses_a_form_that_names_the_organisation(self, app, model):
        words = {"model": model, "form": ("organization_id",), "inline": (), "bulk_edit": ()}

        with pytest.raises(UndeclaredOwner, match="organisation"):
            refuse_undeclared_owner(section_of(**words, owner_right="edit"))

    def test_takes_what_is_declared(self, app):
        refuse_undeclared_owner(section_of(owner_right="edit"))


class TestWhoSeesTheirOwnRows:
    def test_adds_a_sale_of_their_own(self, app, session, manager, consultant, sold, values):
        with asking(app, consultant, "/sold/add", method="POST", data=values):
            assert sold.add().status_code == 302

        assert owners(session, manager) == [consultant.id]

    def test_is_not_offered_the_owner(self, app, consultant, sold, values):
        with asking(app, consultant):
            assert "consultant" not in sold.add_form_class()()._fields
            assert "consultant" not in sold.change_form()()._fields

    def test_is_refused_the_owner_by_rest(self, app, session, manager, consultant, sold, values):
        with asking(app, consultant, "/api/v1/sold/", method="POST", json=json_of(values)):
            with pytest.raises(rest.Problem) as problem:
                rest.add(sold)
            assert problem.value.code in {400, 422}
        assert owners(session, manager) == []

    @pytest.mark.parametrize("many", [False, True])
    def test_gives_none_away_from_the_list(self, app, session, manager, consultant, sold, values, many):
        row = sale(session, manager, consultant, values)
        sent = {"consultant": values["consultant"], "amount": "2000", "row_version": "1"}
        with asking(app, consultant, method="POST", data=sent):
            if many:
                form = sold.change_form()()
                sold.edit_rows([sold.get_row(row)], form)
                db.session.commit()
            else:
                with pytest.raises(Exception, match="403"):
                    sold.inline_edit(str(row), "consultant")

        assert owners(session, manager) == [consultant.id]

    def test_gives_none_away_by_the_form(self, app, session, manager, consultant, sold, values):
        row = sale(session, manager, consultant, values)
        with asking(app, consultant, method="POST", data=values | {"row_version": "1"}):
            assert sold.edit(str(row)).status_code == 302

        assert owners(session, manager) == [consultant.id]

    def test_gives_rules_the_owner_as_a_relation(self, app, session, manager, consultant, sold, values):
        found = []
        sold.check = lambda row: found.append(row.consultant and row.consultant.username)
        with asking(app, consultant, "/sold/add", method="POST", data=values):
            assert sold.add().status_code == 302

        assert found == [consultant.username]


class TestTheOpenApiDocument:
    """It is public: without an actor it describes no field that only some members may set."""

    @pytest.mark.parametrize("words", [{"owner": "consultant"}, {"owner_right": "edit"}])
    def test_is_written_without_an_actor(self, app, session, words):
        with app.app_context(), app.test_request_context("/api/v1/openapi.json"):
            document = openapi({"sold": section_of(**words)})

        assert set(document["components"]["schemas"]["NewSold"]["properties"]) == set(FORM) - {"consultant"}

    def test_has_the_owner_for_who_may_set_it(self, app, session, manager, sold):
        with asking(app, manager, "/api/v1/openapi.json"):
            document = openapi({"sold": sold})

        assert set(document["components"]["schemas"]["NewSold"]["properties"]) == set(FORM)


class TestWhoSeesAllRows:
    def test_sets_the_owner(self, app, session, manager, colleague, sold, values):
        with asking(app, manager, "/sold/add", method="POST", data=values):
            assert sold.add().status_code == 302

        assert owners(session, manager) == [colleague.id]

    def test_sets_it_by_rest(self, app, session, manager, colleague, sold, values):
        with asking(app, manager, "/api/v1/sold/", method="POST", json=json_of(values)):
            assert rest.add(sold).status_code == 201

        assert owners(session, manager) == [colleague.id]

    def test_without_the_declared_right_makes_rows_of_their_own(self, app, session, manager, sold, values):
        role = appbuilder.sm.find_role("Manager")
        role.permissions = [
            pair
            for pair in role.permissions
            if (pair.permission.name, pair.view_menu.name) != ("can_edit", "Sold")
        ]
        session.commit()
        with asking(app, manager, "/sold/add", method="POST", data=values):
            assert sold.add().status_code == 302

        assert owners(session, manager) == [manager.id]


def json_of(values):
    sent = MultiDict(values).to_dict()
    return {name: value if name == "sold_at" else int(value) for name, value in sent.items()}
