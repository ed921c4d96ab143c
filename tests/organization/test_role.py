"""The form of an extra role: sent twice it makes one, and of two who change one nothing is lost in silence."""

import pytest
from sqlalchemy import select, update

from models.role import ExtraRole
from tests.factories import member
from tests.support.pages import untouched

READ = ["Products can_list", "Products can_show"]


@pytest.fixture
def client(login, manager):
    browser = login(manager)
    browser.post("/roles/add", data={"title": "بازبین", "right": READ})
    return browser


@pytest.fixture
def url(client, session) -> str:
    return f"/roles/edit/{titles(session)['بازبین']}"


def titles(session) -> dict[str, int]:
    rows = session.execute(select(ExtraRole.title, ExtraRole.id).execution_options(unscoped=True))
    return {row.title: row.id for row in rows}


def rights(session) -> set[str]:
    extra = session.scalars(select(ExtraRole).execution_options(unscoped=True)).one()
    session.refresh(extra.role)
    return {f"{pair.view_menu.name} {pair.permission.name}" for pair in extra.role.permissions}


def is_ticked(page: str, right: str) -> bool:
    return "checked" in box(page, right)


def box(page: str, right: str) -> str:
    tag = page[page.index(f'value="{right}"') :]
    return tag[: tag.index(">")]


def test_a_manager_can_tick_what_a_manager_may(login, manager):
    assert "disabled" not in box(login(manager).get("/roles/add").text, READ[0])


def test_a_form_that_is_sent_twice_makes_one_role(login, manager, session):
    browser = login(manager)
    data = untouched(browser.get("/roles/add").text) | {"title": "تازه", "right": READ}

    answers = [browser.post("/roles/add", data=data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[1].location == f"/roles/edit/{titles(session)['تازه']}"
    assert len(titles(session)) == 1


def test_another_role_in_the_same_form_is_asked_about(login, manager, session):
    browser = login(manager)
    data = untouched(browser.get("/roles/add").text) | {"title": "یکم", "right": READ}
    browser.post("/roles/add", data=data)

    asked = browser.post("/roles/add", data=data | {"title": "دوم"})
    browser.post("/roles/add", data=untouched(asked.text) | {"title": "دوم", "right": READ})

    assert asked.status_code == 422
    assert titles(session).keys() == {"یکم", "دوم"}


def test_rights_that_only_the_other_one_changed_come_along(client, url, session):
    form = untouched(client.get(url).text)
    client.post(url, data={"title": "بازبین", "right": [READ[0], "Customers can_list"]})

    told = client.post(url, data=form | {"title": "بازبین", "right": [*READ, "Orders can_list"]})

    wanted = {READ[0]: True, READ[1]: False, "Customers can_list": True, "Orders can_list": True}
    assert told.status_code == 409
    assert "هم‌زمان" in told.text
    assert {right: is_ticked(told.text, right) for right in wanted} == wanted
    assert rights(session) == {READ[0], "Customers can_list"}


def test_the_merged_form_is_saved_as_it_stands(client, url, session):
    form = untouched(client.get(url).text)
    client.post(url, data={"title": "بازبین", "right": [READ[0]]})
    told = client.post(url, data=form | {"title": "بازبین", "right": READ})

    saved = client.post(url, data=untouched(told.text) | {"title": "بازبین", "right": READ})

    assert saved.status_code == 302
    assert rights(session) == set(READ)


@pytest.mark.parametrize(("mine", "shown"), [("بازبین", "از دیگری"), ("از من", "از من")])
def test_a_title_that_both_changed_stays_mine_and_theirs_is_told(client, url, mine, shown):
    form = untouched(client.get(url).text)
    client.post(url, data={"title": "از دیگری", "right": READ})

    told = client.post(url, data=form | {"title": mine, "right": READ})

    assert told.status_code == 409
    assert f'value="{shown}"' in told.text
    assert "از دیگری" in told.text


@pytest.mark.parametrize("loaded", ["", "{", "[1, null]", "[" * 5000, '"x"'])
def test_a_stamp_that_can_not_be_read_is_no_error(client, url, loaded):
    form = untouched(client.get(url).text)
    client.post(url, data={"title": "بازبین", "right": READ[:1]})

    told = client.post(url, data=form | {"title": "بازبین", "right": READ, "_rights": loaded})

    assert told.status_code == 409


def test_a_change_of_rights_alone_counts(client, url, session):
    version = select(ExtraRole.row_version).execution_options(unscoped=True)
    before = session.scalar(version)

    client.post(url, data={"title": "بازبین", "right": READ[:1]})

    assert session.scalar(version) == before + 1


def test_a_form_with_a_mistake_keeps_what_it_was_made_from(client, url, session):
    form = untouched(client.get(url).text)
    session.execute(update(ExtraRole).values(title="دیگر"), execution_options={"unscoped": True})
    session.commit()

    refused = client.post(url, data=form | {"title": "", "right": READ})

    assert refused.status_code == 422
    # The token of a form is made anew each second.
    assert untouched(refused.text) | {"csrf_token": ""} == form | {"csrf_token": ""}


def test_the_conflict_of_others_is_nobodys_business(client, url, login, organization):
    other = login(member("Manager", organization, "other"))

    answer = other.post(url, data={"title": "x", "row_version": "0"})

    assert answer.status_code == 404
