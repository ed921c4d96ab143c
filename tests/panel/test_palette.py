"""The palette finds what its member may open, and nothing else."""

import pytest

from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, member

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def ask(login):
    """What the palette says to *person* of *text*: labels, hints and addresses by group."""

    def asked(person, text):
        answer = login(person).get("/palette/rows", query_string={"q": text})
        assert answer.status_code == 200
        return [(group["label"], [each["label"] for each in group["choices"]]) for group in answer.json]

    return asked


@pytest.fixture
def ali(manager):
    return CustomerFactory(first_name="علي", last_name="رضا‌ئی", mobile="09121234567")


@pytest.mark.parametrize("text", ["علیرضایی", "علی رضایی", "۰۹۱۲ ۱۲۳", "+989121234567", "4567"])
def test_a_customer_is_found_by_name_or_number_however_it_is_typed(ask, manager, ali, text):
    assert ask(manager, text) == [("مشتریان", [str(ali)])]


def test_what_is_found_leads_to_its_page_and_tells_the_number(login, manager, ali):
    [group] = login(manager).get("/palette/rows?q=4567").json

    assert group["choices"][0]["url"] == f"/customers/show/{ali.id}"
    assert group["choices"][0]["hint"] == "۰۹۱۲ ۱۲۳ ۴۵۶۷"


@pytest.mark.parametrize("text", ["", " ", "ع", "%%", "_____", "\\\\", "\0\0"])
def test_too_short_a_word_or_a_mere_sign_finds_nobody(ask, manager, ali, text):
    assert ask(manager, text) == []


def test_at_most_eight_are_shown_the_newest_first(login, manager):
    people = [CustomerFactory(last_name="احمدی") for _ in range(9)]

    [group] = login(manager).get("/palette/rows?q=احمدی").json

    assert [each["url"] for each in group["choices"]] == [
        f"/customers/show/{person.id}" for person in reversed(people[1:])
    ]


def test_a_consultant_finds_his_own_customers_only(
    ask, session, manager, organization, consultant, colleague
):
    with acting_as(session, Actor(organization.id, colleague.id)):
        CustomerFactory(last_name="احمدی", created_by_id=colleague.id)
    with acting_as(session, Actor(organization.id, consultant.id)):
        own = CustomerFactory(last_name="احمدی", created_by_id=consultant.id)

    assert ask(consultant, "احمدی") == [("مشتریان", [str(own)])]


def test_nobody_finds_another_organisations_customers(ask, session, manager, ali, stranger_organization):
    stranger = member("Manager", stranger_organization)

    assert ask(stranger, "4567") == []


def test_a_platform_admin_who_acts_nowhere_finds_nobody(ask, manager, ali):
    assert ask(member("Admin", None), "4567") == []


def test_whoever_may_not_open_customers_is_not_shown_them(ask, manager, ali):
    assert ask(member("Operator", None), "4567") == []


def test_what_can_be_added_depends_on_the_role(login, manager, consultant, organization):
    def urls(person):
        return [each["url"] for each in login(person).get("/palette/").json[0]["choices"]]

    agent = member("SupportAgent", organization)

    assert "/products/add" in urls(manager)
    assert "/products/add" not in urls(consultant)
    assert "/customers/add" in urls(consultant)
    assert urls(agent) == ["/tasks/add", "/tickets/add", "/transactions/add"]


def test_a_stranger_is_sent_to_the_login(app, session):
    assert app.test_client().get("/palette/rows?q=4567").status_code == 302
    assert app.test_client().get("/palette/", headers={"HX-Request": "true"}).status_code == 401


def test_a_question_costs_one_statement_for_each_section(login, manager, ali, statements):
    browser = login(manager)
    browser.get("/palette/rows?q=4567")
    statements.clear()

    browser.get("/palette/rows?q=4567")

    # The session, customers, dossiers and tasks.
    assert len(statements) <= 4


@pytest.mark.parametrize("role", ["Manager", "Consultant", "SupportAgent", "Admin"])
def test_each_page_that_is_offered_for_adding_opens(session, login, manager, organization, role):
    browser = login(member(role, None if role == "Admin" else organization, "other"))
    offered = [each["url"] for each in browser.get("/palette/").json[0]["choices"]]

    assert offered
    assert {url: browser.get(url).status_code for url in offered} == dict.fromkeys(offered, 200)
