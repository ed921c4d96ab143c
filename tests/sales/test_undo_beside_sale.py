"""The undo of a result whose order was sold by hand since: whatever the time of the sale and whoever made it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from app.lib.clock import now
from app.lib.jalali import format_datetime
from models.follow_up import FollowUp, FollowUpStatus
from models.order import OrderStatus
from models.result_title import ResultKind
from tests.day.result_steps import HTMX, undo, undo_of
from tests.factories import FollowUpFactory, OrderFactory, ResultTitleFactory
from tests.sales.by_hand import sales
from tests.sales.sale_steps import RUN


@pytest.mark.parametrize("kind", [ResultKind.OPEN, ResultKind.LOST])
@pytest.mark.parametrize("whose", ["mine", "a colleague's"])
@pytest.mark.parametrize("days", [0, 3])
def test_an_order_that_was_sold_since_stays_won(
    session, login, add_sale, consultant, colleague, course, kind, whose, days
):
    work = FollowUpFactory(consultant_id=consultant.id, order=OrderFactory(product=course))
    title = ResultTitleFactory(kind=kind)
    session.commit()
    browser = login(consultant)
    data = {"result_title": title.id, "token": str(uuid4())}
    url = undo_of(browser.post(f"/follow-ups/{work.id}/result", data=data, headers=HTMX))
    seller = consultant if whose == "mine" else colleague
    fields = {"customer": work.customer_id, "order": work.order_id, "consultant": seller.id}
    at = format_datetime(now() - timedelta(days=days))
    assert add_sale(**fields, sold_at=at).status_code == 302

    toast = undo(browser, url)

    session.expire_all()
    row = session.get(FollowUp, work.id)
    assert toast["level"] == "danger"
    assert row.order.status is OrderStatus.WON
    assert row.status is (FollowUpStatus.WON if kind is ResultKind.OPEN else FollowUpStatus.LOST)


def test_a_draft_that_was_confirmed_since_counts_too(session, login, client, add_sale, consultant, course):
    work = FollowUpFactory(consultant_id=consultant.id, order=OrderFactory(product=course))
    title = ResultTitleFactory(kind=ResultKind.OPEN)
    session.commit()
    fields = {"customer": work.customer_id, "order": work.order_id, "status": "draft"}
    assert add_sale(**fields).status_code == 302
    [draft] = sales(session)
    browser = login(consultant)
    data = {"result_title": title.id, "token": str(uuid4())}
    url = undo_of(browser.post(f"/follow-ups/{work.id}/result", data=data, headers=HTMX))
    client.post(f"/sales/action/confirm_sale/{draft.id}", data=RUN, headers=HTMX)

    toast = undo(browser, url)

    session.expire_all()
    row = session.get(FollowUp, work.id)
    assert (toast["level"], row.status, row.order.status) == ("danger", FollowUpStatus.WON, OrderStatus.WON)
