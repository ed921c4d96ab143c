"""The page of duplicates: who is in a group, how many statements it takes, and where it goes on."""

import re

import pytest

from models.customer import CustomerPhone
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, OrderFactory
from tests.sales.merge_steps import PAGE


@pytest.fixture(autouse=True)
def neighbour(stranger_organization):
    """Another organisation, made first: what was loaded before it is detached."""
    return stranger_organization


class TestDuplicates:
    def test_shows_those_who_share_a_number_in_any_field(self, login, manager, twins):
        page = login(manager).get(PAGE).text

        assert "تنها مانده" not in page
        assert all(f'value="{each.id}" checked' in page for each in twins)

    def test_shows_those_who_share_a_number_as_another_phone(self, login, manager, session):
        people = [CustomerFactory(last_name=name) for name in ("آبی", "سبز", "زرد")]
        for each in people[:2]:
            session.add(CustomerPhone(customer_id=each.id, number="02188776655"))
        session.commit()
        page = login(manager).get(PAGE).text

        assert "آبی" in page
        assert "سبز" in page
        assert "زرد" not in page

    def test_shows_those_with_one_name_and_city_however_spelt(self, login, manager, twins, session):
        browser = login(manager)
        assert "رضایی" not in browser.get(f"{PAGE}?by=name").text
        for each in twins:
            each.city = "تهران"
        CustomerFactory(first_name="علی", last_name=None, city="تهران")
        CustomerFactory(first_name="علی", last_name=None, city="تهران")
        session.commit()
        page = browser.get(f"{PAGE}?by=name").text

        assert all(f'value="{each.id}" checked' in page for each in twins)
        assert page.count('name="rowid"') == 2

    def test_leaves_out_deleted_and_merged_ones_and_those_of_others(
        self, login, manager, twins, session, stranger_organization
    ):
        browser, first = login(manager), twins[0]
        numbers = [each.mobile for each in twins]
        bind(session, Actor(stranger_organization.id))
        strange = CustomerFactory(last_name="بیگانه", mobile=numbers[0])
        session.add(CustomerPhone(customer_id=strange.id, number=numbers[1]))
        session.commit()
        bind(session, Actor(manager.organization_id))
        assert "بیگانه" not in browser.get(PAGE).text
        assert browser.post(f"/customers/delete/{first.id}").status_code == 302

        assert 'name="rowid"' not in browser.get(PAGE).text

    def test_goes_on_page_by_page(self, login, manager, session):
        for number in range(25):
            for each in (CustomerFactory(), CustomerFactory()):
                session.add(CustomerPhone(customer_id=each.id, number=f"0218877{number:04d}"))
        session.commit()
        browser, url, seen = login(manager), PAGE, []
        while url:
            page = browser.get(url).text
            seen += re.findall(r'name="rowid" value="(\d+)"', page)
            following = re.search(r'class="btn" href="(/customers/duplicates[^"]*)"', page)
            url = following and following[1].replace("&amp;", "&")

        assert len(seen) == len(set(seen)) == 50

    @pytest.mark.parametrize("by", ["number", "name", "merges"])
    def test_takes_six_statements_however_many(self, login, manager, session, statements, by):
        for number in range(12):
            for place in range(12):
                customer = CustomerFactory(first_name="علی", last_name=f"نام {number}", city="قم")
                session.add(CustomerPhone(customer_id=customer.id, number=f"0218877{number:04d}"))
                if place < 2:
                    OrderFactory(customer=customer)
        session.commit()
        browser = login(manager)
        browser.get(f"{PAGE}?by={by}")
        statements.clear()
        page = browser.get(f"{PAGE}?by={by}")

        assert page.status_code == 200
        assert len(statements) <= 6

    @pytest.mark.parametrize(
        "query", ["by=x", "after=%00", "by=name&after=a", "by=name&after=a&city=%27", "after=' or 1=1"]
    )
    def test_reads_any_address(self, login, manager, twins, query):
        assert login(manager).get(f"{PAGE}?{query}").status_code in {200, 400}

    def test_says_that_there_is_none(self, login, manager):
        assert "هیچ دو مشتری" in login(manager).get(PAGE).text
