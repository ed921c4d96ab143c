"""The pages of duplicates and merges: who may, what they show, and what happens when somebody else was faster."""

import json
import re

import pytest
from sqlalchemy import select

from app.lib.mobile import display_mobile
from app.lib.persian import persian_digits
from models.customer import Customer
from models.customer_merge import CustomerMerge
from models.job import BulkJob, JobStatus
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, member
from tests.panel.records.bulk_steps import work
from tests.sales.merge_steps import PAGE
from tests.sales.merge_steps import post_merge as merge

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def neighbour(stranger_organization):
    """Another organisation, made first: what was loaded before it is detached."""
    return stranger_organization


class TestMerge:
    def test_compares_and_merges(self, login, manager, twins, session):
        first, second = twins
        browser = login(manager)
        answer = merge(browser, first, second, city=second.id, mobile=first.id)
        session.expire_all()

        assert answer.location.endswith(f"/customers/show/{first.id}")
        assert (first.city, second.merged_into_id) == ("یزد", first.id)
        page = browser.get(answer.location).text
        assert json.dumps("ادغام شد")[1:-1] in page
        assert "/customers/undo-merge/" in page

    def test_the_address_of_a_merged_one_leads_to_the_survivor(self, login, manager, twins, session):
        first, second = twins
        third = CustomerFactory()
        session.commit()
        browser = login(manager)
        merge(browser, second, third)
        merge(browser, first, second)

        for each in (second, third):
            assert browser.get(f"/customers/show/{each.id}").location == f"/customers/show/{first.id}"

    def test_the_address_leads_those_who_may_see_the_survivor(
        self, login, manager, consultant, colleague, twins, session
    ):
        first, second = twins
        FollowUpFactory(order__customer=second, consultant_id=consultant.id)
        session.commit()
        merge(login(manager), first, second)

        own = login(consultant).get(f"/customers/show/{second.id}")
        assert own.location == f"/customers/show/{first.id}"
        assert login(colleague).get(f"/customers/show/{second.id}").status_code == 404

    def test_a_deleted_survivor_leads_nowhere(self, login, manager, twins):
        first, second = twins
        browser = login(manager)
        merge(browser, first, second)
        browser.post(f"/customers/delete/{first.id}")

        assert browser.get(f"/customers/show/{second.id}").status_code == 404

    def test_is_refused_after_a_change_with_what_was_chosen(self, login, manager, twins, session):
        first, second = twins
        browser = login(manager)
        page = browser.get("/customers/merge", query_string=[("rowid", each.id) for each in twins]).text
        versions = re.search(r'name="versions" value="([^"]*)"', page)[1]
        second.email = "new@example.ir"
        session.commit()
        data = {"rowid": [first.id, second.id], "versions": versions, "city": second.id}
        answer = browser.post("/customers/merge", data=data)

        assert answer.status_code == 409
        assert re.search(rf'name="city" value="{second.id}" checked', answer.text)
        assert "new@example.ir" in answer.text
        session.expire_all()
        assert second.merged_into_id is None

    def test_the_second_of_two_managers_is_told(self, login, manager, twins, session):
        first, second = twins
        browser = login(manager)
        versions = ",".join(f"{each.id}:{each.row_version}" for each in twins)
        data = {"rowid": [first.id, second.id], "versions": versions}
        assert browser.post("/customers/merge", data=data).status_code == 302
        answer = browser.post("/customers/merge", data=data)

        assert answer.status_code == 409
        assert "در این فاصله" in answer.text
        assert len(session.scalars(select(CustomerMerge)).all()) == 1

    @pytest.mark.parametrize("count", [1, 6])
    def test_takes_two_to_five(self, login, manager, session, count):
        people = [CustomerFactory() for _ in range(count)]
        session.commit()
        keys = [("rowid", each.id) for each in people]
        answer = login(manager).get("/customers/merge", query_string=keys)

        assert answer.location.endswith(PAGE)

    def test_from_the_bulk_bar(self, login, manager, twins):
        browser, keys = login(manager), [each.id for each in twins]
        listed = browser.get("/customers/").text
        assert re.search(r'formaction="/customers/merge-chosen"[^>]*>.*?ادغام مشتریان</button>', listed)
        assert PAGE in listed
        answer = browser.post("/customers/merge-chosen", data={"rowid": keys}, headers=HTMX)
        assert answer.headers["HX-Redirect"] == f"/customers/merge?rowid={keys[0]}&rowid={keys[1]}"
        assert browser.get(answer.headers["HX-Redirect"]).status_code == 200

        for data in ({"rowid": keys[:1]}, {"_all": "1"}):
            refused = browser.post("/customers/merge-chosen", data=data, headers=HTMX)
            assert json.loads(refused.headers["HX-Trigger"])["toast"]["level"] == "danger"


class TestJob:
    """Many rows move in the background."""

    @pytest.fixture(autouse=True)
    def many(self, monkeypatch):
        monkeypatch.setattr("views.merging.section.MOST_MOVED", 2)

    @pytest.fixture
    def busy(self, twins, session):
        """The second customer has three rows besides their phone, so that more than two move."""
        for _ in range(3):
            OrderFactory(customer=twins[1])
        session.commit()
        return twins

    @pytest.fixture
    def state(self, busy, session):
        """A function: (the city of the first customer, the survivor of the second one)."""
        first, second = (each.id for each in busy)

        def read():
            found = dict.fromkeys((first, second))
            statement = select(Customer.id, Customer.city, Customer.merged_into_id)
            for key, *values in session.execute(statement, execution_options={"with_deleted": True}):
                found[key] = values
            return found[first][0], found[second][1]

        return read

    def test_merges_and_is_undone(self, login, manager, busy, state, session, organization):
        first, second = (each.id for each in busy)
        browser = login(manager)
        answer = merge(browser, *busy, city=second)
        assert state() == ("قم", None)
        job = work(session, organization)

        assert answer.location == f"/jobs/{job.id}"
        assert (job.status, job.done, job.failed) == (JobStatus.DONE, 2, 0)
        assert state() == ("یزد", first)
        url = f"/customers/undo-merge/{session.scalar(select(CustomerMerge.id))}"
        assert url in browser.get(answer.location).text
        browser.post(url)
        assert state() == ("قم", None)

    def test_few_rows_move_at_once(self, login, manager, twins, session):
        assert "/customers/show/" in merge(login(manager), *twins).location
        assert session.scalar(select(BulkJob.id)) is None

    def test_touches_no_other_customer(self, login, manager, busy, session, organization):
        merge(login(manager), *busy)
        work(session, organization)
        statement = select(Customer.merged_into_id, Customer.deleted_at).where(Customer.last_name == "مانده")

        assert session.execute(statement).one() == (None, None)

    def test_is_refused_after_a_change(self, login, manager, busy, state, session, organization):
        merge(login(manager), *busy)
        busy[1].city = "ری"
        session.commit()
        job = work(session, organization)

        assert state() == ("قم", None)
        assert (job.status, job.failed) == (JobStatus.DONE, 2)
        assert session.scalar(select(CustomerMerge.id)) is None

    def test_ends_with_the_right(self, login, manager, busy, state, session, organization):
        merge(login(manager), *busy)
        manager.active = False
        session.commit()

        assert work(session, organization).status is JobStatus.FAILED
        assert state() == ("قم", None)


class TestUndo:
    def test_from_the_list_and_from_the_page_of_the_customer(self, login, manager, twins, session):
        first, second = twins
        browser = login(manager)
        merge(browser, first, second)
        act = session.scalar(select(CustomerMerge))
        url = f"/customers/undo-merge/{act.id}"
        for page in (f"/customers/show/{first.id}", f"{PAGE}?by=merges"):
            assert f'data-post="{url}"' in browser.get(page).text
        answer = browser.post(url, headers=HTMX)
        session.expire_all()

        assert answer.headers["HX-Redirect"] == f"/customers/show/{first.id}"
        assert (second.merged_into_id, second.deleted_at) == (None, None)
        for page in (f"/customers/show/{first.id}", f"{PAGE}?by=merges"):
            assert f'data-post="{url}"' not in browser.get(page).text
        assert "بازگردانده" in persian_digits(browser.get(f"{PAGE}?by=merges").text)

    def test_a_second_time_is_told(self, login, manager, twins, session):
        browser = login(manager)
        merge(browser, *twins)
        url = f"/customers/undo-merge/{session.scalar(select(CustomerMerge.id))}"
        browser.post(url)
        answer = browser.post(url, headers=HTMX)

        assert "پیش‌تر" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]


class TestRights:
    @pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
    def test_others_have_no_button_and_no_page(self, login, organization, twins, session, role):
        person = member(role, organization)
        twins[0].created_by_id = twins[1].created_by_id = person.id
        session.commit()
        browser = login(person)
        keys = [("rowid", each.id) for each in twins]

        listed = browser.get("/customers/").text
        assert "duplicates" not in listed
        assert "merge" not in listed
        for path in (PAGE, "/customers/merge"):
            assert browser.get(path, query_string=keys).status_code == 403
        for path in ("/customers/merge", "/customers/merge-chosen", "/customers/undo-merge/1"):
            assert browser.post(path, data={"rowid": [each.id for each in twins]}).status_code == 403
        session.expire_all()
        assert twins[1].merged_into_id is None

    def test_of_another_organisation_nothing_is_found(
        self, login, manager, twins, session, organization, stranger_organization
    ):
        browser, mine = login(manager), twins[0].id
        bind(session, Actor(stranger_organization.id))
        strange = [CustomerFactory().id, CustomerFactory().id]
        session.commit()
        for keys in (strange, [mine, strange[0]]):
            assert (
                browser.get("/customers/merge", query_string=[("rowid", key) for key in keys]).status_code
                == 404
            )
            versions = ",".join(f"{key}:1" for key in keys)
            assert (
                browser.post("/customers/merge", data={"rowid": keys, "versions": versions}).status_code
                == 404
            )
        session.expire_all()
        bind(session, Actor(stranger_organization.id))
        assert session.scalars(select(Customer.merged_into_id)).unique().all() == [None]

    def test_of_another_organisation_nothing_is_undone(
        self, login, manager, twins, session, stranger_organization
    ):
        mobile = display_mobile(twins[0].mobile)
        merge(login(manager), *twins)
        key = session.scalar(select(CustomerMerge.id))
        browser = login(member("Manager", stranger_organization))

        assert browser.post(f"/customers/undo-merge/{key}").status_code == 404
        assert mobile not in browser.get(f"{PAGE}?by=merges").text
