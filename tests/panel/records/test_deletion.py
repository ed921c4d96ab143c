"""The question before a deletion: noun, names, what is deleted as well, what stays; and where the menu offers it."""

import re

import pytest

from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ProductFactory, member
from tests.support.pages import row_menus

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(login, manager):
    return login(manager)


def asked(browser, section, *keys, **fields):
    """The heading, the sentences and the button of the question for *keys*."""
    data = {"action": "remove", "rowid": [str(key) for key in keys], **fields}
    html = browser.post(f"/{section}/action_post", data=data, headers=HTMX).text
    title = re.search(r'id="dialog-title">([^<]*)<', html)[1]
    button = re.search(r"btn-danger[^>]*>([^<]*)<", html)[1]
    return title, re.findall(r"<p>([^<]*)</p>", html), button


class TestOne:
    def test_is_named_with_where_it_is_used(self, browser, session):
        product = ProductFactory(title="دوره حسابداری")
        for _ in range(2):
            OrderFactory(product=product)
        OrderFactory()

        title, lines, button = asked(browser, "products", product.id)

        assert title == "حذف محصول «دوره حسابداری»؟"
        assert lines == ["در ۲ سفارش هست؛ سفارشات می‌مانند.", "تا ۳۰ روز در سطل است."]
        assert button == "حذف محصول"

    def test_that_is_used_nowhere_has_no_other_consequence(self, browser, session):
        assert asked(browser, "products", ProductFactory().id)[1] == ["تا ۳۰ روز در سطل است."]

    def test_names_what_is_deleted_with_it(self, browser, session):
        follow_up = FollowUpFactory()
        FollowUpFactory()

        assert (
            asked(browser, "customers", follow_up.customer_id)[1][0]
            == "با آن ۱ پیگیری و ۱ سفارش هم حذف می‌شود."
        )

    def test_counts_no_deleted_rows_and_no_rows_of_other_organisations(
        self, browser, session, stranger_organization
    ):
        product = ProductFactory()
        gone = OrderFactory(product=product)
        browser.post(f"/orders/delete/{gone.id}")
        stranger = member("Manager", stranger_organization)
        with acting_as(session, Actor(stranger_organization.id, stranger.id)):
            OrderFactory()

        assert asked(browser, "products", product.id)[1] == ["تا ۳۰ روز در سطل است."]


class TestInTheScopeOfTheMember:
    def test_a_consultant_counts_their_own_rows(self, login, session, consultant, colleague, monkeypatch):
        # No declared role of consultants deletes rows that others refer to.
        monkeypatch.setattr("app.panel.bulk.routes.permitted", lambda *_: True)
        mine = FollowUpFactory(consultant_id=consultant.id)
        FollowUpFactory(consultant_id=colleague.id, order=OrderFactory(product=mine.product))

        _title, lines, _button = asked(login(consultant), "products", mine.product_id)

        assert "۱ سفارش" in lines[0]
        assert "۱ پیگیری" in lines[0]

    def test_a_consultant_deletes_their_follow_up_alone(self, login, session, consultant):
        mine = FollowUpFactory(consultant_id=consultant.id)

        title, lines, _button = asked(login(consultant), "follow-ups", mine.id)

        assert title.startswith("حذف پیگیری «")
        assert lines == ["تا ۳۰ روز در سطل است."]

    def test_a_stranger_is_not_named(self, login, session, consultant, colleague):
        theirs = FollowUpFactory(consultant_id=colleague.id)

        answer = login(consultant).post(f"/follow-ups/action/remove/{theirs.id}", headers=HTMX)

        assert answer.status_code == 404

    def test_a_section_that_the_member_may_not_list_is_not_counted(
        self, login, session, organization, manager
    ):
        customer = CustomerFactory()
        OrderFactory(customer=customer)
        agent = login(member("SupportAgent", organization))

        assert agent.post(f"/customers/action/remove/{customer.id}", headers=HTMX).status_code == 403


class TestSeveral:
    def test_have_their_number_and_three_names(self, browser, session):
        rows = [ProductFactory(title=f"کالای {letter}") for letter in "ابپتث"]

        title, lines, button = asked(browser, "products", *(row.id for row in rows))

        assert title == "حذف ۵ محصول؟"
        assert lines == ["«کالای ا»، «کالای ب»، «کالای پ» و ۲ مورد دیگر", "تا ۳۰ روز در سطل است."]
        assert button == "حذف ۵ محصول"

    def test_that_match_a_search_are_asked_for_alike(self, browser, session):
        for number in range(4):
            OrderFactory(product=ProductFactory(title=f"زبان {number}"))
        ProductFactory(title="ریاضی")

        title, lines, _button = asked(browser, "products", _all="1", _query="q=زبان")

        assert title == "حذف ۴ محصول؟"
        assert lines[1:] == ["در ۴ سفارش هست؛ سفارشات می‌مانند.", "تا ۳۰ روز در سطل است."]

    def test_cost_two_statements_more_whatever_their_number(self, browser, session, statements):
        keys = [OrderFactory().customer_id for _ in range(12)]
        asked(browser, "customers", *keys)
        statements.clear()

        asked(browser, "customers", *keys)

        assert len(statements) <= 6


class TestAfterwards:
    def test_the_message_names_the_row(self, browser, session):
        product = ProductFactory(title="دوره حسابداری")

        answer = browser.post(f"/products/action/remove/{product.id}", data={"_step": "run"}, headers=HTMX)

        assert "\\u062d\\u0633\\u0627\\u0628\\u062f\\u0627\\u0631\\u06cc" in answer.headers["HX-Trigger"]
        assert session.get(Product, product.id, populate_existing=True) is None


class TestInTheMenus:
    @pytest.mark.parametrize(
        "address",
        [
            "/products/",
            "/orders/",
            "/customers/",
            "/follow-ups/?tab=all",
            "/result-titles/",
            "/sms-templates/",
        ],
    )
    def test_it_comes_last_after_a_line(self, browser, session, address):
        FollowUpFactory()
        page = browser.get(address).text

        for menu in row_menus(page):
            acts = menu.split("<button")
            # Erasing, where a section has it, stands before it.
            assert "data-danger" in acts[-1]
            assert "/action/remove/" in acts[-1]
            assert all("data-danger" not in each or "/erase" in each for each in acts[:-1])
        bar = page.partition('id="bulk-bar"')[2]
        acts = re.findall(r'name="action" value="(\w+)"', bar)
        assert acts[-1] == "remove"

    def test_it_comes_after_the_other_dangerous_acts(self, login, session, organization):
        admin = login(member("Admin", None, "root"))
        menu = row_menus(admin.get("/organizations/").text)[0]

        assert re.findall(r"/action/(\w+)/", menu)[-2:] == ["suspend", "remove"]
