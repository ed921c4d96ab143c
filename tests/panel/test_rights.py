"""E07: the rights of each section are pinned by rows that a person has written."""

import csv

from sqlalchemy import select

from app.extensions import appbuilder
from app.panel.access import EVERYTHING, ROLES, Access
from tests.support.cells import DATA
from tests.support.rights import declared_rights, differences, letters_of, pinned_rights, views
from views.organization.product import Products
from views.sms.variable import SmsVariables


def test_e07_roles_hold_what_the_rows_say(app):
    assert differences(declared_rights(), pinned_rights()) == []


def test_e07_no_pair_of_section_and_role_has_two_rows():
    lines = (DATA / "rights.csv").read_text("utf-8").splitlines()
    pairs = [(row[0], row[1]) for row in csv.reader(line for line in lines if not line.startswith("#"))]

    assert len(pairs) == len(set(pairs))
    assert {role for _section, role in pairs[1:]} <= set(ROLES)


def test_e07_a_role_that_gets_more_is_seen(app, monkeypatch):
    monkeypatch.setattr(Products, "roles", {**Products.roles, "Consultant": Access.FULL})
    consultant = {**SmsVariables.roles, "Consultant": Access.actions("list", "edit", "define")}
    monkeypatch.setattr(SmsVariables, "roles", consultant)

    assert differences(declared_rights(), pinned_rights()) == [
        "products,Consultant: declared «LVAED», pinned «LV»",
        "settings/sms-variables,Consultant: declared «LE define», pinned «LE»",
    ]


def test_e07_a_role_that_gets_less_and_one_that_gets_nothing_are_seen(app, monkeypatch):
    monkeypatch.setattr(Products, "roles", {"Manager": Access.READ, "Consultant": Access.READ})

    assert differences(declared_rights(), pinned_rights()) == [
        "a row of nothing: products,SupportAgent,LV",
        "products,Manager: declared «LV», pinned «LVAEDI»",
    ]


def test_e07_a_new_role_and_a_new_section_need_rows(app, monkeypatch):
    monkeypatch.setattr(Products, "roles", {**Products.roles, "Operator": Access.READ})
    assert differences(declared_rights(), pinned_rights()) == ["no row: products,Operator,LV"]

    monkeypatch.setattr(Products, "slug", "wares")
    lines = differences(declared_rights(), pinned_rights())
    assert "no row: wares,Manager,LVAEDI" in lines
    assert "a row of nothing: products,Manager,LVAEDI" in lines


def test_e07_the_database_grants_what_the_rows_say(app, session):
    pinned, sm = pinned_rights(), appbuilder.sm
    slugs = {view.__name__: view.slug for view in views()}
    held: dict[tuple[str, str], set[str]] = {}
    for role in session.scalars(select(sm.role_model).where(sm.role_model.name.in_(ROLES))):
        for pair in role.permissions:
            if pair.view_menu.name in slugs and role.name != EVERYTHING:
                held.setdefault((slugs[pair.view_menu.name], role.name), set()).add(pair.permission.name)

    expected = {key: letters for key, letters in pinned.items() if key[1] != EVERYTHING}
    assert differences({key: letters_of(rights) for key, rights in held.items()}, expected) == []
