"""E04 and S08 on the product's own sections: each field emptied, on each way in; never a 500."""

from __future__ import annotations

import pytest
from sqlalchemy import select

import views
from app.errors import DomainError
from app.lib.discover import import_all
from app.panel.section import Section
from app.services.account.token import make_token
from app.services.organization import create_organization
from models.account import ApiToken, TokenScope
from models.role import ExtraRole
from models.table_view import TableView
from models.tenancy.scope import Actor, bind
from tests.factories import member
from tests.panel.forms.test_findings_forms import FORMS, count, open_form, typed
from tests.panel.records.test_bulk_edit import change
from views.organization.member.form import MemberForm

__all__ = ["typed"]

import_all(views)

SECTIONS = {section.slug: section for section in Section.registry if section.slug in FORMS}
PLATFORM = {"organizations", "sms-providers"}
OWN_FORMS = {"members": [name for name in vars(MemberForm) if hasattr(vars(MemberForm)[name], "field_class")]}
EMPTY = ("", "\u200c\u3164")


def names_of(section: type[Section], *, existing: bool) -> list[str]:
    if existing and "can_edit" not in section.all_permissions():
        return []
    if section.slug in OWN_FORMS:
        # A user name is given once.
        return [name for name in OWN_FORMS[section.slug] if not existing or name != "username"]
    if existing:
        names = section.edit_fields if section.edit_fields is not None else section.form
        return list(dict.fromkeys([*names, *(section.extra_edit_fields or {})]))
    return list(dict.fromkeys([*section.form, *section.extra_fields]))


# A sale takes its customer from its order, and without one it gets an order: `tests/sales/test_sale_by_hand.py`.
FROM_ANOTHER = {("sales", "customer"), ("sales", "mobile"), ("sales", "order")}


def cases(*, existing: bool) -> list[tuple[str, str]]:
    # The first child has the flag, whatever its form says.
    return [
        (slug, name)
        for slug, each in SECTIONS.items()
        for name in names_of(each, existing=existing)
        if name != getattr(each.model, "__flag__", None) and (slug, name) not in FROM_ANOTHER
    ]


def listed(word: str) -> list[tuple[str, str]]:
    return [(each.slug, name) for each in Section.registry for name in getattr(each, word)]


@pytest.fixture
def browser(login, manager):
    return lambda slug: login(member("Admin", None, "root") if slug in PLATFORM else manager)


@pytest.fixture
def newest(session, manager):
    def read(slug: str):
        bind(session, Actor(manager.organization_id, manager.id))
        session.expire_all()
        model = FORMS[slug][0]
        statement = select(model).order_by(model.id.desc()).limit(1)
        return session.scalar(statement.execution_options(unscoped=True))

    return read


def is_empty(value: object, column: object) -> bool:
    """NULL, nothing, «no», or what the column fills itself with."""
    default = getattr(getattr(column, "default", None), "arg", None)
    return value in (None, "", False, [], default) or callable(default)


def assert_taken_or_refused(answer, name: str, row, changed: bool) -> None:
    assert answer.status_code in {302, 422}, answer.text[:500]
    if answer.status_code == 422:
        assert f'id="{name}-error"' in answer.text
        assert not changed
    elif row is not None and name in row.__mapper__.all_orm_descriptors:
        assert is_empty(getattr(row, name), row.__table__.columns.get(name))


@pytest.mark.parametrize("value", EMPTY, ids=ascii)
@pytest.mark.parametrize(("slug", "name"), cases(existing=False))
def test_e04_an_emptied_field_on_add(session, browser, typed, newest, slug, name, value):
    client = browser(slug)
    before = count(session, FORMS[slug][0])

    answer = client.post(f"/{slug}/add", data=open_form(client, slug) | typed(slug) | {name: value})

    changed = count(session, FORMS[slug][0]) != before
    assert_taken_or_refused(answer, name, newest(slug), changed)


@pytest.mark.parametrize("value", EMPTY, ids=ascii)
@pytest.mark.parametrize(("slug", "name"), cases(existing=True))
def test_e04_an_emptied_field_on_edit(session, browser, typed, newest, slug, name, value):
    client = browser(slug)
    assert client.post(f"/{slug}/add", data=open_form(client, slug) | typed(slug)).status_code == 302
    row = newest(slug)
    key, before = row.id, getattr(row, name, None)

    answer = client.post(f"/{slug}/edit/{key}", data=typed(slug) | {name: value})

    row = newest(slug)
    assert_taken_or_refused(answer, name, row, getattr(row, name, None) != before)


@pytest.mark.parametrize("value", EMPTY, ids=ascii)
@pytest.mark.parametrize(("slug", "name"), [case for case in listed("inline") if case[0] in FORMS])
def test_e04_an_emptied_field_in_the_list(session, browser, typed, newest, slug, name, value):
    client = browser(slug)
    client.post(f"/{slug}/add", data=open_form(client, slug) | typed(slug))
    row = newest(slug)
    key, before = row.id, getattr(row, name)

    answer = client.post(f"/{slug}/inline/{key}/{name}", data={name: value})

    assert answer.status_code in {302, 422}
    if answer.status_code == 422:
        assert "-error" in answer.text
        assert getattr(newest(slug), name) == before
    else:
        assert is_empty(getattr(newest(slug), name), row.__table__.columns.get(name))


@pytest.mark.parametrize("value", EMPTY, ids=ascii)
@pytest.mark.parametrize(("slug", "name"), [case for case in listed("bulk_edit") if case[0] in FORMS])
def test_e04_an_emptied_field_in_a_bulk_edit(session, browser, typed, newest, slug, name, value):
    client = browser(slug)
    client.post(f"/{slug}/add", data=open_form(client, slug) | typed(slug))
    before = getattr(newest(slug), name)

    answer = change(client, [newest(slug)], section=slug, **{name: value})

    assert answer.status_code == 422
    assert getattr(newest(slug), name) == before


@pytest.mark.parametrize("value", [None, *EMPTY], ids=ascii)
@pytest.mark.parametrize(("slug", "name"), [case for case in cases(existing=True) if SECTIONS[case[0]].rest])
def test_e04_an_emptied_field_over_rest(session, app, browser, manager, typed, newest, slug, name, value):
    client = browser(slug)
    client.post(f"/{slug}/add", data=open_form(client, slug) | typed(slug))
    key, before = newest(slug).id, getattr(newest(slug), name)
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    headers = {"Authorization": f"Bearer {secret}", "If-Match": "*"}

    answer = app.test_client().put(f"/api/v1/{slug}/{key}", json={name: value}, headers=headers)

    row = newest(slug)
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert list(answer.json["errors"]) == [name]
        assert getattr(row, name) == before
    else:
        assert is_empty(getattr(row, name), row.__table__.columns.get(name))


INVISIBLE = ("\u200c\u200c", "\u00a0\u3164", "\u2066\u2069\u200f")


@pytest.mark.parametrize("name", INVISIBLE, ids=ascii)
class TestS08ANameThatCannotBeSeenIsNone:
    def test_of_a_role(self, session, login, manager, name):
        answer = login(manager).post("/roles/add", data={"title": name})

        assert answer.status_code == 422
        assert session.scalars(select(ExtraRole)).all() == []

    def test_of_a_saved_view(self, session, login, manager, name):
        answer = login(manager).post("/products/views", data={"name": name})

        assert "نامی" in answer.text
        assert session.scalars(select(TableView)).all() == []

    def test_of_a_token(self, session, login, manager, name):
        answer = login(manager).post("/account/tokens/", data={"name": name, "scope": "read"})

        assert 'id="name-error"' in answer.text
        assert session.scalars(select(ApiToken)).all() == []

    def test_of_ones_own(self, session, login, manager, name):
        answer = login(manager).post(
            "/account/", data={"first_name": name, "last_name": "ن", "email": "a@b.ir"}
        )

        assert 'id="first_name-error"' in answer.text

    def test_of_an_organization_by_command(self, session, name):
        with pytest.raises(DomainError):
            create_organization("new", name, {})


def test_s08_a_joiner_inside_a_name_stays(session, login, manager, typed, newest):
    client = login(manager)
    title = "می\u200cخواهم"

    client.post("/products/add", data=open_form(client, "products") | typed("products") | {"title": title})

    assert newest("products").title == title
