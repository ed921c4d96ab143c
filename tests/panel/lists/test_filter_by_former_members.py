"""Lists are filtered by members who were switched off, whose rows stay; forms do not offer them."""

import re

import pytest

from app.panel.filters import choices
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, TaskFactory, member

LABEL = "سارا former (غیرفعال)"


@pytest.fixture
def former(session, organization, stranger_organization, manager, colleague):
    """A member who left, with a follow-up and a task; beside them a colleague's, and a former member elsewhere."""
    member("Consultant", stranger_organization, "elsewhere", active=False)
    person = member("Consultant", organization, "former")
    for owner in (colleague, person):
        FollowUpFactory(consultant_id=owner.id)
        TaskFactory(owner_id=owner.id)
    person.active = False
    session.commit()
    bind(session, Actor(organization.id, manager.id))
    session.add_all([manager, person])
    return person


@pytest.fixture
def browser(login, manager, former):
    return login(manager)


def shown(page):
    return set(re.findall(r'data-pk="(\d+)"', page))


@pytest.mark.parametrize(("section", "name"), [("follow-ups", "consultant"), ("tasks", "owner")])
class TestFilters:
    def test_offer_them_marked_after_the_others(self, browser, section, name):
        form = browser.get(f"/{section}/filters?field={name}", headers={"HX-Request": "true"}).text
        labels = re.findall(r"<span>([^<]+)</span></label>", form)
        assert labels[-1] == LABEL
        assert sum("غیرفعال" in label for label in labels) == 1

    def test_find_their_rows(self, browser, former, section, name):
        page = browser.get(f"/{section}/?tab=all&f_{name}={former.id}").text
        assert len(shown(page)) == 1
        assert former.full_name in page

    def test_are_looked_up_where_there_are_many(self, browser, monkeypatch, former, section, name):
        monkeypatch.setattr(choices, "MOST_OPTIONS", 1)
        form = browser.get(f"/{section}/filters?f_{name}={former.id}").text
        assert f'<option value="{former.id}" selected>{LABEL}</option>' in form
        [url] = re.findall(rf'data-url="(/{section}/lookup/{name}[^"]*)"', form)
        assert browser.get(f"{url}&q=former").json == [{"value": str(former.id), "text": LABEL}]


def test_a_form_offers_them_nowhere(browser, former):
    assert browser.get("/tasks/lookup/owner?q=former").json == []
    sent = {"title": "یک", "owner": former.id}
    assert browser.post("/tasks/add", data=sent).status_code == 422


def test_who_may_not_filter_by_members_looks_up_no_former_one(login, colleague, former):
    assert login(colleague).get("/tasks/lookup/owner?filter=1&q=former").json == []


def test_the_events_of_a_former_member_are_found(session, browser, former):
    assert LABEL in browser.get("/audit/filters").text
    assert browser.get(f"/audit/?f_actor={former.id}").status_code == 200
