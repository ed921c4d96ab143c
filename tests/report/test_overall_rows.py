"""«گزارش کل»: each number leads to exactly its rows, read at once or in parts."""

import pytest

from app.services.assignment.reassign import reassign
from app.services.report import numbers
from models.tenancy.scope import Actor, bind
from tests.report.overall_steps import PAGE, RANGE, links_of, rows_at

pytestmark = pytest.mark.usefixtures("colleagues_rows")
QUERIES = ["", "&by=week", "&by=month", "&consultant={consultant}", "&product={product}", "&source={source}"]
UNKNOWN = (
    "nothing-1",
    "state",
    "sms-never",
    "hour-x",
    "answered-x",
    "answered-2",
    "answered-99999999999999999999",
    "hour-24",
    "hour-٣",
    "week-99",
    "week-٣",
    "week-01",
    "month-99",
    "result-999",
    "wait-99",
    "state-x",
    "within-x",
    "calls-6",
    "pending-2",
    "called-2",
    "called-0.pending-0",
    "member-x",
    "state-open.sms-sent",
    "member-1.member-2",
)


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

    def test_an_unknown_cell_is_not_found(self, login, manager, work):
        client = login(manager)
        answers = {cell: client.get(f"{PAGE}rows?{RANGE}&cell={cell}").status_code for cell in UNKNOWN}
        assert answers == dict.fromkeys(UNKNOWN, 404)

    def test_a_cell_without_rows_says_so(self, login, manager, work):
        client = login(manager)
        for cell in ("called-1.state-new", "member-99999999999999999999", "state-new.calls-5"):
            answer = client.get(f"{PAGE}rows?{RANGE}&cell={cell}")
            assert answer.status_code == 200, cell
            assert 'data-rows="0"' in answer.text, cell

    @pytest.mark.parametrize("is_long", [False, True])
    def test_after_the_largest_key_stands_the_first_page(self, monkeypatch, login, manager, work, is_long):
        monkeypatch.setattr("app.panel.report.long.MOST_AT_ONCE", 1 if is_long else 100)
        client = login(manager)
        for cell in ("", "state-open", "hour-every", "hour-10", "answered-1", "sms-every"):
            address = f"{PAGE}rows?{RANGE}&cell={cell}"
            first, after = rows_at(client, address), rows_at(client, f"{address}&after={'9' * 18}")
            assert first == after, cell
            assert first[1], cell

    def test_a_bad_place_is_the_first_page(self, login, manager, work):
        client = login(manager)
        for after in ("x", "-1", "9" * 40, "%00", "٣"):
            answer = client.get(f"{PAGE}rows?{RANGE}&cell=&after={after}")
            assert answer.status_code == 200, after
            assert answer.text.count('<th scope="row">') == 24, after

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
