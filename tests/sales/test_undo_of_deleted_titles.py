"""The undo of results and of support whose titles were deleted since, or whose row had a deleted title before."""

from __future__ import annotations

from uuid import uuid4

import pytest

from models.follow_up import FollowUp, FollowUpStatus
from models.result_title import ResultKind, ResultScope
from models.sale import Sale
from tests.day.result_steps import HTMX, undo, undo_of
from tests.factories import FollowUpFactory, ResultTitleFactory
from tests.sales.sale_steps import RUN


def record(browser, section, row, title):
    data = {"result_title": title.id, "token": str(uuid4())}
    return undo_of(browser.post(f"/{section}/{row.id}/result", data=data, headers=HTMX))


def delete(client, title):
    assert client.post(f"/result-titles/delete/{title.id}", data=RUN, headers=HTMX).status_code == 204


@pytest.mark.parametrize("deleted", ["old", "new", "both"])
def test_a_result_is_taken_back(session, login, client, consultant, deleted):
    old, new = (ResultTitleFactory(kind=kind) for kind in (ResultKind.OPEN, ResultKind.LOST))
    work = FollowUpFactory(consultant_id=consultant.id, last_result_id=old.id, attempts=1)
    session.commit()
    browser = login(consultant)
    url = record(browser, "follow-ups", work, new)
    for title in {"old": [old], "new": [new], "both": [old, new]}[deleted]:
        delete(client, title)

    assert undo(browser, url)["level"] == "success"
    session.expire_all()
    row = session.get(FollowUp, work.id)
    assert (row.status, row.last_result_id, row.attempts) == (FollowUpStatus.OPEN, old.id, 1)
    page = browser.get(f"/follow-ups/show/{work.id}")
    assert page.status_code == 200
    assert str(new) in page.text


@pytest.mark.parametrize("deleted", ["old", "new"])
def test_support_is_taken_back(session, login, client, support, sale, deleted):
    old, new = (ResultTitleFactory(scope=ResultScope.SUPPORT) for _both in range(2))
    sale.last_support_result_id = old.id
    session.commit()
    browser = login(support)
    url = record(browser, "support", sale, new)
    delete(client, old if deleted == "old" else new)

    assert undo(browser, url)["level"] == "success"
    session.expire_all()
    assert session.get(Sale, sale.id).last_support_result_id == old.id
