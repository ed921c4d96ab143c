"""«گزارش کل»: each number leads to exactly its rows; who may open it, its address, and its file."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib.clock import now, start_at
from app.lib.persian import latin_digits
from app.services.assignment.assign import assign
from app.services.assignment.reassign import reassign
from app.services.follow_up import record_result
from app.services.report import numbers
from app.services.result import Result
from app.services.sale.confirm import SaleDetails, Sold
from app.tasks.export import run_export
from models.job import ExportJob
from models.order_source import OrderSource
from models.result_title import ResultKind
from models.tenancy.scope import Actor, bind
from tests.factories import OrderFactory, ProductFactory, ResultTitleFactory, member
from tests.report.overall_history import STATES
from tests.report.test_figures import DAY, TODAY
from tests.support.makers import MAKERS, make_message

pytestmark = pytest.mark.usefixtures("colleagues_rows")
PAGE = "/reports/overall/"
# From the day of TODAY, 15 Ordibehesht 1404, over three weeks.
RANGE = "from=1404/02/15&to=1404/03/04"


@pytest.fixture
def work(session, organization, manager, consultant, colleague):
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


QUERIES = ["", "&by=week", "&by=month", "&consultant={consultant}", "&product={product}", "&source={source}"]


class TestLinks:
    @pytest.mark.parametrize("more", QUERIES)
    def test_every_number_of_a_manager_leads_to_its_rows(self, login, manager, consultant, work, more):
        client = login(manager)
        named = {
            "consultant": consultant.id,
            "product": work[0].product_id,
            "source": next(each.order.source_id for each in work if each.order.source_id),
        }
        links = links_of(client.get(f"{PAGE}?{RANGE}{more.format(**named)}").text)
        assert len(links) > 60
        for url, number in links:
            count, lines = rows_at(client, url)
            assert (count, len(lines)) == (number, number), url

    def test_every_number_of_a_consultant_leads_to_their_rows(self, login, consultant, work):
        client = login(consultant)
        text = client.get(f"{PAGE}?{RANGE}").text
        assert "نتیجه × هفته" in text
        assert "امیر حسینی" not in text
        links = links_of(text)
        assert len(links) > 40
        for url, number in links:
            count, lines = rows_at(client, url)
            assert (count, len(lines)) == (number, number), url
            assert "امیر حسینی" not in "".join(lines)

    def test_nothing_is_no_link(self, login, manager, work):
        text = login(manager).get(f"{PAGE}?{RANGE}").text
        assert 0 not in [number for _url, number in links_of(text)]
        assert "۰</span>" in text

    def test_rows_are_paged_by_their_key(self, monkeypatch, login, manager, work):
        monkeypatch.setattr("app.panel.report.rows.PAGE", 5)
        client = login(manager)
        count, lines = rows_at(client, f"{PAGE}rows?{RANGE}&cell=")
        assert count == len(lines) == len(set(lines)) == 24
        keys = client.get(f"{PAGE}rows?{RANGE}&cell=&after=0").text
        assert "<tbody>" not in keys

    @pytest.mark.parametrize("who", ["manager", "consultant"])
    def test_rows_of_a_long_range_are_read_in_parts(self, request, monkeypatch, login, work, who):
        client = login(request.getfixturevalue(who))
        links = links_of(client.get(f"{PAGE}?{RANGE}").text)
        at_once = {url: rows_at(client, url)[1] for url, _number in links}
        monkeypatch.setattr("app.panel.report.long.MOST_AT_ONCE", 1)
        monkeypatch.setattr("app.panel.report.rows.PAGE", 2)
        monkeypatch.setattr("views.reports.overall.rows.MOST_READ", 3)
        for url, _number in links[::3]:
            assert rows_at(client, url)[1] == at_once[url], url

    @pytest.mark.parametrize(("seconds", "parts"), [(0, 1), (600, 9)])
    def test_a_page_of_a_long_range_reads_parts_while_there_is_time(
        self, monkeypatch, login, manager, work, seconds, parts
    ):
        monkeypatch.setattr("app.panel.report.long.MOST_AT_ONCE", 1)
        monkeypatch.setattr("views.reports.overall.rows.MOST_READ", 3)
        monkeypatch.setattr("views.reports.overall.rows.LONGEST_READ", seconds)
        read = []
        place = numbers._place
        monkeypatch.setattr(
            numbers,
            "_place",
            lambda question, found, titles: place(question, read.append(len(found)) or found, titles),
        )
        page = login(manager).get(f"{PAGE}rows?{RANGE}&cell=state-lost").text

        assert "data-rows" not in page
        assert read == ([3] * 8 + [0])[:parts]
        # With time enough, no page is empty before the last one.
        assert ('rel="next"' in page) == (parts == 1)

    @pytest.mark.parametrize(
        "cell",
        [
            "nothing-1",
            "state",
            "sms-never",
            "hour-x",
            "answered-x",
            "state-open.sms-sent",
            "member-1.member-2",
        ],
    )
    def test_an_unknown_cell_is_not_found(self, login, manager, work, cell):
        assert login(manager).get(f"{PAGE}rows?{RANGE}&cell={cell}").status_code == 404

    @pytest.mark.parametrize(
        "cell", ["week-99", "result-999", "wait-99", "hour-99", "state-x", "within-x", "week-٣"]
    )
    def test_a_cell_without_rows_says_so(self, login, manager, work, cell):
        answer = login(manager).get(f"{PAGE}rows?{RANGE}&cell={cell}")
        assert answer.status_code == 200
        assert 'data-rows="0"' in answer.text

    @pytest.mark.parametrize("cell", ["", "state-open", "hour-every", "hour-10", "answered-1", "sms-every"])
    @pytest.mark.parametrize("is_long", [False, True])
    def test_after_the_largest_key_stands_the_first_page(
        self, monkeypatch, login, manager, work, cell, is_long
    ):
        monkeypatch.setattr("app.panel.report.long.MOST_AT_ONCE", 1 if is_long else 100)
        client, address = login(manager), f"{PAGE}rows?{RANGE}&cell={cell}"
        first, after = rows_at(client, address), rows_at(client, f"{address}&after={'9' * 18}")
        assert first == after
        assert first[1]

    @pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "%00", "٣"])
    def test_a_bad_place_is_the_first_page(self, login, manager, work, after):
        answer = login(manager).get(f"{PAGE}rows?{RANGE}&cell=&after={after}")
        assert answer.status_code == 200
        assert answer.text.count('<th scope="row">') == 24

    def test_a_refused_range_has_no_rows(self, login, manager, work):
        answer = login(manager).get(f"{PAGE}rows?from=1404/02/15&to=1404/02/14&cell=")
        assert answer.status_code == 422
        assert "روز پایان پیش از روز آغاز است." in answer.text

    def test_a_number_that_went_to_a_colleague_stays_without_its_name(
        self, session, login, manager, consultant, colleague, work
    ):
        mine = next(each for each in work if each.consultant_id == consultant.id)
        mine.customer.last_name = name = "بی‌مانند"
        session.commit()
        url = f"{PAGE}rows?{RANGE}&cell="
        client = login(consultant)
        before, lines = rows_at(client, url)
        assert any(name in line for line in lines)
        bind(session, Actor(consultant.organization_id, manager.id))
        reassign(mine, colleague, by=manager)
        session.commit()
        after, lines = rows_at(login(consultant), url)
        assert after == before
        assert not any(name in line for line in lines)
        assert sum("اکنون نزد همکار" in line for line in lines) == 1


class TestPage:
    def test_a_manager_reads_the_organisation(self, login, manager, work):
        text = login(manager).get(f"{PAGE}?{RANGE}").text
        assert "از ۲۴ شماره با ۲۰ شماره تماس گرفته شد" in text
        for title in (
            "وضعیت شماره‌های انتساب‌یافته",
            "وضعیت پیگیری‌های باز",
            "چند تماس تا نتیجه",
            "زمان تا نخستین تماس",
            "نتیجه × مشاور",
            "تبدیل بر پایهٔ هفتهٔ انتساب",
            "تماس‌ها بر پایهٔ ساعت",
        ):
            assert f"<h2>{title}</h2>" in text
        assert "style=" not in text

    def test_the_past_stays_after_a_reassignment(self, session, login, manager, colleague, work):
        before = links_of(login(manager).get(f"{PAGE}?{RANGE}").text)
        for row in work:
            if row.consultant_id != colleague.id:
                reassign(row, colleague, by=manager)
        session.commit()
        assert links_of(login(manager).get(f"{PAGE}?{RANGE}").text) == before

    def test_an_empty_range_says_so(self, login, consultant, work):
        answer = login(consultant).get(f"{PAGE}?from=1390/01/01&to=1390/01/05")
        assert answer.status_code == 200
        assert "در این بازه شماره‌ای انتساب نشده است." in answer.text
        assert "report-part" not in answer.text.partition("<main")[2].replace("report-parts", "")
        assert not links_of(answer.text)

    @pytest.mark.parametrize("role", ["SupportAgent", "Operator"])
    def test_others_may_not(self, login, organization, work, role):
        client = login(member(role, None if role == "Operator" else organization))
        assert client.get(PAGE).status_code == 403
        assert client.get(f"{PAGE}rows?{RANGE}&cell=").status_code == 403
        assert client.post(f"{PAGE}export", data={"_query": RANGE}).status_code == 403

    def test_a_stranger_reads_nothing_of_it(self, login, stranger_organization, work):
        client = login(member("Manager", stranger_organization))
        assert "در این بازه شماره‌ای انتساب نشده است." in client.get(f"{PAGE}?{RANGE}").text
        assert rows_at(client, f"{PAGE}rows?{RANGE}&cell=") == (0, [])
        assert rows_at(client, f"{PAGE}rows?{RANGE}&cell=hour-every") == (0, [])
        assert rows_at(client, f"{PAGE}rows?{RANGE}&cell=sms-every") == (0, [])

    def test_twelve_months_are_allowed_and_a_day_more_is_not(self, login, manager, work):
        client = login(manager)
        assert client.get(f"{PAGE}?from=1403/01/01&to=1403/12/30").status_code == 200
        refused = client.get(f"{PAGE}?from=1403/01/01&to=1404/01/01")
        assert refused.status_code == 422
        assert "بازه حداکثر دوازده ماه است؛ آخرین روز ممکن ۳۰ اسفند ۱۴۰۳ است." in refused.text

    def test_names_are_escaped(self, session, login, manager, consultant, work):
        consultant.last_name = "<script>alert(1)</script>"
        session.commit()
        client = login(manager)
        assert "<script>alert" not in client.get(f"{PAGE}?{RANGE}").text
        assert "<script>alert" not in client.get(f"{PAGE}rows?{RANGE}&cell=").text


class TestExport:
    def test_a_manager_gets_the_table_as_a_file(self, session, login, manager, work):
        client = login(manager)
        client.post(f"{PAGE}export", data={"_query": RANGE, "format": "csv", "_step": "run"})
        job = session.query(ExportJob).one()
        key, organization_id = job.id, job.organization_id
        session.commit()
        run_export(key, organization_id)
        file = client.get(f"/exports/{key}/file")
        lines = [line.split(",") for line in file.get_data().decode("utf-8-sig").splitlines()]
        file.close()
        assert [line[0] for line in lines[1:]] == ["زهرا کریمی", "امیر حسینی", "جمع"]
        assert lines[-1][1] == "24"

    def test_a_consultant_may_not(self, login, consultant, work):
        assert login(consultant).post(f"{PAGE}export", data={"_query": RANGE}).status_code == 403


def test_the_page_needs_few_statements_whatever_the_rows(login, manager, work, statements):
    client = login(manager)
    client.get(PAGE)
    counts = []
    for query in (RANGE, "from=1404/02/15&to=1404/02/15"):
        statements.clear()
        client.get(f"{PAGE}?{query}")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12
