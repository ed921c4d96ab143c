"""Members are found by their names however they are typed, and stand in the order of a Persian dictionary."""

import importlib.util
import re
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select

from app.commands.letters import write_persian_letters
from models.audit.event import AuditEvent
from models.member import Member
from models.tenancy.scope import Actor, bind
from tests.commands.test_letters import put, stored
from tests.day.message_steps import listed, write
from tests.factories import member

VERSIONS = Path(__file__).parents[2] / "models" / "migrations" / "versions"
NAME = {"first_name": "علی‌رضا", "last_name": "کاظمی", "mobile": "+989127654321"}
WORDS = ("علیرضا", "علي‌رضا", "علی رضا", "كاظمي", "کاظمی علی", "ALIREZA", "۰۹۱۲ ۷۶۵", "765")


@pytest.fixture
def person(session, organization, stranger_organization, manager):
    """The member; beside them one of the same name in another organisation, and one who was switched off."""
    member("Consultant", stranger_organization, "alireza2", **NAME)
    member("Consultant", organization, "alireza3", active=False, **NAME)
    found = member("Consultant", organization, "alireza", **NAME)
    session.commit()
    bind(session, Actor(organization.id, manager.id))
    session.add(manager)
    return found


@pytest.mark.parametrize("words", WORDS)
class TestAnyTyping:
    @pytest.mark.parametrize("address", ["/messages/lookup", "/tasks/lookup/owner"])
    def test_finds_a_member_to_choose(self, login, manager, person, address, words):
        found = login(manager).get(address, query_string={"q": words}).json
        assert [each["value"] for each in found] == [str(person.id)]

    def test_finds_their_conversation(self, session, login, manager, colleague, person, words):
        key = write(session, manager, [person])
        write(session, manager, [colleague])
        assert listed(login(manager).get("/messages/", query_string={"q": words}).text) == [key]

    def test_finds_them_among_the_members(self, login, manager, person, words):
        page = login(manager).get("/members/", query_string={"q": words}).text
        assert set(re.findall(r'data-pk="(\d+)"', page)) == {str(person.id)}


@pytest.mark.parametrize("words", ["%", "_", "\\", "\u200c", "رضاکاظمیalireza", "زهرا"])
def test_signs_and_other_names_find_nobody(login, manager, person, words):
    assert login(manager).get("/messages/lookup", query_string={"q": words}).json == []


def test_a_new_name_is_found_at_once(session, login, manager, person):
    person.first_name = "پژمان"
    session.commit()
    browser = login(manager)
    assert browser.get("/messages/lookup?q=عليرضا").json == []
    assert len(browser.get("/messages/lookup?q=پژمان").json) == 1


def test_they_stand_in_the_order_of_a_persian_dictionary(session, login, organization, manager):
    for number, name in enumerate(("یاسمن", "پریسا", "گیتی", "واحد", "آرش")):
        member("Consultant", organization, f"c{number}", first_name=name, last_name="")
    session.commit()
    names = [each["text"] for each in login(manager).get("/messages/lookup").json]
    assert names == ["آرش", "پریسا", "گیتی", "واحد", "یاسمن"]


def test_a_name_of_former_days_keeps_its_user_name_in_the_key(session, person):
    names, key = ("search_key", "sort_key"), person.id
    before = stored(session, Member, key, *names)
    put(session, Member, key, first_name="علي‌رضا", last_name="كاظمي", search_key="", sort_key="")
    assert write_persian_letters() == (1, 0)
    assert stored(session, Member, key, *names) == before


def test_the_migration_fills_the_keys_in_batches(session, organization, person, monkeypatch):
    path = VERSIONS / "20261130_search_of_members.py"
    spec = importlib.util.spec_from_file_location("migration", path)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    monkeypatch.setattr(migration, "_BATCH", 1)
    names = ("search_key", "sort_key")
    people = session.scalars(select(Member.id).where(Member.username.startswith("alireza"))).all()
    assert len(people) == 3
    before = [stored(session, Member, key, *names) for key in people]
    for key in people:
        put(session, Member, key, search_key="", sort_key="")

    with Operations.context(MigrationContext.configure(session.connection())):
        migration._fill_keys()

    assert [stored(session, Member, key, *names) for key in people] == before


def test_the_keys_stay_out_of_the_trail(session, person):
    person.first_name = "پژمان"
    session.commit()
    written = [str((each.before, each.after)) for each in session.scalars(select(AuditEvent))]
    assert any("پژمان" in each for each in written)
    assert not any(name in each for each in written for name in ("search_key", "sort_key"))
