"""Dangerous acts ask for the password once more, do nothing before, and go on with what was chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from werkzeug.security import generate_password_hash

from app.extensions import appbuilder
from app.lib import clock
from app.panel.forms.reauthentication import MOST_UNASKED
from models.account import LoginEvent, LoginOutcome, UserSession
from models.job import ImportJob, ImportStatus
from models.member import Member
from models.organization import Organization
from models.product import Product
from models.role import ExtraRole
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory, member
from tests.support.pages import carried

PASSWORD = "یک جملهٔ خوب برای ورود"
HASH = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")


@pytest.fixture(autouse=True)
def asking(app, monkeypatch):
    monkeypatch.setitem(app.config, "REAUTHENTICATE", True)
    monkeypatch.setitem(app.config, "LIMITS", True)


@pytest.fixture
def admin(session) -> Member:
    return member("Admin", None, "root")


@pytest.fixture
def enter(session, login):
    """A browser of *person* who gave his password *minutes* ago."""

    def browser(person, minutes=16):
        person.password = HASH
        client = login(person)
        given = clock.now() - timedelta(minutes=minutes)
        session.execute(
            update(UserSession).where(UserSession.member_id == person.id).values(confirmed_at=given)
        )
        session.commit()
        return client

    return browser


@dataclass
class Act:
    """A dangerous act: who does it, who may not, what is sent, and what shows whether it was done."""

    by: Member
    stranger: Member
    path: str
    data: dict[str, Any]
    picture: Callable[[], Any]


@pytest.fixture
def act(request, session, manager, consultant, admin, organization) -> Act:
    return globals()[f"_{request.param}"](session, manager, consultant, admin, organization)


def _bulk_deletion(session, manager, consultant, _admin, _organization):
    keys = [row.id for row in ProductFactory.create_batch(MOST_UNASKED + 1)]
    left = select(Product.id).where(Product.deleted_at.is_(None))
    data = {
        "action": "remove",
        "_step": "run",
        "rowid": [str(key) for key in keys],
        "versions": f"{keys[0]}:1",
    }
    return Act(manager, consultant, "/products/action_post", data, lambda: len(session.scalars(left).all()))


def _new_role(session, manager, consultant, _admin, _organization):
    data = {"title": "بازبین", "right": ["Products can_list", "Customers can_list"]}
    return Act(manager, consultant, "/roles/add", data, lambda: _roles(session))


def _changed_role(session, manager, consultant, _admin, _organization):
    data = {"title": "نو", "right": ["Products can_list"]}
    return Act(manager, consultant, f"/roles/edit/{_role(session, manager)}", data, lambda: _roles(session))


def _deleted_role(session, manager, consultant, _admin, _organization):
    return Act(manager, consultant, f"/roles/delete/{_role(session, manager)}", {}, lambda: _roles(session))


def _other_role_of_a_member(session, manager, consultant, _admin, _organization):
    def picture():
        return [role.name for role in session.get(Member, consultant.id).roles]

    data = {"first_name": "a", "last_name": "b", "email": consultant.email, "role": _role_id("SupportAgent")}
    return Act(manager, consultant, f"/members/edit/{consultant.id}", data, picture)


def _invited_admin(session, _manager, consultant, admin, _organization):
    data = {"first_name": "a", "last_name": "b", "username": "new", "email": "n@example.ir"}
    data |= {"role": _role_id("Admin")}
    names = select(Member.username)
    return Act(admin, consultant, "/members/add", data, lambda: sorted(session.scalars(names)))


def _one_time_password(session, manager, consultant, _admin, _organization):
    stored = select(Member.password).where(Member.id == consultant.id)
    return Act(manager, consultant, f"/members/password/{consultant.id}", {}, lambda: session.scalar(stored))


def _suspension(session, manager, _consultant, admin, organization):
    status = select(Organization.status).where(Organization.id == organization.id)
    path = f"/organizations/action/suspend/{organization.id}"
    return Act(admin, manager, path, {"_step": "run"}, lambda: session.scalar(status))


def _closing(session, manager, _consultant, admin, organization):
    status = select(Organization.status).where(Organization.id == organization.id)
    return Act(admin, manager, f"/organizations/delete/{organization.id}", {}, lambda: session.scalar(status))


def _role(session, manager) -> int:
    bind(session, Actor(manager.organization_id, manager.id))
    extra = ExtraRole(title="بازبین", role=appbuilder.sm.add_role("all:1:بازبین"))
    session.add(extra)
    session.commit()
    return extra.id


def _roles(session) -> list[str]:
    return sorted(session.scalars(select(ExtraRole.title).execution_options(unscoped=True)))


def _role_id(name: str) -> str:
    return str(appbuilder.sm.find_role(name).id)


every_act = pytest.mark.parametrize(
    "act",
    [
        "bulk_deletion",
        "new_role",
        "changed_role",
        "deleted_role",
        "other_role_of_a_member",
        "invited_admin",
        "one_time_password",
        "suspension",
        "closing",
    ],
    indirect=True,
)


@every_act
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "dialog"])
def test_is_asked_first_and_done_with_what_was_chosen(session, enter, act, headers):
    client, before = enter(act.by), act.picture()

    asked = client.post(act.path, data=act.data, headers=headers)
    session.expire_all()
    untouched = act.picture()
    kept = carried(asked.text)
    done = client.post(act.path, data=kept | {"sudo_password": PASSWORD}, headers=headers)

    session.expire_all()
    assert (asked.status_code, untouched) == (422, before)
    assert {name: kept[name] for name in act.data} == {
        name: value if isinstance(value, list) else [value] for name, value in act.data.items()
    }
    assert done.status_code in {200, 204, 302}
    assert act.picture() != before


@every_act
def test_is_not_done_with_a_wrong_password_and_the_guess_is_counted(session, enter, act):
    client, before = enter(act.by), act.picture()

    answers = [client.post(act.path, data=act.data | {"sudo_password": f"{n}"}) for n in range(11)]

    session.expire_all()
    outcomes = select(LoginEvent.outcome).where(LoginEvent.member_id == act.by.id)
    assert {answer.status_code for answer in answers} == {422}
    assert 'id="sudo_password-error"' in answers[0].text
    assert "ورود تا" in answers[10].text
    assert {LoginOutcome.WRONG, LoginOutcome.LOCKED} <= set(session.scalars(outcomes))
    assert act.picture() == before


@every_act
def test_who_may_not_is_refused_and_not_even_asked(session, enter, act):
    client = enter(act.stranger)
    before = act.picture()

    answer = client.post(act.path, data=act.data)

    session.expire_all()
    assert answer.status_code == 403
    assert "sudo_password" not in answer.text
    assert act.picture() == before


@every_act
def test_is_not_asked_of_who_has_just_given_it(session, enter, act):
    client = enter(act.by, minutes=14)
    before = act.picture()

    answer = client.post(act.path, data=act.data)

    session.expire_all()
    assert "sudo_password" not in answer.text
    assert act.picture() != before


def test_a_hundred_rows_go_without_and_so_does_an_edit_without_another_role(
    session, enter, manager, consultant
):
    keys = [str(row.id) for row in ProductFactory.create_batch(MOST_UNASKED)]
    details = {
        "first_name": "نو",
        "last_name": "b",
        "email": consultant.email,
        "role": _role_id("Consultant"),
    }
    client = enter(manager)

    removed = client.post("/products/action_post", data={"action": "remove", "_step": "run", "rowid": keys})
    edited = client.post(f"/members/edit/{consultant.id}", data=details)

    assert (removed.status_code, edited.status_code) == (302, 302)


def test_the_dialog_asks_before_it_shows_the_step(enter, manager):
    keys = [str(row.id) for row in ProductFactory.create_batch(MOST_UNASKED + 1)]
    client, hx = enter(manager), {"HX-Request": "true"}

    asked = client.post("/products/action_post", data={"action": "remove", "rowid": keys}, headers=hx)
    step = client.post(
        "/products/action_post", data=carried(asked.text) | {"sudo_password": PASSWORD}, headers=hx
    )

    assert asked.status_code == 422
    assert step.status_code == 200
    assert step.text.count('name="rowid"') == MOST_UNASKED + 1


@pytest.mark.parametrize(("rows", "asks"), [(MOST_UNASKED, False), (MOST_UNASKED + 1, True)])
def test_an_import_of_many_rows_is_taken_back_only_with_the_password(session, enter, manager, rows, asks):
    job = ImportJob(original_name="a.csv", stored_name="x", sha256="0", client_token=uuid4(), total_rows=rows)
    job.status = ImportStatus.DONE
    session.add(job)
    session.commit()

    answer = enter(manager).post(f"/imports/take-back/{job.id}")

    assert ("sudo_password" in answer.text) is asks


def test_a_browser_that_has_confirmed_is_not_asked_again_and_another_is(session, enter, login, manager):
    client = enter(manager)
    client.post("/roles/add", data={"title": "یکم", "sudo_password": PASSWORD})
    second = client.post("/roles/add", data={"title": "دوم"})
    other = enter(manager, minutes=16).post("/roles/add", data={"title": "سوم"})

    assert second.status_code == 302
    assert other.status_code == 422
    assert _roles(session) == ["دوم", "یکم"]


def test_a_stranger_is_sent_to_the_login(app, session):
    answer = app.test_client().post("/roles/add", data={"title": "x", "sudo_password": "x"})

    assert answer.location.startswith("/login/")
