"""Rights are kept between requests, and never longer than their role's edition."""

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app import security_manager
from app.extensions import appbuilder
from app.security_manager import sync_roles
from app.services.role.edit import change_role, delete_role, make_role
from models.role import RoleEdition
from tests.factories import member


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(security_manager, "_RIGHTS", {})


@pytest.fixture
def seller(session, manager, organization):
    """Somebody whose extra role lets him see products, and the role."""
    held = {("can_list", "Products"), ("can_list", "Customers")}
    extra = make_role("فروشنده", {("can_list", "Products")}, own_rows=False, own_pairs=held)
    person = member("Consultant", organization, "seller")
    person.roles = [extra.role]
    session.commit()
    return person, extra, held


def rights_statements(statements):
    return [one for one in statements if "ab_permission_view" in one]


def test_a_second_request_does_not_read_them_again(login, seller, statements):
    client = login(seller[0])
    client.get("/products/")
    statements.clear()

    client.get("/products/")

    assert rights_statements(statements) == []


def test_a_change_counts_from_the_next_request_on(session, login, seller):
    person, extra, held = seller
    client = login(person)
    before = client.get("/products/").status_code, client.get("/customers/").status_code

    change_role(extra, "فروشنده", {("can_list", "Customers")}, own_rows=False, own_pairs=held)
    session.commit()

    assert before == (200, 403)
    assert (client.get("/products/").status_code, client.get("/customers/").status_code) == (403, 200)


def test_a_change_by_another_process_counts_too(session, login, seller):
    """The edition is in the database: what another process wrote is seen without a word from it."""
    person, extra, _held = seller
    client = login(person)
    client.get("/products/")
    pair = appbuilder.sm.find_permission_view_menu("can_list", "Customers")

    extra.role.permissions.append(pair)
    session.commit()

    assert client.get("/customers/").status_code == 200


def test_a_new_role_under_the_key_of_an_old_one_has_its_own(session, login, seller, organization):
    person, extra, _held = seller
    client, key = login(person), extra.role_id
    client.get("/products/")
    person.roles = [appbuilder.sm.find_role("Consultant")]
    session.flush()
    delete_role(extra)
    session.add(Role(id=key, name="all:0:other"))
    session.flush()

    person.roles = [session.get_one(Role, key)]
    session.commit()

    assert client.get("/products/").status_code == 403


def test_every_role_has_an_edition_after_an_upgrade(session):
    session.execute(RoleEdition.__table__.delete())
    session.commit()

    sync_roles()

    roles, editions = (
        session.scalars(select(Role.id)).all(),
        session.scalars(select(RoleEdition.role_id)).all(),
    )
    assert sorted(roles) == sorted(editions)
