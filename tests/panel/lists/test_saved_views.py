"""Saved views: own and shared ones, and no more than the member may see."""

import pytest
from sqlalchemy import func, select, update

from models.organization import Organization
from models.table_view import TableSettings, TableView
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory, member, organization_with
from tests.panel.lists.table_steps import headings, rows

pytestmark = pytest.mark.usefixtures("colleagues_rows")


HTMX = {"HX-Request": "true"}


class TestSavedViews:
    @pytest.fixture
    def browser(self, session, login, manager):
        ProductFactory(title="زبان"), ProductFactory(title="ریاضی")
        session.commit()
        return login(manager)

    def save(self, browser, name="زبان‌ها", query="q=زبان&cols=title,price", **fields):
        return browser.post("/products/views", data={"name": name, "_query": query} | fields)

    @staticmethod
    def defaults(session):
        """The names of the views that a list opens with."""
        found = select(TableView.name).join(TableSettings, TableSettings.default_view_id == TableView.id)
        return session.scalars(found).all()

    @staticmethod
    def kept_key(session):
        return session.scalars(select(TableSettings.default_view_id)).one()

    def test_open_the_list_as_it_was_saved(self, browser):
        address = self.save(browser).headers["Location"]

        page = browser.get(address).text

        assert rows(page) == 1
        assert headings(page) == ["عنوان", "قیمت"]
        assert "زبان‌ها" in page

    def test_keep_the_columns_when_the_settings_change(self, browser):
        address = self.save(browser).headers["Location"]
        browser.post("/products/table", data={"column": ["code"], "density": "compact", "size": "25"})

        assert headings(browser.get(address).text) == ["عنوان", "قیمت"]

    def test_keep_no_place_in_the_list(self, browser, session):
        self.save(browser, query="q=زبان&after=1.x&n=26")

        assert session.scalars(select(TableView.query)).one().count("=") == 1

    @pytest.mark.parametrize("name", ["", "   ", "ن" * 81, "ن" * 10_000, "\u200c", "نما\0", "نما\x1b"])
    def test_without_a_name_that_fits_are_refused_at_the_field(self, browser, session, name):
        answer = self.save(browser, name=name)

        assert answer.status_code == 422
        assert 'id="view-name-error"' in answer.text
        assert session.scalar(select(func.count(TableView.id))) == 0

    def test_of_one_name_are_one(self, browser, session):
        self.save(browser)

        answer = self.save(browser, query="q=ریاضی")

        assert answer.status_code == 422
        assert "زبان‌ها" in answer.text
        assert session.scalar(select(func.count(TableView.id))) == 1

    def test_that_are_refused_keep_what_was_ticked(self, browser):
        self.save(browser)

        both = self.save(browser, is_default="1", is_shared="1").text
        one = self.save(browser, is_shared="1").text

        assert 'name="is_default" value="1" checked' in both
        assert 'name="is_shared" value="1" checked' in both
        assert 'name="is_default" value="1" checked' not in one
        assert 'name="is_shared" value="1" checked' in one

    def test_ask_before_they_are_deleted(self, browser, session):
        self.save(browser), self.save(browser, name="ارزان‌ها", is_shared="1")

        page = browser.get("/products/views").text

        assert page.count("hx-confirm=") == 2
        assert "حذف نمای «زبان‌ها»؟" in page
        assert "حذف نمای «ارزان‌ها» برای همهٔ اعضای سازمان؟" in page

    def test_may_be_the_one_that_the_list_opens_with(self, browser):
        self.save(browser, is_default="1")

        page = browser.get("/products/", follow_redirects=True)

        assert "q=" in page.request.query_string.decode()
        assert rows(page.text) == 1

    def test_leave_a_way_to_the_list_without_them(self, browser):
        self.save(browser, is_default="1")

        assert rows(browser.get("/products/?view=").text) == 3

    def test_of_which_only_one_is_the_default(self, browser, session):
        self.save(browser, is_default="1")
        self.save(browser, name="دیگر", query="q=ریاضی", is_default="1")

        assert self.defaults(session) == ["دیگر"]

    def test_can_be_made_the_default_and_no_longer(self, browser, session):
        self.save(browser)
        key = session.scalars(select(TableView.id)).one()

        states = []
        for _turn in range(2):
            browser.post(f"/products/views/{key}/default")
            states.append(self.defaults(session))

        assert states == [["زبان‌ها"], []]
        assert session.scalar(select(func.count(TableSettings.id))) == 0

    def test_deleted_leave_the_list_to_open_by_itself(self, browser, session):
        self.save(browser, is_default="1")
        key = session.scalars(select(TableView.id)).one()

        browser.post(f"/products/views/{key}/delete")

        assert self.defaults(session) == []
        assert rows(browser.get("/products/").text) == 3

    def test_stay_the_default_when_the_settings_are_reset(self, browser, session):
        self.save(browser, is_default="1")
        browser.post("/products/table", data={"column": ["title"], "size": "50"})

        browser.post("/products/table", data={"reset": "1"})

        assert self.defaults(session) == ["زبان‌ها"]

    def test_of_another_organisation_leave_the_list_as_it_is(
        self, browser, session, manager, stranger_organization
    ):
        """A platform admin may have made one where he acted before."""
        self.save(browser, is_default="1")
        key = session.scalars(select(TableView.id)).one()
        session.execute(
            update(TableView).values(organization_id=stranger_organization.id),
            execution_options={"unscoped": True},
        )
        session.commit()

        assert self.kept_key(session) == key
        assert rows(browser.get("/products/", follow_redirects=True).text) == 3

    def test_of_others_open_nobody_elses_list(self, browser, session, login, colleague_manager):
        self.save(browser, is_default="1", is_shared="1")
        key, other = session.scalars(select(TableView.id)).one(), login(colleague_manager)

        assert other.post(f"/products/views/{key}/default").status_code == 403
        assert rows(other.get("/products/").text) == 3

    def test_take_up_what_the_list_shows_now(self, browser, session):
        self.save(browser)
        key = session.scalars(select(TableView.id)).one()

        browser.post(f"/products/views/{key}/replace", data={"_query": "q=ریاضی&sort=code"})

        session.expire_all()
        assert "sort=code" in session.get(TableView, key).query

    def test_can_be_deleted(self, browser, session):
        self.save(browser)
        key = session.scalars(select(TableView.id)).one()

        browser.post(f"/products/views/{key}/delete")

        assert session.scalar(select(func.count(TableView.id))) == 0

    def test_are_nobody_else_s(self, browser, session, login, colleague_manager):
        self.save(browser)
        key, other = session.scalars(select(TableView.id)).one(), login(colleague_manager)

        codes = [
            other.post(f"/products/views/{key}/{act}").status_code
            for act in ("default", "share", "replace", "delete")
        ]

        assert codes == [404] * 4
        assert other.get(f"/products/views/{key}/open").status_code == 404
        assert "زبان‌ها" not in other.get("/products/views").text
        assert session.scalar(select(func.count(TableView.id))) == 1

    def test_that_a_manager_shares_are_everybody_s_to_open(self, browser, session, login, consultant):
        self.save(browser, is_shared="1")
        key, other = session.scalars(select(TableView.id)).one(), login(consultant)

        assert "زبان‌ها" in other.get("/products/views").text
        assert other.get(f"/products/views/{key}/open").status_code == 302
        assert [
            other.post(f"/products/views/{key}/{act}").status_code
            for act in ("default", "share", "replace", "delete")
        ] == [403] * 4

    def test_of_others_give_no_list_their_name(self, browser, session, login, manager, colleague_manager):
        other = login(colleague_manager)
        self.save(browser, name="نمای نخست"), self.save(other, name="نمای دوم")
        first, second = session.scalars(select(TableView.id).order_by(TableView.id)).all()

        names = [
            [name for name in ("نمای نخست", "نمای دوم") if name in client.get(f"/products/?view={key}").text]
            for client in (browser, other)
            for key in (first, second)
        ]

        # The keys of the two members are compared in both orders.
        assert manager.id < colleague_manager.id
        assert names == [["نمای نخست"], [], [], ["نمای دوم"]]

    def test_are_not_shared_by_a_consultant(self, session, login, consultant):
        browser = login(consultant)
        self.save(browser, is_shared="1")
        key = session.scalars(select(TableView.id)).one()

        assert session.get(TableView, key).is_shared is False
        assert browser.post(f"/products/views/{key}/share").status_code == 403

    def test_are_shared_within_the_organisation_alone(self, browser, session, login, organization):
        self.save(browser, is_shared="1")
        key, here = session.scalars(select(TableView.id)).one(), organization.id
        abroad = organization_with("abroad").id
        session.commit()
        bind(session, Actor(abroad))
        stranger = member("Manager", session.get(Organization, abroad), "stranger")
        session.commit()
        other = login(stranger)

        assert other.get(f"/products/views/{key}/open").status_code == 404
        assert "زبان‌ها" not in other.get("/products/views").text
        bind(session, Actor(here))

    def test_belong_to_their_list(self, browser, session):
        self.save(browser)
        key = session.scalars(select(TableView.id)).one()

        assert browser.get(f"/result-titles/views/{key}/open").status_code == 404

    def test_show_their_buttons_again_in_the_open_dialog(self, browser, session):
        self.save(browser)
        key = session.scalars(select(TableView.id)).one()

        answer = browser.post(f"/products/views/{key}/default", headers=HTMX)

        assert 'aria-pressed="true"' in answer.text
