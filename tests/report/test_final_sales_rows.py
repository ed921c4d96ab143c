"""«گزارش فروش نهایی»: each number leads to exactly its rows, for those who may see them."""

import html
import re

import pytest

from app.lib.clock import start_at
from app.lib.persian import latin_digits
from app.panel.records.delete import soft_delete
from models.customer import Customer
from models.member import Member
from models.organization import Organization
from models.tenancy.scope import Actor, bind
from tests.factories import member
from tests.report.overall_steps import rows_at
from tests.report.sales_rows import LATEST, Sales, sales_of, sales_of_a_stranger

pytestmark = pytest.mark.usefixtures("colleagues_rows")
PAGE = "/reports/final-sales/"
# From the day of TODAY, 15 Ordibehesht 1404, over six weeks.
RANGE = "from=1404/02/15&to=1404/03/25"
GROUPS = ("consultant", "month", "week", "day", "product", "source")
# The place of the amount among the cells of a row, and of the columns of a line behind it.
COUNTED, AMOUNT, AMOUNT_OF_LINE = 5, 4, 3


@pytest.fixture
def stranger(session, manager, consultant, colleague, stranger_organization):
    found = sales_of_a_stranger(session, stranger_organization)
    # What was loaded before the other organisation was asked is detached.
    session.add_all([manager, consultant, colleague])
    return found


@pytest.fixture
def prepared(prepared_databases, request):
    """With the sales of the report in it, where the test asks for them."""
    found = prepared_databases.of(request.fixturenames)
    return (
        prepared_databases.with_rows(found, "sales", add_sales) if "sales" in request.fixturenames else found
    )


def add_sales(session, keys):
    organization = session.get_one(Organization, keys["organization"])
    manager, consultant, colleague = (
        session.get_one(Member, keys[name]) for name in ("manager", "consultant", "colleague")
    )
    consultant.first_name, consultant.last_name = "زهرا", "کریمی"
    colleague.first_name, colleague.last_name = "امیر", "حسینی"
    found = sales_of(session, organization, manager, consultant, colleague)
    return {"sales": {name: (type(row), row.id) for name, row in vars(found).items()}}


@pytest.fixture
def sales(session, organization, manager, consultant, colleague, stranger, prepared):
    bind(session, Actor(organization.id, manager.id))
    start_at(LATEST)
    rows = {
        name: session.get_one(model, key, execution_options={"with_deleted": True})
        for name, (model, key) in prepared.keys["sales"].items()
    }
    return Sales(**rows)


def number_in(text):
    return int(latin_digits(text).replace("٬", ""))


def cells_of(text):
    """(row, place in the row, number, address or None) of each counted figure."""
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.DOTALL):
        head = " ".join(re.sub(r"<[^>]+>", "", row.partition("</th>")[0]).split())
        for place, cell in enumerate(re.findall(r"<td.*?</td>", row, re.DOTALL)[:COUNTED]):
            link = re.search(r'<a href="([^"]+)"', cell)
            shown = re.sub(r"<[^>]+>", "", cell).strip()
            if shown:
                yield head, place, number_in(shown), link and html.unescape(link[1])


def texts_of(line):
    return [html.unescape(re.sub(r"<[^>]+>", "", each)) for each in re.findall(r"<td>.*?</td>", line)]


def link_of(line):
    found = re.search(r'<th scope="row"><a href="([^"]+)"', line)
    return found and found[1]


def lines_at(client, cell, more=""):
    return rows_at(client, f"{PAGE}rows?{RANGE}&cell={cell}{more}")


class TestEveryNumber:
    @pytest.mark.parametrize("switch", ["", "&same_numbers=1"])
    @pytest.mark.parametrize("role", ["manager", "consultant"])
    def test_leads_to_exactly_its_rows(self, request, monkeypatch, login, sales, role, switch):
        monkeypatch.setattr("app.panel.report.rows.PAGE", 6)
        client, read = login(request.getfixturevalue(role)), {}
        for by in GROUPS:
            text = client.get(f"{PAGE}?{RANGE}&by={by}{switch}").text
            for head, place, number, url in cells_of(text):
                assert bool(number) == bool(url), (by, head, place)
                if not number:
                    continue
                key = url.partition("cell=")[2]
                count, lines = read[key] = read.get(key) or rows_at(client, url)
                assert len(set(lines)) == len(lines) == count, (by, head, place)
                amounts = (
                    [number_in(texts_of(each)[AMOUNT_OF_LINE]) for each in lines] if place == AMOUNT else []
                )
                assert number == (sum(amounts) if amounts else count), (by, head, place)
        assert len(read) > 60

    @pytest.mark.parametrize("more", ["&consultant={0.id}", "&product={1}", "&source={2}"])
    def test_leads_to_its_rows_with_a_filter(self, login, manager, consultant, sales, more):
        order = sales.given_away
        filled = more.format(consultant, order.product_id, order.source_id)
        client = login(manager)
        found = [
            (number, rows_at(client, url)[0], url)
            for _head, place, number, url in cells_of(client.get(f"{PAGE}?{RANGE}&by=week{filled}").text)
            if url and place != AMOUNT
        ]
        assert len(found) > 10
        assert [(number, url) for number, _count, url in found] == [(count, url) for _n, count, url in found]


class TestLines:
    def test_the_lines_of_sales_lead_to_them(self, session, login, manager, sales):
        client = login(manager)
        count, lines = lines_at(client, "figure-sales")
        shown = {int(link_of(each).rpartition("/")[2]) for each in lines}
        assert len(shown) == count
        assert sales.refunded.id in shown
        assert not shown & {sales.cancelled.id, sales.draft.id, sales.trashed.id, sales.later.id}
        assert {client.get(link_of(each)).status_code for each in lines} == {200}
        assert [link_of(each) for each in lines_at(client, "figure-refunded")[1]] == [
            f"/sales/show/{sales.refunded.id}"
        ]

    def test_the_switch_adds_later_sales_of_the_numbers(self, login, manager, sales):
        _count, lines = lines_at(login(manager), "figure-sales", "&same_numbers=1")
        assert f"/sales/show/{sales.later.id}" in map(link_of, lines)

    def test_a_held_repeat_leads_to_its_order(self, login, manager, consultant, sales):
        for person in (manager, consultant):
            client = login(person)
            [line] = lines_at(client, "figure-held")[1]
            assert link_of(line) == f"/orders/show/{sales.held.id}"
            assert client.get(link_of(line)).status_code == 200
            assert texts_of(line)[0] == "زهرا کریمی"

    def test_a_number_leads_to_its_customer(self, login, manager, sales):
        client = login(manager)
        _count, lines = lines_at(client, "figure-numbers")
        assert {client.get(link_of(each)).status_code for each in lines} == {200}

    def test_a_number_that_a_colleague_has_now_has_neither_name_nor_link(self, login, consultant, sales):
        client = login(consultant)
        _count, lines = lines_at(client, "figure-numbers")
        [line] = [each for each in lines if link_of(each) is None]
        assert "اکنون نزد همکار" in line
        assert {client.get(link_of(each)).status_code for each in lines if each != line} == {200}

    def test_a_deleted_customer_has_neither_name_nor_link(self, session, login, manager, sales):
        customer = session.get_one(Customer, sales.later.customer_id)
        name = str(customer)
        bind(session, Actor(customer.organization_id, manager.id))
        soft_delete(Customer, [customer.id])
        session.commit()
        _count, lines = lines_at(login(manager), "figure-numbers")
        [line] = [each for each in lines if link_of(each) is None]
        assert "حذف‌شده" in line
        assert name not in line

    def test_lines_of_a_sum_name_their_row(self, login, manager, sales):
        _count, lines = lines_at(login(manager), "figure-sales.each-consultant")
        assert {texts_of(each)[-1] for each in lines} == {"زهرا کریمی", "امیر حسینی"}
        assert all(texts_of(each)[0] == texts_of(each)[-1] for each in lines)

    def test_the_page_says_what_it_lists(self, login, manager, consultant, sales):
        text = login(manager).get(f"{PAGE}rows?{RANGE}&cell=figure-sales.consultant-{consultant.id}").text
        assert "فروش · زهرا کریمی" in text
        assert f'href="{PAGE}?from=1404' in text


class TestOthers:
    FIGURES = ("numbers", "customers", "held", "sales", "refunded")

    def test_a_consultant_reads_nothing_of_a_colleague(self, login, consultant, colleague, sales):
        client = login(consultant)
        for figure in self.FIGURES:
            assert lines_at(client, f"figure-{figure}.consultant-{colleague.id}") == (0, []), figure
            count, lines = lines_at(client, f"figure-{figure}", f"&consultant={colleague.id}")
            assert "امیر حسینی" not in "".join(lines), figure
            assert (count, lines) == lines_at(client, f"figure-{figure}.consultant-{consultant.id}"), figure

    @pytest.mark.parametrize("figure", FIGURES)
    def test_another_organisation_reads_nothing(
        self, request, login, manager, stranger, sales, consultant, figure
    ):
        stranger_id, sale_id = stranger
        client = login(member("Manager", request.getfixturevalue("stranger_organization")))
        assert lines_at(client, f"figure-{figure}.consultant-{consultant.id}") == (0, [])
        theirs = lines_at(client, f"figure-{figure}")
        assert theirs == lines_at(client, f"figure-{figure}.consultant-{stranger_id}")
        if figure == "sales":
            assert [link_of(each) for each in theirs[1]] == [f"/sales/show/{sale_id}"]
        assert lines_at(login(manager), f"figure-{figure}.consultant-{stranger_id}") == (0, [])

    @pytest.mark.parametrize("role", ["SupportAgent", "Operator"])
    def test_others_may_not(self, login, organization, sales, role):
        client = login(member(role, None if role == "Operator" else organization))
        assert client.get(f"{PAGE}rows?{RANGE}&cell=figure-sales").status_code == 403

    def test_who_may_not_open_sales_gets_no_link_to_one(self, monkeypatch, login, manager, sales):
        monkeypatch.setattr("views.report_lines.permitted_section", lambda _slug, _right: None)
        client = login(manager)
        for figure in self.FIGURES:
            count, lines = lines_at(client, f"figure-{figure}")
            assert count
            assert {link_of(each) for each in lines} == {None}


class TestAddress:
    UNKNOWN = (
        "",
        "sales",
        "figure-x",
        "each-week",
        "figure-sales.each-x",
        "figure-sales.week-99",
        "figure-sales.week-none",
        "figure-sales.week--1",
        "figure-sales.consultant-x",
        "figure-sales.product-٣",
        "figure-sales.product-9999999999999999999",
        "figure-sales.week-1.product-1",
        "figure-sales.distinct-customers",
        "figure-numbers.distinct-x",
    )

    def test_an_unknown_cell_is_not_found(self, login, manager, sales):
        client = login(manager)
        answers = {cell: client.get(f"{PAGE}rows?{RANGE}&cell={cell}").status_code for cell in self.UNKNOWN}
        assert answers == dict.fromkeys(self.UNKNOWN, 404)

    def test_a_cell_without_rows_says_so(self, login, manager, sales):
        client = login(manager)
        for cell in ("figure-sales.product-999999999999999999", "figure-held.product-none"):
            answer = client.get(f"{PAGE}rows?{RANGE}&cell={cell}")
            assert answer.status_code == 200, cell
            assert 'data-rows="0"' in answer.text, cell

    def test_a_refused_range_has_no_rows(self, login, manager, sales):
        answer = login(manager).get(f"{PAGE}rows?from=1404/02/15&to=1404/02/14&cell=figure-sales")
        assert answer.status_code == 422
        assert "روز پایان پیش از روز آغاز است." in answer.text


@pytest.mark.parametrize("cell", ["figure-numbers", "figure-held", "figure-sales.each-week"])
def test_the_rows_need_few_statements_whatever_their_number(login, manager, sales, statements, cell):
    client = login(manager)
    client.get(PAGE)
    counts = []
    for days in (RANGE, "from=1404/02/15&to=1404/03/24"):
        statements.clear()
        client.get(f"{PAGE}rows?{days}&cell={cell}")
        counts.append(len(statements))
    assert max(counts) <= 10


def test_after_the_largest_key_stands_the_first_page(login, manager, sales):
    client = login(manager)
    for figure in ("numbers", "sales.each-week", "held", "numbers.distinct-customers"):
        address = f"{PAGE}rows?{RANGE}&cell=figure-{figure}"
        assert rows_at(client, address) == rows_at(client, f"{address}&after={'9' * 18}"), figure
