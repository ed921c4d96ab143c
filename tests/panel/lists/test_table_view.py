"""Table settings of a member, in the address."""

import pytest
from flask import current_app
from sqlalchemy import func, select

from app.extensions import appbuilder
from models.table_view import Density, TableSettings
from tests.factories import ProductFactory
from tests.panel.lists.table_steps import headings, rows

pytestmark = pytest.mark.usefixtures("colleagues_rows")


class TestTableSettings:
    @pytest.fixture
    def browser(self, session, login, manager):
        ProductFactory.create_batch(30)
        session.commit()
        return login(manager)

    def save(self, browser, *columns, section="products", **fields):
        return browser.post(
            f"/{section}/table",
            data={"column": list(columns), "density": "comfortable", "size": "25"} | fields,
        )

    def test_show_the_chosen_columns_in_the_chosen_order(self, browser):
        self.save(browser, "price", "title")

        assert headings(browser.get("/products/").text) == ["قیمت", "عنوان"]

    def test_offer_what_the_form_and_the_facts_know_besides(self, browser):
        page = browser.get("/customers/table").text

        assert 'value="email"' in page
        assert 'value="created_at"' in page
        assert 'value="search_key"' not in page

    def test_are_of_one_list_and_one_member_alone(self, browser, login, colleague_manager):
        self.save(browser, "title")

        assert len(headings(login(colleague_manager).get("/products/").text)) == 4
        assert len(headings(browser.get("/result-titles/").text)) > 1

    def test_set_size_and_density(self, browser):
        self.save(browser, "title", size="50", density="compact")

        page = browser.get("/products/").text
        assert rows(page) == 31  # and the one that the organisation was founded with
        assert "is-compact" in page

    def test_yield_to_what_the_address_says(self, browser):
        self.save(browser, "title", size="50", density="compact")

        page = browser.get("/products/?cols=code,price&size=25&density=comfortable").text

        assert headings(page) == ["کد", "قیمت"]
        assert rows(page) == 25
        assert "is-compact" not in page

    @pytest.mark.parametrize(
        "asked", ["nothing", "organization_id", "search_key", ",", "x" * 5000, "title;code"]
    )
    def test_ignore_columns_that_are_not_offered(self, browser, asked):
        assert headings(browser.get("/products/", query_string={"cols": asked}).text) == [
            "عنوان",
            "کد",
            "قیمت",
            "فعال",
        ]

    def test_without_a_column_are_refused_at_the_field(self, browser, session):
        answer = self.save(browser)

        assert answer.status_code == 422
        assert 'id="columns-error"' in answer.text
        assert session.scalar(select(func.count(TableSettings.id))) == 0

    def test_can_be_reset(self, browser, session):
        self.save(browser, "title", size="50", density="compact")

        self.save(browser, "title", reset="1")

        assert headings(browser.get("/products/").text) == ["عنوان", "کد", "قیمت", "فعال"]
        assert session.scalar(select(func.count(TableSettings.id))) == 0

    def test_lead_back_to_the_list_with_its_filters(self, browser):
        answer = self.save(browser, "title", _query="q=T&cols=code&after=3.x&sort=code")

        assert answer.headers["Location"] == "/products/?q=T&sort=code"

    def test_take_junk_for_the_beginning(self, browser, session):
        self.save(browser, "title", size="-7", density="<b>")

        row = session.scalars(select(TableSettings)).one()
        assert (row.page_size, row.density) == (25, Density.COMFORTABLE)

    @pytest.mark.parametrize("route", ["table", "views"])
    def test_of_a_list_that_is_not_ours_are_refused(self, login, consultant, route):
        assert login(consultant).get(f"/members/{route}").status_code == 403

    def test_every_offered_column_of_every_section_can_be_shown(
        self, app, session, login, manager, consultant
    ):
        from tests.factories import FollowUpFactory  # noqa: PLC0415 - beside its only use

        FollowUpFactory(consultant_id=consultant.id)
        session.commit()
        browser = login(manager)
        with current_app.app_context():
            offered = {
                view.slug: list(view.offered_columns)
                for view in appbuilder.baseviews
                if hasattr(view, "offered_columns") and view.only_in is None
            }

        codes = {
            slug: browser.get(f"/{slug}/", query_string={"cols": ",".join(paths), "tab": "all"}).status_code
            for slug, paths in offered.items()
        }

        assert len(codes) > 6
        assert set(codes.values()) <= {200, 403}

    def test_cost_one_statement(self, browser, statements):
        statements.clear()

        browser.get("/products/")

        assert sum("table_settings" in one for one in statements) == 1
        assert sum("table_views" in one for one in statements) == 0
        assert len(statements) <= 6
