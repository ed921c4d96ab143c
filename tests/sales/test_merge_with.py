"""«Merge with …» in the ⋮ menu: the other customer is found by name or number, then both are compared."""

import pytest

from models.customer import CustomerPhone
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, member

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def neighbour(stranger_organization):
    """Another organisation, made first: what was loaded before it is detached."""
    return stranger_organization


@pytest.fixture
def url(twins):
    return f"/customers/{twins[0].id}/merge-with"


def link_to(first, second):
    return f'href="/customers/merge?rowid={first}&amp;rowid={second}"'


@pytest.fixture
def links(session, twins):
    """The links from the first customer to the comparison with the second and with the third one."""
    return [link_to(twins[0].id, key) for key in (twins[1].id, twins[1].id + 1)]


class TestMenu:
    def test_leads_to_the_search(self, login, manager, twins, url):
        client = login(manager)

        assert "/customers/__pk__/merge-with" in client.get("/customers/").text
        assert url in client.get(f"/customers/show/{twins[0].id}").text

    @pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
    def test_is_for_members_with_the_right(self, session, login, organization, twins, url, role):
        person = member(role, organization)
        twins[0].created_by_id = person.id
        session.commit()
        client = login(person)

        for path in ("/customers/", f"/customers/show/{twins[0].id}"):
            answer = client.get(path)
            assert (answer.status_code, "merge-with" in answer.text) == (200, False)
        assert client.get(url).status_code == 403


class TestSearch:
    def test_begins_with_those_of_the_same_name(self, login, manager, url, links):
        page = login(manager).get(url).text

        assert [link in page for link in links] == [True, False]
        assert 'value="علی رضایی"' in page

    @pytest.mark.parametrize("text", ["مانده", "تنها ماند", " تنها "])
    def test_finds_by_name(self, login, manager, url, links, text):
        page = login(manager).get(url, query_string={"q": text}, headers=HTMX).text

        assert [link in page for link in links] == [False, True]
        assert "<html" not in page

    def test_finds_by_number(self, session, login, manager, url, links, twins):
        session.add(CustomerPhone(customer_id=twins[1].id, number="09121110000"))
        client = login(manager)
        mobile = twins[1].mobile.replace("+98", "0")

        page = client.get(url, query_string={"q": mobile}).text

        assert [link in page for link in links] == [True, False]

    @pytest.mark.parametrize("text", ["", "   ", "نیست", "%", "\0", "x" * 500])
    def test_of_nothing_finds_nobody(self, login, manager, url, text):
        answer = login(manager).get(url, query_string={"q": text})

        assert answer.status_code == 200
        assert "merge?rowid" not in answer.text

    def test_of_a_customer_without_a_name_begins_empty(self, session, login, manager):
        nameless = CustomerFactory(first_name=None, last_name=None)
        session.commit()

        page = login(manager).get(f"/customers/{nameless.id}/merge-with").text

        assert "کدام مشتری همین شخص است؟" in page

    def test_shows_neither_itself_nor_deleted_nor_foreign_ones(
        self, session, login, manager, twins, url, links, organization, stranger_organization
    ):
        own = twins[0].id
        twins[1].deleted_at = twins[1].created_at
        session.commit()
        bind(session, Actor(stranger_organization.id))
        foreign = CustomerFactory(first_name="علی", last_name="رضایی").id
        session.commit()

        page = login(manager).get(url).text

        assert "مشتری دیگری یافت نشد" in page
        assert link_to(own, foreign) not in page
        assert links[0] not in page

    def test_names_the_newest_and_says_that_there_are_more(self, session, login, manager, url):
        for _each in range(21):
            CustomerFactory(first_name="علی", last_name="رضایی")
        session.commit()

        page = login(manager).get(url, headers=HTMX).text

        assert page.count("merge?rowid") == 20
        assert "مشتریان بیشتری هست" in page

    def test_of_a_stranger_is_not_found(self, login, stranger_organization, url):
        client = login(member("Manager", stranger_organization))

        assert client.get(url).status_code == 404
        assert client.get("/customers/99999999/merge-with").status_code == 404

    def test_leads_to_the_comparison_and_the_merge(self, login, manager, url, twins):
        client = login(manager)
        path = link_to(twins[0].id, twins[1].id)[6:-1].replace("&amp;", "&")

        assert "قدیمی‌ترین" in client.get(path).text

    def test_costs_few_statements(self, login, manager, url, statements):
        client = login(manager)
        client.get(url)
        statements.clear()
        client.get(url)

        assert len(statements) <= 6
