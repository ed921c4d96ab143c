"""The cells of the permission matrix for the dashboard: whose rows it shows to whom."""

from datetime import timedelta

import pytest

from app.lib.clock import now
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as
from tests import factories
from tests.support.canaries import Reader, canary, foreign_words
from tests.support.cells import CELLS

ACTORS = ("Consultant", "SupportAgent", "Manager", "Operator", "Admin")
HTMX = {"HX-Request": "true"}
PARTS = ("results", "league", "contact", "answers")
LATE = timedelta(hours=5)


def late_one(owner):
    """A late follow-up of *owner*, whose customer has the word of the owner as their name."""
    customer = factories.CustomerFactory(last_name=canary(owner.organization_id, owner.id))
    order = factories.OrderFactory(customer=customer, status="assigned")
    return factories.FollowUpFactory(order=order, consultant_id=owner.id, next_at=now() - LATE)


@pytest.fixture
def people(session, organization, stranger_organization, manager, consultant, colleague):
    """The owners of the rows by scope; each has a late follow-up, a sale and a task of today."""
    with acting_as(session, Actor(stranger_organization.id)):
        home = session.get(Organization, stranger_organization.id)
        stranger = factories.member("Consultant", home, "abroad")
        late_one(stranger)
        session.commit()
        found = {"other-org": stranger.id}
    for scope, owner in (("own", consultant), ("same-org", colleague)):
        found[scope] = owner.id
        late_one(owner)
        factories.SaleFactory(consultant_id=owner.id)
        factories.TaskFactory(owner_id=owner.id, due_on=now().date())
    session.commit()
    return found


def cells(actor, channel):
    return {
        cell.scope: cell.expect
        for cell in CELLS
        if (cell.section, cell.actor, cell.channel) == ("dashboard", actor, channel)
    }


@pytest.mark.parametrize("scope", ["own", "same-org", "other-org"])
def test_a_consultant_sees_own_rows_alone(session, login, consultant, people, scope):
    word = canary(consultant.organization_id, people[scope])
    page = login(consultant).get("/dashboard/").text

    assert (word in page) is (cells("Consultant", "html")[scope] == "200 with the row")
    assert 'data-pk="' in page


@pytest.mark.parametrize("scope", ["own", "same-org", "other-org"])
def test_a_manager_sees_the_rows_of_the_organisation(session, login, manager, people, scope):
    page = login(manager).get(f"/dashboard/?consultant={people[scope]}").text
    organization = manager.organization_id

    assert (canary(organization, people[scope]) in page) is (
        cells("Manager", "html")[scope] == "200 with the row"
    )
    assert ("این مشاور در سازمان شما نیست." in page) is (scope == "other-org")


@pytest.mark.parametrize("actor", ACTORS)
def test_no_page_and_no_part_has_a_word_of_others(session, login, organization, people, actor):
    home = None if actor in {"Operator", "Admin"} else organization
    person = factories.member(actor, home, f"{actor}-someone")
    client, organization_id = login(person), getattr(home, "id", None)
    reader = Reader(person.id, organization_id, own_only=actor == "Consultant")
    answers = [
        client.get("/dashboard/"),
        *(client.get(f"/dashboard/part/{name}", headers=HTMX) for name in PARTS),
    ]

    assert set(cells(actor, "html").values()) <= {"200 with the row", "200, rows of that scope absent"}
    assert answers[0].status_code == 200
    assert [foreign_words(answer.text, reader) for answer in answers] == [[]] * 5


@pytest.mark.parametrize(
    ("actor", "opened"), [("Consultant", {"results"}), ("Manager", set(PARTS)), ("SupportAgent", set())]
)
def test_a_part_opens_for_those_whose_dashboard_has_it(session, login, organization, people, actor, opened):
    client = login(factories.member(actor, organization, f"{actor}-someone"))

    found = {name for name in PARTS if client.get(f"/dashboard/part/{name}", headers=HTMX).status_code == 200}

    assert found == opened
    assert client.get("/dashboard/part/unknown", headers=HTMX).status_code == 404


@pytest.mark.parametrize("actor", ["Operator", "Admin"])
def test_the_people_of_the_platform_see_no_row_of_an_organisation(session, login, people, actor):
    page = login(factories.member(actor, None)).get("/dashboard/").text

    assert 'data-pk="' not in page
    assert ('href="/organizations/?f_status=active"' in page) is (actor == "Admin")
    assert ('href="/readyz"' in page) is (actor == "Admin")


@pytest.mark.parametrize("scope", ["same-org", "other-org"])
def test_an_admin_sees_the_organisation_that_they_act_in(session, login, organization, people, scope):
    client = login(factories.member("Admin", None))
    client.post(f"/organizations/enter/{organization.id}")
    page = client.get(f"/dashboard/?consultant={people[scope]}").text

    assert (canary(organization.id, people["same-org"]) in page) is (scope == "same-org")
    assert canary(organization.id + 1, people["other-org"]) not in page


def test_strangers_are_sent_to_the_login(app, session):
    assert cells("anonymous", "html")["own"] == "302 /login/"
    assert app.test_client().get("/dashboard/").location.startswith("/login/")
    assert app.test_client().get("/dashboard/part/results").status_code == 302
    assert app.test_client().get("/api/v1/dashboard/").status_code == 404


@pytest.mark.parametrize("actor", ACTORS)
def test_there_is_no_rest(session, login, organization, actor):
    person = factories.member(actor, None if actor in {"Operator", "Admin"} else organization)

    assert set(cells(actor, "api").values()) == {"404"}
    assert login(person).get("/api/v1/dashboard/").status_code == 404
