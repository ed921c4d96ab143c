"""Nobody but its members reads a conversation, on any path: neither managers nor the admin who acts in the organisation."""

import re
from io import BytesIO

import pytest
from sqlalchemy import insert, select

from app.services.account.token import make_token
from models.account import TokenScope
from models.attachment import Attachment
from models.messages.message import Message
from models.messages.thread import Thread, ThreadMember
from models.tenancy.scope import Actor, ForeignRow, bind, whole_organization
from tests.day.message_steps import HTMX, PDF, reply, stored, write
from tests.factories import member
from tests.support.canaries import PRIVATE, canary

ODD = {"name": "mobile", "slug": "customers", "locale": "fa", "filename": "x.css"}


@pytest.fixture
def talk(session, login, organization, manager, consultant, colleague):
    """A conversation of two consultants, whose subject, texts and file are a word that they alone may read."""
    word = canary(organization.id, consultant.id, mark=PRIVATE)
    data = {"members": colleague.id, "subject": word, "text": word, "files": (BytesIO(PDF), f"{word}.pdf")}
    key = int(login(consultant).post("/messages/add", data=data).headers["Location"].rpartition("/")[2])
    reply(session, consultant, key, word)
    return key


@pytest.fixture
def file(session, organization, talk):
    [found] = stored(session, organization, select(Attachment.uuid))
    return found


def reader(role, organization):
    return member(role, None if role in {"Operator", "Admin"} else organization, f"{role}-reader")


def addresses(app, keys):
    """Every address that can be read; those of messages with each key that could be one of the conversation."""
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.rule.startswith(("/logout", "/lang", "/static")):
            continue
        wanted = keys[:-1] if rule.rule.startswith("/messages/") else keys[:1]
        for key in wanted if "pk" in rule.arguments else [0]:
            given = ODD | {"pk": str(key), "uuid": str(keys[-1]), "moment": "1", "batch": "1"}
            yield "".join(
                given.get(part, "x") if number % 2 else part
                for number, part in enumerate(re.split(r"<[^>]*?(\w+)>", rule.rule))
            )


@pytest.mark.parametrize("role", ["Manager", "Admin"])
def test_no_page_shows_a_word_of_it(app, session, login, organization, talk, file, role):
    """The browser of the tests fails by itself for a word that its member may not read."""
    person = reader(role, session.merge(organization))
    keys = {*stored(session, organization, select(Message.id)), talk}
    _row, secret = make_token(person, name="walk", scope=TokenScope.READ, days=1)
    browser, headers = login(person), {"Authorization": f"Bearer {secret}"}
    session.commit()
    if role == "Admin":
        assert browser.post(f"/organizations/enter/{organization.id}").status_code == 302
        headers["X-Organization"] = str(organization.id)

    for address in addresses(app, [*sorted(keys), file]):
        browser.get(address, headers=headers if address.startswith("/api/") else {}).close()


@pytest.mark.parametrize("role", ["Manager", "Consultant", "SupportAgent"])
def test_each_address_of_it_is_like_that_of_none(session, login, organization, talk, file, role):
    browser = login(reader(role, session.merge(organization)))
    for path in ("show/{}", "{}/older", "{}/news", f"{{}}/files/{file}"):
        answers = [
            browser.get(f"/messages/{path.format(key)}", headers={"X-Request-ID": "the-same-id"})
            for key in (talk, 999_999)
        ]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].data == answers[1].data
    for act in ("answer", "close", "reopen"):
        assert browser.post(f"/messages/{talk}/{act}", data={"text": "x"}).status_code == 404
    assert len(stored(session, organization, select(Message))) == 2


@pytest.mark.parametrize("query", ["?q=canary", "?q=consultant", "?status=closed", "?read=unread"])
def test_a_search_finds_nothing_of_it(session, login, organization, talk, query):
    answer = login(reader("Manager", session.merge(organization))).get(f"/messages/{query}")
    assert 'data-pk="' not in answer.text


def test_an_admin_who_acts_in_the_organisation_is_refused(session, login, organization, talk, file):
    browser = login(reader("Admin", None))
    browser.post(f"/organizations/enter/{session.merge(organization).id}")
    for path in ("", f"show/{talk}", f"{talk}/files/{file}", "add", "lookup"):
        assert browser.get(f"/messages/{path}").status_code == 403


def test_a_member_who_is_switched_off_reads_it_no_more(session, login, consultant, colleague):
    talk, browser = write(session, consultant, [colleague]), login(colleague)
    assert browser.get(f"/messages/show/{talk}").status_code == 200
    colleague.active = False
    session.commit()
    assert browser.get(f"/messages/show/{talk}").status_code == 302


def test_a_manager_sees_no_file_of_it_among_all_files(session, organization, manager, talk):
    bind(session, Actor(organization.id, manager.id))
    assert session.scalars(select(Attachment)).all() == []
    with whole_organization(session):
        assert len(session.scalars(select(Attachment)).all()) == 1


@pytest.mark.parametrize("model", [Thread, ThreadMember, Message])
def test_neither_a_manager_nor_a_program_reads_its_rows(
    session, organization, manager, consultant, talk, model
):
    for actor in (Actor(organization.id, manager.id), Actor(organization.id)):
        bind(session, actor)
        assert session.scalars(select(model.id)).all() == []
    bind(session, Actor(organization.id, consultant.id))
    assert session.scalars(select(model.id)).all() != []


def test_a_stranger_can_neither_join_nor_write_by_a_forged_row(session, organization, manager, talk):
    bind(session, Actor(organization.id, manager.id))
    for row in (
        ThreadMember(thread_id=talk, member_id=manager.id),
        Message(thread_id=talk, by_id=manager.id, text="x"),
    ):
        session.add(row)
        with pytest.raises(ForeignRow):
            session.flush()
        session.rollback()
        bind(session, Actor(organization.id, manager.id))


def test_of_another_organisation_nobody_reads_it(session, login, stranger_organization, talk):
    browser = login(member("Manager", stranger_organization, "outside"))
    assert browser.get(f"/messages/show/{talk}").status_code == 404
    assert browser.get("/messages/").status_code == 200


def test_another_conversation_does_not_show_its_file(
    session, login, organization, manager, consultant, talk, file
):
    """The file of one conversation under the address of another one, by a member of the other one."""
    theirs = write(session, manager, [member("Manager", session.merge(organization), "second")], "سلام")
    assert login(manager).get(f"/messages/{theirs}/files/{file}").status_code == 404
    browser = login(session.merge(consultant))
    answer = browser.get(f"/messages/{talk}/files/{file}", headers=HTMX)
    assert answer.status_code == 200
    answer.close()


def test_ticked_rows_of_other_models_are_not_private(session, organization, manager):
    """An insert of many members names their organisation like any other one."""
    bind(session, Actor(organization.id, manager.id))
    with pytest.raises(ForeignRow):
        session.execute(
            insert(ThreadMember), [{"thread_id": 1, "member_id": manager.id, "organization_id": 999}]
        )
