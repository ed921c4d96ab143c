"""Support on the page of a sale, and balances on the page of a customer and in the list of support."""

import re
from uuid import uuid4

import pytest
from flask_appbuilder.security.sqla.models import Role

from app.extensions import appbuilder
from app.services.result import Result
from app.services.support import record_support
from models.customer import Address
from models.result_title import ResultScope
from models.sale import SaleStatus
from models.tenancy.scope import Actor, bind
from tests.factories import (
    FollowUpFactory,
    ProductFactory,
    ResultTitleFactory,
    SaleFactory,
    TransactionFactory,
    member,
)
from tests.sales.sale_steps import HTMX


@pytest.fixture
def title(session, manager):
    return ResultTitleFactory(title="نصب شد", scope=ResultScope.SUPPORT)


def entry(sale, title, note=""):
    return record_support(sale, Result(title, note=note))


def limited_role(session, *pairs):
    """A role of the given rights, as an extra role has them."""
    found = [appbuilder.sm.find_permission_view_menu(*pair) for pair in pairs]
    role = Role(name=f"only {uuid4()}", permissions=found)
    session.add(role)
    session.flush()
    return role


class TestThePageOfASale:
    @pytest.mark.parametrize("role", ["Manager", "SupportAgent", "Consultant"])
    def test_shows_the_entries_and_the_button(self, session, login, organization, title, role):
        person = member(role, organization, "other")
        sale, other = (SaleFactory(consultant_id=person.id) for _n in range(2))
        entry(sale, title, "دستگاه نصب شد")
        session.commit()
        client = login(person)

        page = client.get(f"/sales/show/{sale.id}").text
        assert ("دستگاه نصب شد" in page, "نصب شد" in page) == (True, True)
        assert page.count(f'href="/support/{sale.id}/panel"') == 2
        empty = client.get(f"/sales/show/{other.id}").text
        assert "هنوز پشتیبانی ثبت نشده است" in empty
        assert "دستگاه نصب شد" not in empty

    def test_denies_no_entry_below_them(self, session, login, organization, title):
        agent = member("SupportAgent", organization)
        sale = SaleFactory()
        entry(sale, title)
        session.commit()

        assert "هنوز چیزی ثبت نشده است" not in login(agent).get(f"/sales/show/{sale.id}").text

    @pytest.mark.parametrize("status", [SaleStatus.DRAFT, SaleStatus.CANCELLED])
    def test_has_none_for_what_is_not_sold(self, session, login, manager, title, status):
        sale = SaleFactory(status=status)
        session.commit()

        page = login(manager).get(f"/sales/show/{sale.id}").text

        assert "support-title" not in page
        assert f"/support/{sale.id}/panel" not in page

    def test_is_without_it_for_a_role_that_does_not_see_support(self, session, login, organization, title):
        person = member("SupportAgent", organization, "other")
        sale = SaleFactory()
        entry(sale, title, "دستگاه نصب شد")
        rights = (("can_list", "Sales"), ("can_show", "Sales"))
        person.roles = [limited_role(session, *rights)]
        session.commit()

        answer = login(person).get(f"/sales/show/{sale.id}")

        assert answer.status_code == 200
        assert "support-title" not in answer.text
        assert "دستگاه نصب شد" not in answer.text
        assert "/support/" not in answer.text

    def test_has_no_button_for_a_role_that_only_reads_support(self, session, login, organization, title):
        person = member("SupportAgent", organization, "other")
        sale = SaleFactory()
        entry(sale, title, "دستگاه نصب شد")
        rights = [(right, view) for view in ("Sales", "Support") for right in ("can_list", "can_show")]
        person.roles = [limited_role(session, *rights)]
        session.commit()

        page = login(person).get(f"/sales/show/{sale.id}").text

        assert "دستگاه نصب شد" in page
        assert f"/support/{sale.id}/panel" not in page

    def test_has_what_the_panel_registered(self, session, login, manager, title):
        sale = SaleFactory()
        session.commit()
        client = login(manager)

        data = {"result_title": title.id, "note": "کار می‌کند", "token": str(uuid4())}
        assert client.post(f"/support/{sale.id}/result", data=data, headers=HTMX).status_code == 204

        assert "کار می‌کند" in client.get(f"/sales/show/{sale.id}").text

    def test_costs_the_same_with_a_long_history(self, session, login, manager, title, statements):
        sale = SaleFactory(items=[(ProductFactory(), 1) for _number in range(20)])
        sale.address = Address(customer=sale.customer, line="کوچه", is_default=True)
        for number in range(40):
            entry(sale, title, f"یادداشت {number}")
            TransactionFactory(sale=sale, amount=10)
        session.commit()
        client = login(manager)
        client.get(f"/sales/show/{sale.id}")
        statements.clear()

        assert client.get(f"/sales/show/{sale.id}").status_code == 200
        assert len(statements) <= 10


class TestTheBalanceOfACustomer:
    def figures(self, client, customer_id):
        page = client.get(f"/customers/show/{customer_id}").text
        found = re.findall(r"<dd><bdi[^>]*>([^<]*)</bdi></dd><dt>([^<]*)</dt>", page)
        return {label.partition("،")[0]: number for number, label in found}

    @pytest.fixture
    def customer(self, session, consultant, colleague):
        work = FollowUpFactory(consultant_id=consultant.id)
        common = {"order__customer": work.customer}
        SaleFactory(consultant_id=consultant.id, amount=5_000_000, paid=2_000_000, **common)
        SaleFactory(consultant_id=colleague.id, amount=1_000_000, **common)
        SaleFactory(consultant_id=consultant.id, amount=700_000, paid=900_000, **common)
        for status in (SaleStatus.DRAFT, SaleStatus.CANCELLED, SaleStatus.REFUNDED):
            SaleFactory(consultant_id=consultant.id, amount=9_000_000, status=status, **common)
        SaleFactory(consultant_id=consultant.id, amount=8_000_000)
        session.commit()
        return work.customer

    def test_is_the_sum_of_the_sales_that_stand(self, login, manager, customer):
        assert self.figures(login(manager), customer.id)["مانده"] == "۳۸۰٬۰۰۰"

    def test_is_that_of_own_sales_for_a_consultant(self, login, consultant, customer):
        assert self.figures(login(consultant), customer.id)["مانده"] == "۲۸۰٬۰۰۰"

    def test_leaves_out_deleted_sales(self, session, login, manager, consultant, customer):
        sale = SaleFactory(consultant_id=consultant.id, amount=100_000, order__customer=customer)
        session.commit()
        client = login(manager)
        assert self.figures(client, customer.id)["مانده"] == "۳۹۰٬۰۰۰"

        client.post(f"/sales/delete/{sale.id}")

        assert self.figures(client, customer.id)["مانده"] == "۳۸۰٬۰۰۰"

    def test_is_not_shown_to_a_role_without_sales(self, session, login, organization, customer):
        person = member("SupportAgent", organization, "other")
        person.roles = [limited_role(session, ("can_list", "Customers"), ("can_show", "Customers"))]
        session.commit()

        assert "مانده" not in self.figures(login(person), customer.id)

    def test_does_not_make_the_page_dearer(self, login, manager, customer, statements):
        client = login(manager)
        client.get(f"/customers/show/{customer.id}")
        statements.clear()

        client.get(f"/customers/show/{customer.id}")

        assert len(statements) <= 10


class TestTheListOfSupport:
    def test_shows_the_balance_with_few_statements(self, session, login, manager, statements):
        SaleFactory(amount=5_000_000, paid=1_000_000)
        SaleFactory(amount=700_000, paid=700_000, status=SaleStatus.PAID)
        SaleFactory(amount=8_000_000, status=SaleStatus.REFUNDED)
        session.commit()
        client = login(manager)
        client.get("/support/?tab=all")
        statements.clear()

        page = client.get("/support/?tab=all").text

        assert len(statements) <= 6
        assert "۴۰۰٬۰۰۰" in page
        assert "تسویه" in page
        assert "۸۰۰٬۰۰۰" not in page

    def test_the_panel_says_the_balance(self, session, login, manager):
        owing, settled = SaleFactory(amount=5_000_000, paid=1_000_000), SaleFactory(amount=50, paid=50)
        session.commit()
        client = login(manager)

        assert "مانده:" in client.get(f"/support/{owing.id}/panel", headers=HTMX).text
        assert "مانده:" not in client.get(f"/support/{settled.id}/panel", headers=HTMX).text

    def test_strangers_see_nothing_of_it(self, session, login, stranger_organization, manager):
        key = SaleFactory(amount=5_000_000).id
        session.commit()
        boss = member("Manager", stranger_organization, "boss")
        bind(session, Actor(stranger_organization.id, boss.id))

        assert login(boss).get(f"/support/{key}/panel").status_code == 404
        assert login(boss).get(f"/sales/show/{key}").status_code == 404


def test_support_leads_to_the_details_of_the_sale(session, login, organization, manager):
    reader = member("Manager", organization, "reader")
    reader.roles = [limited_role(session, ("can_list", "Support"), ("can_show", "Support"))]
    agent, sale = member("SupportAgent", organization), SaleFactory()
    session.commit()
    key = sale.id

    for person, leads in ((agent, True), (reader, False)):
        client = login(person)
        assert ('href="/sales/show/__pk__"' in client.get("/support/?tab=all").text) is leads
        assert (f'href="/sales/show/{key}"' in client.get(f"/support/show/{key}").text) is leads
