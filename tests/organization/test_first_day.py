"""The first day: the steps of a new organisation for its manager, and what a new consultant reads."""

import re

import pytest
from sqlalchemy import delete, select

from app.extensions import appbuilder
from app.panel.layout.first_day import FirstStep, forget_complete
from models.follow_up import FollowUpStatus
from models.product import Product
from models.sms.consent import SmsBlock
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as
from tests.factories import FollowUpFactory, OrderFactory, ProductFactory, member

# The first page of the menu, and a list.
URL, LIST = "/dashboard/", "/follow-ups/"


@pytest.fixture
def line(session):
    """An account at an SMS provider."""
    session.add(SmsProvider(name="خط", base_url="http://localhost", sealed_key_secret="x", line="10008"))
    session.flush()


def steps(page):
    """The title of each step, and whether it is done."""
    found = re.findall(r'<li class="first-step"([^>]*)>.*?<strong>([^<]+)</strong>', page, re.DOTALL)
    return {title: "data-done" in marks for marks, title in found}


def next_step(page):
    found = re.search(r'<li class="first-step" aria-current="step">.*?<strong>([^<]+)', page, re.DOTALL)
    return found and found[1]


class TestManager:
    def test_reads_the_steps_in_order_on_the_first_page(self, login, manager):
        page = login(manager).get(URL).text

        assert list(steps(page)) == ["محصول", "عنوان نتیجه", "اعضا", "ورود سفارشات", "خط پیامک"]
        assert "first-day" not in login(manager).get("/customers/").text

    def test_a_step_is_ticked_by_rows_of_the_organisation(self, session, login, manager):
        done = steps(login(manager).get(URL).text)
        assert (done["محصول"], done["عنوان نتیجه"], done["اعضا"]) == (True, True, False)

        member("Consultant", manager.organization, "first")
        page = login(manager).get(URL).text
        assert steps(page)["اعضا"]
        assert next_step(page) == "ورود سفارشات"

    def test_a_deleted_row_and_a_stranger_tick_nothing(self, session, login, manager, stranger_organization):
        session.execute(delete(Product))
        with acting_as(session, Actor(stranger_organization.id)):
            ProductFactory()
            member("Consultant", stranger_organization, "stranger")
        page = login(manager).get(URL).text

        assert not steps(page)["محصول"]
        assert not steps(page)["اعضا"]
        assert next_step(page) == "محصول"
        assert 'href="/products/add"' in page

    def test_the_list_goes_away_with_the_last_step(self, session, login, manager, consultant, line):
        assert steps(login(manager).get(URL).text)
        OrderFactory()

        assert "first-day" not in login(manager).get(URL).text

    def test_complete_steps_cost_no_statement(self, session, login, manager, consultant, line, statements):
        OrderFactory()
        browser = login(manager)
        browser.get(URL)
        statements.clear()
        browser.get(URL)
        first = len(statements)

        forget_complete()
        statements.clear()
        browser.get(URL)
        assert len(statements) == first + 1 <= 12

    def test_later_folds_it_for_this_member_alone(self, session, login, manager):
        other = member("Manager", manager.organization, "other-manager")
        answer = login(manager).post("/account/first-day", data={"open": "0"})
        assert answer.status_code == 302

        page = login(manager).get(URL).text
        assert "راه‌اندازی: ۳ از ۵" in page
        assert not steps(page)
        assert steps(login(other).get(URL).text)

        login(manager).post("/account/first-day", data={"open": "1"})
        assert steps(login(manager).get(URL).text)

    def test_any_section_can_add_a_step(self, monkeypatch, login, manager):
        step = FirstStep(
            6, "نشانی", todo="بیفزایید", done=("%(num)s نشانی",) * 2, rows=lambda: select(SmsBlock.id)
        )
        view = next(each for each in appbuilder.baseviews if getattr(each, "slug", "") == "sms-blocks")
        monkeypatch.setattr(type(view), "first_step", step)

        page = login(manager).get(URL).text
        assert steps(page)["نشانی"] is False
        assert "۲ از ۶" in page

    def test_folding_keeps_the_groups_of_the_menu(self, session, login, manager):
        browser = login(manager)
        browser.post("/account/menu", data={"group": "sms", "open": "1"})
        browser.post("/account/first-day", data={"open": "0"})

        session.refresh(manager)
        assert manager.menu_groups == {"sms": True, "first-day": False}


@pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
def test_other_roles_do_not_see_the_steps(login, manager, role):
    browser = login(member(role, manager.organization, f"some-{role}"))

    assert "first-day" not in browser.get("/", follow_redirects=True).text


def test_an_operator_does_not_see_them(login, manager):
    page = login(member("Operator", None)).get("/", follow_redirects=True)

    assert "first-day" not in page.text


class TestConsultant:
    @pytest.fixture
    def new(self, manager):
        return member("Consultant", manager.organization, "brand-new")

    def test_who_is_new_reads_what_will_happen(self, login, new, consultant):
        FollowUpFactory(consultant_id=consultant.id)
        for tab in ("due", "new", "all"):
            page = login(new).get(f"{LIST}?tab={tab}").text
            assert "هنوز سفارشی به شما انتساب نشده است" in page
            assert 'href="/orders/add"' in page

    def test_who_is_away_becomes_present_from_there(self, session, login, new):
        new.accepts_orders = False
        session.flush()
        browser = login(new)
        page = browser.get(LIST).text
        assert "وضعیت شما «غایب» است" in page
        found = re.search(r'action="(/account/presence[^"]*)"><input[^>]*><button[^>]*>حاضر می‌شوم', page)

        for _click in range(2):
            browser.post(found[1])
            session.refresh(new)
            assert new.accepts_orders

    def test_who_has_work_reads_the_words_of_the_tab(self, session, login, consultant):
        FollowUpFactory(consultant_id=consultant.id)
        page = login(consultant).get(f"{LIST}?tab=future").text

        assert "هنوز سفارشی به شما انتساب نشده است" not in page

    def test_a_manager_reads_the_words_of_the_tab(self, session, login, manager):
        page = login(manager).get(f"{LIST}?tab=due").text

        assert "هنوز سفارشی به شما انتساب نشده است" not in page
        assert session.scalar(select(Product.id)) is not None

    def test_new_follow_ups_are_named_where_none_is_due(self, session, login, consultant, colleague):
        def shown():
            return (
                login(consultant).get(f"{LIST}?tab=due").text.split('class="nothing"')[1].split("</div>")[0]
            )

        FollowUpFactory(consultant_id=colleague.id)
        FollowUpFactory(consultant_id=consultant.id, status=FollowUpStatus.LOST)
        assert "?tab=new" not in shown()
        FollowUpFactory(consultant_id=consultant.id)
        assert f'href="{LIST}?tab=new"' in shown()
