"""A row's page with what belongs to it, and single values edited where they stand in the list."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.lib.clock import now
from app.lib.jalali import format_datetime
from models.audit.event import AuditEvent
from models.customer import Customer
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    OrderFactory,
    ProductFactory,
    member,
    organization_with,
)
from tests.support.pages import untouched

pytestmark = pytest.mark.usefixtures("colleagues_rows")

FORM = 'class="inline-form"'
HTMX = {"HX-Request": "true"}


def keys(page: str) -> set[int]:
    return {int(key) for key in re.findall(r'<tr [^>]*data-pk="(\d+)"', page)}


class TestTheTabsOfARow:
    def test_hold_what_belongs_to_it_and_nothing_else(self, session, login, manager):
        order, other = OrderFactory(), OrderFactory()
        session.commit()

        page = login(manager).get(f"/customers/show/{order.customer_id}?tab=orders").text

        assert keys(page) == {order.id}
        assert other.id not in keys(page)

    def test_say_how_many_rows_there_are(self, session, login, manager):
        customer = CustomerFactory()
        OrderFactory.create_batch(3, customer=customer)
        session.commit()

        page = login(manager).get(f"/customers/show/{customer.id}").text

        assert re.search(r'tab=orders"[^>]*>\s*سفارشات\s*<span class="count">۳', page)

    def test_show_a_consultant_his_own_rows_alone(self, session, login, consultant, colleague):
        mine = FollowUpFactory(consultant_id=consultant.id)
        theirs = FollowUpFactory(consultant_id=colleague.id, order__customer=mine.customer)
        session.commit()

        page = login(consultant).get(f"/customers/show/{mine.customer_id}?tab=follow-ups").text

        assert keys(page) == {mine.id}
        assert theirs.id not in keys(page)

    def test_of_sections_that_are_not_ours_are_not_there(self, session, login, manager, organization):
        agent = member("SupportAgent", organization)
        order = OrderFactory()
        session.commit()

        page = login(agent).get(f"/customers/show/{order.customer_id}?tab=orders").text

        assert keys(page) == set()
        assert "tab=orders" not in page

    def test_turn_pages_within_the_row(self, session, login, manager):
        customer, product = CustomerFactory(), ProductFactory()
        rows = OrderFactory.create_batch(30, customer=customer, product=product)
        session.commit()
        browser = login(manager)
        first = browser.get(f"/customers/show/{customer.id}?tab=orders").text
        link = re.search(r'href="([^"]+)"[^>]*title="صفحهٔ بعد"', first)[1].replace("&amp;", "&")

        second = browser.get(link).text

        assert link.startswith(f"/customers/show/{customer.id}?")
        assert keys(first) | keys(second) == {row.id for row in rows}
        assert keys(first) & keys(second) == set()

    @pytest.mark.parametrize("tab", ["nothing", "members", "orders.customer", ""])
    def test_that_do_not_exist_are_the_facts(self, session, login, manager, tab):
        customer = CustomerFactory(city="یزد")
        session.commit()

        assert "یزد" in login(manager).get(f"/customers/show/{customer.id}?tab={tab}").text

    def test_lead_to_the_events_and_back(self, session, login, manager):
        customer = CustomerFactory()
        session.commit()

        page = login(manager).get(f"/customers/trail/{customer.id}").text

        assert f'href="/customers/show/{customer.id}"' in page
        assert "tab=orders" in page

    def test_leave_deleted_rows_out(self, session, login, manager):
        order = OrderFactory()
        session.commit()
        browser = login(manager)
        browser.post(f"/orders/delete/{order.id}")

        assert keys(browser.get(f"/customers/show/{order.customer_id}?tab=orders").text) == set()


class TestEditingInTheList:
    @pytest.fixture
    def product(self, session) -> Product:
        product = ProductFactory(price=5_000, title="زبان")
        session.commit()
        return product

    def send(self, browser, product, name="price", **fields):
        url = f"/products/inline/{product.id}/{name}"
        form = untouched(browser.get(url, headers=HTMX).text, FORM)
        return browser.post(url, data=form | fields, headers=HTMX)

    def price(self, session, key: int) -> int:
        session.expire_all()
        return session.scalars(select(Product.price).where(Product.id == key)).one()

    def test_is_offered_beside_the_values_that_the_section_marks(self, login, manager, product):
        page = login(manager).get("/products/").text

        assert 'data-inline-at="/products/inline/"' in page
        assert 'data-inline="price"' in page
        assert 'data-inline="code"' not in page

    def test_saves_the_one_value_and_reloads_the_list(self, session, login, manager, product):
        answer = self.send(login(manager), product, price="۱۲٬۰۰۰")

        assert answer.status_code == 204
        assert "list:reload" in answer.headers["HX-Trigger"]
        assert self.price(session, product.id) == 120_000  # rials, typed in tomans
        assert product.title == "زبان"

    def test_tells_a_mistake_at_the_field_and_keeps_what_was_typed(self, session, login, manager, product):
        answer = self.send(login(manager), product, price="گران")

        assert answer.status_code == 422
        assert 'value="گران"' in answer.text
        assert "field-error" in answer.text
        assert answer.headers["HX-Retarget"] == f"#inline-{product.id}-price"
        assert self.price(session, product.id) == 5_000

    def test_of_what_somebody_changed_meanwhile_shows_his_value_first(self, session, login, manager, product):
        browser, url = login(manager), f"/products/inline/{product.id}/price"
        form = untouched(browser.get(url, headers=HTMX).text, FORM)
        self.send(browser, product, price="700")

        second = browser.post(url, data=form | {"price": "900"}, headers=HTMX)
        kept = self.price(session, product.id)
        again = browser.post(url, data=untouched(second.text, FORM) | {"price": "900"}, headers=HTMX)

        assert (second.status_code, kept) == (409, 7_000)
        assert "۷۰۰" in second.text or "700" in second.text
        assert (again.status_code, self.price(session, product.id)) == (204, 9_000)

    def test_of_nothing_takes_nothing_away(self, session, login, manager, product):
        answer = login(manager).post(f"/products/inline/{product.id}/price", data={"row_version": "1"})

        assert answer.status_code == 400
        assert self.price(session, product.id) == 5_000

    def test_is_told_in_the_trail(self, session, login, manager, product):
        self.send(login(manager), product, price="700")

        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert (event.action, event.before, event.after["price"]) == ("edit", {"price": 5_000}, 7_000)

    @pytest.mark.parametrize("name", ["title", "code", "organization_id", "id", "nothing"])
    def test_of_any_other_value_does_not_exist(self, login, manager, product, name):
        browser = login(manager)

        codes = [
            call(f"/products/inline/{product.id}/{name}").status_code for call in (browser.get, browser.post)
        ]

        assert codes == [404, 404]

    def test_is_for_who_may_edit(self, session, login, consultant, product):
        browser = login(consultant)

        assert browser.post(f"/products/inline/{product.id}/price", data={"price": "1"}).status_code == 403
        assert "data-inline" not in browser.get("/products/").text
        assert self.price(session, product.id) == 5_000

    def test_of_another_organisations_row_does_not_exist(self, session, login, manager):
        browser, abroad = login(manager), organization_with("abroad").id
        with acting_as(session, Actor(abroad)):
            key = ProductFactory().id
        session.commit()

        assert browser.get(f"/products/inline/{key}/price").status_code == 404
        assert browser.post(f"/products/inline/{key}/price", data={"price": "1"}).status_code == 404

    def test_of_a_customer_who_is_not_ones_own_does_not_exist(self, session, login, consultant, colleague):
        theirs = FollowUpFactory(consultant_id=colleague.id).customer_id
        session.commit()

        answer = login(consultant).post(f"/customers/inline/{theirs}/city", data={"city": "قم"})

        assert answer.status_code == 404
        assert session.scalar(select(func.count(Customer.id)).where(Customer.city == "قم")) == 0

    def test_works_as_a_page_without_script(self, session, login, manager, product):
        browser, url = login(manager), f"/products/inline/{product.id}/is_active"
        form = untouched(browser.get(url).text, FORM)
        form.pop("is_active", None)

        answer = browser.post(url, data=form)

        session.expire_all()
        assert answer.status_code == 302
        assert session.get(Product, product.id).is_active is False


class TestSavingWhatNobodyChanged:
    def test_changes_nothing_not_even_seconds(self, session, login, manager):
        row = FollowUpFactory(next_at=now().replace(second=23, microsecond=939134) + timedelta(days=1))
        session.commit()
        browser, url, before = login(manager), f"/follow-ups/edit/{row.id}", (row.next_at, row.row_version)

        sent = untouched(browser.get(url).text) | {"next_at": format_datetime(row.next_at)}
        answer = browser.post(url, data=sent)

        session.refresh(row)
        assert answer.status_code == 302
        assert (row.next_at, row.row_version) == before
