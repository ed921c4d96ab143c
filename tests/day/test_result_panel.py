"""The side panel of a follow-up: the person first (fault 3), two windows (U04), who sees what."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from app.lib.clock import now
from app.lib.jalali import format_datetime
from app.services.follow_up import Result, record_result
from models.follow_up import FollowUp, FollowUpEntry
from models.result_title import ResultKind
from models.sale import SaleStatus
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, OrderFactory, ResultTitleFactory, SaleFactory, member
from tests.support.pages import untouched

HTMX = {"HX-Request": "true"}
FORM = "data-result"


@pytest.fixture
def follow_up(session, manager, consultant):
    row = FollowUpFactory(
        consultant_id=consultant.id,
        order__note="عصر تماس بگیرید",
        order__customer__city="شیراز",
        order__product__title="دوره زبان",
    )
    session.commit()
    return row


def opened(browser, follow_up, **headers):
    return browser.get(f"/follow-ups/{follow_up.id}/panel", headers=HTMX | headers).text


class TestPerson:
    def test_says_who_and_what_before_the_form(self, login, consultant, follow_up):
        page = opened(login(consultant), follow_up)

        head = page.partition("<form")[0]
        assert all(
            words in head for words in ("شیراز", "دوره زبان", f"/customers/show/{follow_up.customer_id}")
        )
        assert f"tel:{follow_up.customer.mobile}" in head
        assert "عصر تماس بگیرید" in page.partition('id="result_title"')[0]

    def test_shows_the_last_two_results_and_the_number_of_all(self, session, login, consultant, follow_up):
        for number in range(3):
            record_result(follow_up, Result(ResultTitleFactory(title=f"عنوان {number}"), f"یادداشت {number}"))
        other = FollowUpFactory(consultant_id=consultant.id)
        record_result(other, Result(ResultTitleFactory(title="از دیگری")))
        session.commit()

        page = opened(login(consultant), follow_up)
        latest = page.partition('class="latest"')[2].partition("</ol>")[0]

        assert [f"یادداشت {number}" in latest for number in range(3)] == [False, True, True]
        assert "همهٔ ۳ نتیجه" in page
        assert "از دیگری" not in latest

    def test_counts_the_orders_that_the_member_may_see(
        self, session, login, manager, consultant, colleague, follow_up
    ):
        customer = follow_up.customer
        FollowUpFactory(consultant_id=consultant.id, order=OrderFactory(customer=customer))
        FollowUpFactory(consultant_id=colleague.id, order=OrderFactory(customer=customer))
        OrderFactory(customer=customer, deleted_at=now())
        session.commit()

        assert "۲ سفارش" in opened(login(consultant), follow_up)
        assert "۳ سفارش" in opened(login(manager), follow_up)

    def test_says_how_many_orders_and_purchases_the_member_may_see(
        self, session, login, manager, consultant, colleague, follow_up
    ):
        customer = follow_up.customer
        SaleFactory(order=follow_up.order, consultant_id=consultant.id)
        theirs = FollowUpFactory(consultant_id=colleague.id, order=OrderFactory(customer=customer))
        SaleFactory(order=theirs.order, consultant_id=colleague.id)
        SaleFactory(order=follow_up.order, consultant_id=consultant.id, status=SaleStatus.CANCELLED)
        session.commit()
        link = f'<a href="/customers/show/{follow_up.customer_id}?tab='

        assert f'مشتری {link}orders">۱ سفارش</a> و {link}sales">۱ خرید</a> دارد' in opened(
            login(consultant), follow_up
        )
        assert f'مشتری {link}orders">۲ سفارش</a> و {link}sales">۲ خرید</a> دارد' in opened(
            login(manager), follow_up
        )

    @pytest.mark.parametrize(
        ("address", "first"),
        [
            ("https://ava.test/follow-ups/", "ثبت و بعدی"),
            ("https://ava.test/follow-ups/?tab=new", "ثبت و بعدی"),
            ("https://ava.test/follow-ups/?tab=all", "ثبت"),
            ("https://ava.test/customers/?tab=new", "ثبت"),
            ("", "ثبت"),
            ("https://[follow-ups/", "ثبت"),
        ],
    )
    def test_goes_on_to_the_next_row_where_rows_are_worked_through(
        self, login, consultant, follow_up, address, first
    ):
        page = opened(login(consultant), follow_up, **{"HX-Current-URL": address})

        foot = page.partition('class="overlay-foot"')[2]
        assert foot.partition("data-main-submit")[2].partition(">")[2].partition("<")[0] == first
        assert "انصراف" not in foot

    def test_without_the_right_to_record_there_is_no_form(self, session, login, organization, follow_up):
        agent = member("SupportAgent", organization)

        assert login(agent).get(f"/follow-ups/{follow_up.id}/panel").status_code == 403


class TestMeanwhile:
    """A result that another window or member has recorded is never covered in silence."""

    @pytest.fixture
    def form(self, login, consultant, follow_up):
        """The form that the consultant has open, filled in."""
        sent = untouched(opened(login(consultant), follow_up), FORM)
        later = format_datetime(now() + timedelta(days=1))
        return sent | {"result_title": ResultTitleFactory().id, "note": "گفت فردا", "next_at": later}

    @pytest.fixture
    def newer(self, session, manager, follow_up, form):
        """The result that a manager records meanwhile."""
        title = ResultTitleFactory(title="راهنمایی شد")
        manager.first_name = "زهرا"
        bind(session, Actor(manager.organization_id, manager.id))
        record_result(follow_up, Result(title, "زنگ زدم"))
        session.commit()

    def post(self, browser, follow_up, form):
        return browser.post(f"/follow-ups/{follow_up.id}/result", data=form, headers=HTMX)

    def count(self, session, organization, follow_up):
        bind(session, Actor(organization.id))
        session.expire_all()
        mine = select(func.count()).where(FollowUpEntry.follow_up_id == follow_up.id)
        return session.scalar(mine)

    def test_is_asked_once_with_who_what_and_all_that_was_typed(
        self, session, organization, login, consultant, follow_up, form, newer
    ):
        browser = login(consultant)

        answer = self.post(browser, follow_up, form)

        assert answer.status_code == 409
        assert all(words in answer.text for words in ("زهرا", "«راهنمایی شد» ثبت کرد", "زنگ زدم", "گفت فردا"))
        assert form["next_at"] in answer.text
        assert self.count(session, organization, follow_up) == 1
        again = form | {name: untouched(answer.text, FORM)[name] for name in ("version", "seen")}
        assert self.post(browser, follow_up, again).status_code == 204
        assert self.count(session, organization, follow_up) == 2

    def test_ones_own_other_window_is_asked_too(
        self, session, organization, login, consultant, follow_up, form
    ):
        browser = login(consultant)
        self.post(browser, follow_up, form | {"token": str(uuid4())})

        answer = self.post(browser, follow_up, form)

        assert answer.status_code == 409
        assert "شما" in answer.text

    def test_the_same_form_sent_twice_is_no_conflict(
        self, session, organization, login, consultant, follow_up, form
    ):
        browser = login(consultant)

        assert [self.post(browser, follow_up, form).status_code for _ in range(2)] == [204, 204]
        assert self.count(session, organization, follow_up) == 1

    def test_another_change_of_the_row_is_said_without_a_result(
        self, session, organization, login, consultant, follow_up, form
    ):
        session.execute(update(FollowUp).where(FollowUp.id == follow_up.id).values(next_at=now()))
        session.commit()

        answer = self.post(login(consultant), follow_up, form)

        assert answer.status_code == 409
        assert "در این میان تغییر کرده است" in answer.text

    def test_a_result_on_another_follow_up_does_not_matter(
        self, session, organization, login, consultant, follow_up, form
    ):
        other = FollowUpFactory(consultant_id=consultant.id)
        record_result(other, Result(ResultTitleFactory()))
        session.commit()

        assert self.post(login(consultant), follow_up, form).status_code == 204

    @pytest.mark.parametrize("distance", [-1, 1])
    def test_a_version_before_or_after_that_of_the_row_is_another_one(
        self, session, organization, login, consultant, follow_up, form, distance
    ):
        version = str(int(form["version"]) + distance)

        answer = self.post(login(consultant), follow_up, form | {"version": version})

        assert (answer.status_code, self.count(session, organization, follow_up)) == (409, 0)

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
    def test_a_version_that_is_none_is_no_error(self, login, consultant, follow_up, form, version):
        answer = self.post(login(consultant), follow_up, form | {"version": version})

        assert answer.status_code == 204


def test_a_won_result_that_is_asked_again_has_its_sale_fields(login, session, manager, consultant, follow_up):
    won, browser = ResultTitleFactory(kind=ResultKind.WON), login(consultant)
    sale = {"items-0-product": follow_up.product_id, "items-0-quantity": "1", "items-0-price": "2500000"}
    sent = untouched(opened(browser, follow_up), FORM) | {"result_title": won.id} | sale
    session.execute(update(FollowUp).where(FollowUp.id == follow_up.id).values(next_at=now()))
    session.commit()

    answer = browser.post(f"/follow-ups/{follow_up.id}/result", data=sent, headers=HTMX)

    assert answer.status_code == 409
    assert "۲٬۵۰۰٬۰۰۰" in answer.text or 'value="2500000"' in answer.text
