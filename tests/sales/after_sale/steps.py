"""Steps of the tests of the support of sales."""

from __future__ import annotations

import json
from uuid import uuid4

from sqlalchemy import select

from models.result_title import ResultScope
from models.sale import Sale
from models.support import SupportEntry
from tests.factories import ResultTitleFactory

HTMX = {"HX-Request": "true"}


def support_title(**fields):
    return ResultTitleFactory(scope=ResultScope.SUPPORT, **fields)


def listed(browser, tab="all", **arguments):
    page = browser.get("/support/", query_string={"tab": tab, **arguments}).text
    return {int(part.partition('"')[0]) for part in page.split('data-pk="')[1:]}


def register(browser, sale, title, **fields):
    data = {"result_title": title.id, "token": str(uuid4())} | fields
    return browser.post(f"/support/{sale.id}/result", data=data, headers=HTMX)


def toast(answer):
    assert answer.status_code == 204, answer.text
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def stored(session, sale):
    session.expire_all()
    row = session.get(Sale, sale.id)
    return row.last_support_result_id, row.support_next_at


def entries(session, sale):
    session.expire_all()
    return session.scalars(select(SupportEntry).where(SupportEntry.sale_id == sale.id)).all()
