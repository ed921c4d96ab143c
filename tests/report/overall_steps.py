"""Steps of the tests of the overall report."""

import html
import re
from datetime import timedelta

from sqlalchemy import select

from app.lib.clock import now, start_at
from app.lib.persian import latin_digits
from app.services.assignment.assign import assign
from app.services.follow_up import record_result
from app.services.result import Result
from app.services.sale.confirm import SaleDetails, Sold
from models.order_source import OrderSource
from models.result_title import ResultKind
from models.tenancy.scope import Actor, bind
from tests.factories import OrderFactory, ProductFactory, ResultTitleFactory
from tests.report.overall_history import STATES
from tests.report.test_figures import DAY, TODAY
from tests.support.makers import MAKERS, make_message

PAGE = "/reports/overall/"
# From the day of TODAY, 15 Ordibehesht 1404, over three weeks.
RANGE = "from=1404/02/15&to=1404/03/04"


def work_of(session, organization, manager, consultant, colleague):
    """Numbers of both consultants in every state, with calls at several hours and messages; then time passes."""
    titles = {kind: ResultTitleFactory(kind=kind, title=f"نتیجهٔ {kind.value}") for kind in ResultKind}
    products, source = [ProductFactory(), ProductFactory()], session.scalars(select(OrderSource)).first()
    consultant.first_name, consultant.last_name = "زهرا", "کریمی"
    colleague.first_name, colleague.last_name = "امیر", "حسینی"
    kinds, provider = list(ResultKind), MAKERS["sms-providers"]("خط", 0, 0)
    rows = []
    for place in range(24):
        bind(session, Actor(organization.id, manager.id))
        start_at(TODAY.whole.start + timedelta(hours=8 + place % 9) + DAY * (place % 15))
        order = OrderFactory(product=products[place % 2], source=source if place % 3 else None)
        row = assign(order, (consultant, colleague)[place % 5 % 2], by=manager)
        rows.append(row)
        for call in range(place % 7):
            kind = kinds[(place + call) % len(kinds)]
            sale = SaleDetails([Sold(order.product, 1_000_000)]) if kind is ResultKind.WON else None
            start_at(now() + timedelta(minutes=3 + 31 * place))
            bind(session, Actor(organization.id, row.consultant_id))
            record_result(row, Result(titles[kind], sale=sale))
        if place % 2:
            message = make_message("پیامک", row.consultant_id, place)
            message.follow_up_id, message.provider_id = row.id, provider.id
            session.flush()
            message.state = STATES[place % len(STATES)]
    session.flush()
    bind(session, Actor(organization.id, manager.id))
    start_at(TODAY.whole.end + 60 * DAY)
    session.commit()
    return rows


def links_of(text):
    """(address, number) of each link to rows."""
    found = re.findall(r'<a href="([^"]*/rows\?[^"]*)">([^<]+)</a>', text)
    return [(html.unescape(url), int(latin_digits(number).replace("٬", ""))) for url, number in found]


def rows_at(client, url):
    """The number that the page of rows names, and the rows of all its pages."""
    lines, answer = [], client.get(url)
    named = re.search(r'data-rows="(\d+)"', answer.text)
    count = named and int(named[1])
    while True:
        assert answer.status_code == 200
        body = answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
        lines += re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
        following = re.search(r'href="([^"]+)" rel="next"', answer.text)
        if following is None:
            return count, lines
        answer = client.get(html.unescape(following[1]))
