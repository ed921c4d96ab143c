"""«مشاور» of rows without an owner of their own: the column, the filter, and who gets neither."""

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.panel.check.declarations import problems_of
from app.panel.displays.owners import OWNERS, Owners
from app.panel.export.values import exporter_of
from app.panel.export.writer import pages_of
from app.panel.queries import cursor
from app.panel.section import Section
from models.base import Tenant
from models.follow_up import FollowUp, FollowUpStatus
from models.tenancy.own_rows import OwnRows
from models.tenancy.scope import Actor, actor_of, bind
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, member
from views.sales.customer import Customers
from views.sales.order.section import Orders

# Sections of rows that a member owns, of which nobody else has to ask whose they are: they show the author themselves.
# A payment is shown on its sale. Repeats show the consultant of their first order instead, and a dossier belongs to the consultants of all of its customers.
NOBODYS_WORK = {"imports", "exports", "jobs", "repeated-orders", "dossiers", "transactions", "tickets"}


@pytest.fixture
def people(session, organization, manager):
    names = ("زهرا", "علی", "نگار", "رضا")
    found = [
        member("Consultant", organization, f"c{n}", first_name=name, last_name="")
        for n, name in enumerate(names)
    ]
    session.commit()
    return found


def work_of(customer, person, **fields):
    row = FollowUpFactory(consultant_id=person.id, order__customer=customer)
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def cells(page, name):
    """The row that has *name*."""
    return next(row for row in page.split("<tr ") if name in row)


class TestTheColumn:
    def test_names_two_of_the_newest_work_and_the_number_of_the_others(self, session, login, manager, people):
        customer = CustomerFactory(last_name="پرکار")
        for person in [*people, people[0]]:
            work_of(customer, person)
        session.commit()

        assert "زهرا، رضا +۲" in cells(login(manager).get("/customers/").text, "پرکار")

    def test_counts_closed_work_and_neither_deleted_nor_other_customers_work(
        self, session, login, manager, people
    ):
        customer = CustomerFactory(last_name="شریفی")
        work_of(customer, people[0], status=FollowUpStatus.WON)
        work_of(customer, people[1], deleted_at=now())
        work_of(CustomerFactory(), people[2])
        session.commit()

        row = cells(login(manager).get("/customers/").text, "شریفی")

        assert "زهرا" in row
        assert not {"علی", "نگار"} & {word for word in ("علی", "نگار") if word in row}

    def test_is_on_the_page_of_an_order_and_in_an_export(self, session, login, manager, people):
        customer = CustomerFactory(last_name="شریفی")
        key = work_of(customer, people[3]).order_id
        for person in people[:3]:
            work_of(customer, person)
        session.commit()

        assert "رضا" in login(manager).get(f"/orders/show/{key}").text
        section = object.__new__(Customers)
        order = cursor.Ordering(section.model.id, section.model.id, True, False)
        [rows] = pages_of(
            section,
            [section.describe(OWNERS)],
            select(section.model).where(section.model.id == customer.id),
            order,
        )
        write = exporter_of(section, section.describe(OWNERS), None, masked=False)
        assert write(rows[0]) == "نگار، علی، زهرا، رضا"

    @pytest.mark.parametrize("section", ["customers", "orders"])
    def test_takes_one_statement_for_a_page(self, session, login, manager, people, statements, section):
        browser = login(manager)
        seen = []
        for _ in range(2):
            for person in people:
                work_of(CustomerFactory(), person)
            session.commit()
            browser.get(f"/{section}/")
            statements.clear()
            browser.get(f"/{section}/")
            seen.append(len(statements))
        assert seen[0] == seen[1] <= 6

    @pytest.mark.parametrize("section", ["customers", "orders"])
    def test_is_not_for_a_consultant(self, session, login, people, section):
        customer = CustomerFactory(last_name="مشترک", created_by_id=people[0].id)
        first = work_of(customer, people[0])
        work_of(customer, people[1])
        session.commit()
        browser = login(people[0])

        for address in (
            "",
            "?columns=owners",
            "print",
            f"show/{customer.id if section == 'customers' else first.order_id}",
        ):
            page = browser.get(f"/{section}/{address}").text
            assert "مشترک" in page
            assert "علی" not in page
        assert 'value="owners"' not in browser.get(f"/{section}/table").text
        assert "owners" not in browser.get(f"/{section}/filters", headers={"HX-Request": "true"}).text
        # An unknown filter is shown as wrong; it limits nothing.
        assert "مشترک" in browser.get(f"/{section}/?f_owners={people[1].id}").text


class TestTheFilter:
    @pytest.fixture
    def rows(self, session, people):
        """A customer of each of three people, one of two, and one of nobody."""
        rows = {"زهرایی": [0], "علوی": [1], "نگاری": [2], "دونفره": [0, 1], "بی‌کس": []}
        for name, owners in rows.items():
            customer = CustomerFactory(last_name=name)
            OrderFactory(customer=customer)
            for number in owners:
                work_of(customer, people[number])
        deleted = CustomerFactory(last_name="حذفی")
        work_of(deleted, people[0], deleted_at=now())
        session.commit()
        return rows

    def found(self, browser, address, rows):
        page = browser.get(address).text
        return {name for name in [*rows, "حذفی"] if f"{name}</a>" in page}

    @pytest.mark.parametrize("section", ["customers", "orders"])
    def test_finds_the_rows_of_one_and_of_several(self, login, manager, people, rows, section):
        browser = login(manager)
        first, second = (f"f_owners={people[n].id}" for n in (0, 1))

        assert self.found(browser, f"/{section}/?{first}", rows) == {"زهرایی", "دونفره"}
        assert self.found(browser, f"/{section}/?{first}&{second}", rows) == {"زهرایی", "دونفره", "علوی"}
        assert self.found(browser, f"/{section}/?{first}&size=25&sort=ordered_at", rows) == {
            "زهرایی",
            "دونفره",
        }

    def test_a_stranger_matches_nothing(self, session, login, manager, rows, stranger_organization):
        # Founding the other organisation has detached the manager.
        session.add(manager)
        browser = login(manager)
        stranger = member("Consultant", stranger_organization, "stranger")
        key, here = stranger.id, actor_of(session).organization_id
        bind(session, Actor(stranger_organization.id))
        work_of(CustomerFactory(last_name="غریبه"), stranger)
        bind(session, Actor(here))
        session.commit()

        page = browser.get(f"/customers/?f_owners={key}").text

        assert "غریبه" not in page
        assert self.found(browser, f"/customers/?f_owners={key}", rows) == set()

    def test_a_wrong_value_gets_a_message(self, login, manager, rows):
        answer = login(manager).get("/customers/?f_owners=x")

        assert answer.status_code == 200
        assert "یکی از" in answer.text

    def test_offers_the_members_by_name(self, login, manager, people):
        page = login(manager).get("/orders/filters?field=owners", headers={"HX-Request": "true"}).text

        assert all(person.first_name in page for person in people)
        assert login(manager).get("/orders/lookup/owners?q=زهرا").status_code == 200

    def test_selects_the_rows_of_a_bulk_act(self, session, login, manager, people, rows):
        data = {"action": "reassign", "_all": "1", "_query": f"f_owners={people[0].id}", "_step": "run"}
        login(manager).post("/customers/action_post", data=data | {"member": people[3].id})

        browser = login(manager)
        assert self.found(browser, f"/customers/?f_owners={people[3].id}", rows) == {"زهرایی", "دونفره"}
        assert self.found(browser, f"/customers/?f_owners={people[2].id}", rows) == {"نگاری"}

    def test_reads_keys_from_an_index_of_each_member(self, people):
        condition = object.__new__(Orders).owners.condition([1, 2])

        assert isinstance(condition.clause, OwnRows)
        assert len(condition.clause.sources) == 2


class TestTheDeclaration:
    @pytest.mark.parametrize(
        ("owners", "reason"),
        [
            (Owners(FollowUp.order, FollowUp.consultant), "leads to Order, not to Customer"),
            (Owners(FollowUp.customer, FollowUp.product), "leads to Product, not to Member"),
        ],
    )
    @pytest.mark.usefixtures("app")
    def test_that_leads_elsewhere_stops_the_start(self, owners, reason):
        class Wrong(Customers):
            model = Customers.model
            slug = "wrong"

        Section.forget(Wrong)
        Wrong.owners = owners
        view = object.__new__(Wrong)

        assert reason in "\n".join(map(str, problems_of(view, [view])))

    def test_every_section_of_owned_rows_says_whose_they_are(self):
        silent = set()
        for section in Section.registry:
            model = section.model
            if not section.__module__.startswith("views.") or not issubclass(model, Tenant):
                continue
            if section.only_in is not None:  # its parent says it
                continue
            is_owned = model.owned_by(1) is not None
            names = {OWNERS, "sender", *model.owner_names()}
            if is_owned and not (names & {*section.columns} and names & {*section.filters}):
                silent.add(section.slug)
        assert silent - NOBODYS_WORK == set()
