"""«گزارش فروش نهایی»: its page, its address, who may open it, and its file."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.lib.clock import now, start_at
from app.lib.persian import latin_digits
from app.panel.records.delete import soft_delete
from app.services.assignment.assign import assign
from app.services.assignment.reassign import reassign
from app.services.sale.confirm import SaleDetails, Sold, confirm_sale
from app.tasks.export import run_export
from models.job import ExportJob
from models.product import Product
from models.tenancy.scope import Actor, bind
from tests.factories import OrderFactory, ProductFactory, member
from tests.report.test_figures import DAY, TODAY

pytestmark = pytest.mark.usefixtures("colleagues_rows")
PAGE = "/reports/final-sales/"
# The day of TODAY is 15 Ordibehesht 1404.
RANGE = "from=1404/02/15&to=1404/02/15"


@pytest.fixture
def busy(session, organization, manager, consultant, colleague):
    """Two numbers of the consultant, one of them bought; one number of the colleague."""
    bind(session, Actor(organization.id, manager.id))
    consultant.first_name, consultant.last_name = "زهرا", "کریمی"
    colleague.first_name, colleague.last_name = "امیر", "حسینی"
    start_at(TODAY.whole.start + timedelta(hours=9))
    rows = [assign(OrderFactory(), consultant, by=manager) for _ in range(2)]
    confirm_sale(rows[0], SaleDetails([Sold(rows[0].product, 25_000_000)]))
    rows.append(assign(OrderFactory(), colleague, by=manager))
    start_at(TODAY.whole.end + timedelta(hours=9))
    session.commit()
    return rows


def rows_of(answer):
    """The texts of the cells by the text of the row's head."""
    table = re.findall(r"<section class=\"sheet\">.*?</section>", answer.text, re.DOTALL)[-1]
    found = {}
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)[1:]:
        cells = [
            " ".join(re.sub(r"<[^>]+>", "", each).split())
            for each in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        found[cells[0]] = cells[1:]
    return found


class TestPage:
    def test_a_manager_reads_the_organisation(self, login, manager, busy):
        answer = login(manager).get(f"{PAGE}?{RANGE}")
        assert answer.status_code == 200
        assert "از ۳ شماره، ۱ فروش: ۳۳٫۳٪" in answer.text
        assert rows_of(answer) == {
            "زهرا کریمی": ["۲", "۰", "۱", "۰", "۲٬۵۰۰٬۰۰۰", "۲٬۵۰۰٬۰۰۰", "۵۰٫۰٪"],
            "امیر حسینی": ["۱", "۰", "۰", "۰", "۰", "—", "۰٫۰٪"],
            "جمع ردیف‌ها": ["۳", "۰", "۱", "۰", "۲٬۵۰۰٬۰۰۰", "۲٬۵۰۰٬۰۰۰", "۳۳٫۳٪"],
            "مشتریان یکتا": ["۳", "", "", "", "", "", "۳۳٫۳٪"],
        }

    def test_a_consultant_reads_their_own(self, login, consultant, colleague, busy):
        answer = login(consultant).get(f"{PAGE}?{RANGE}&consultant={colleague.id}")
        assert "از ۲ شماره، ۱ فروش: ۵۰٫۰٪" in answer.text
        assert "امیر حسینی" not in answer.text
        assert 'name="consultant"' not in answer.text
        assert "/export" not in answer.text

    def test_the_past_stays_after_a_reassignment(self, login, manager, colleague, busy):
        before = rows_of(login(manager).get(f"{PAGE}?{RANGE}"))
        reassign(busy[0], colleague, by=manager)
        assert rows_of(login(manager).get(f"{PAGE}?{RANGE}")) == before

    @pytest.mark.parametrize("role", ["SupportAgent", "Operator"])
    def test_others_may_not(self, login, organization, busy, role):
        person = member(role, None if role == "Operator" else organization)
        client = login(person)
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}export", data={"_query": RANGE}).status_code == 403
        assert client.get("/").status_code in {200, 302}

    def test_only_those_who_may_see_it_in_the_menu(self, login, manager, consultant, organization):
        support = member("SupportAgent", organization)
        shown = [
            f'href="{PAGE}"' in login(each).get("/account/").text for each in (manager, consultant, support)
        ]
        assert shown == [True, True, False]

    @pytest.mark.parametrize(
        ("by", "heads"),
        [
            ("month", ["اردیبهشت ۱۴۰۴ ماه ناقص"]),
            ("week", ["۱۵ اردیبهشت تا ۱۵ اردیبهشت هفتهٔ ناقص"]),
            ("day", ["دوشنبه ۱۵ اردیبهشت"]),
            ("source", ["بدون منبع"]),
        ],
    )
    def test_rows_by(self, login, manager, busy, by, heads):
        rows = rows_of(login(manager).get(f"{PAGE}?{RANGE}&by={by}"))
        assert list(rows) == [*heads, "جمع ردیف‌ها", "مشتریان یکتا"]
        assert [rows[head][0] for head in heads] == ["۳"]

    def test_filters_limit_the_figures(self, login, manager, colleague, busy):
        client = login(manager)
        whose = client.get(f"{PAGE}?{RANGE}&consultant={colleague.id}")
        what = client.get(f"{PAGE}?{RANGE}&product={busy[0].product_id}")
        assert list(rows_of(whose)) == ["امیر حسینی", "جمع ردیف‌ها", "مشتریان یکتا"]
        assert "از ۱ شماره، ۱ فروش: ۱۰۰٫۰٪" in what.text

    def test_the_switch_counts_later_sales_of_the_numbers(self, session, login, manager, busy):
        start_at(TODAY.whole.end + 30 * DAY)
        confirm_sale(busy[2], SaleDetails([Sold(busy[2].product, 1_000_000)]))
        session.commit()
        client = login(manager)
        assert "۱ فروش: ۳۳٫۳٪" in client.get(f"{PAGE}?{RANGE}").text
        assert "۲ فروش از همین شماره‌ها: ۶۶٫۷٪" in client.get(f"{PAGE}?{RANGE}&same_numbers=1").text

    def test_nothing_was_assigned(self, login, manager, busy):
        answer = login(manager).get(f"{PAGE}?from=1390/01/01&to=1390/01/05")
        assert answer.status_code == 200
        assert "در این بازه شماره‌ای انتساب نشده است." in answer.text
        assert "<figure" not in answer.text

    def test_names_are_escaped(self, session, login, manager, consultant, busy):
        consultant.last_name = "<script>alert(1)</script>"
        session.commit()
        assert "<script>alert" not in login(manager).get(f"{PAGE}?{RANGE}").text

    def test_the_chart_has_the_numbers_of_its_table(self, login, manager, busy):
        text = login(manager).get(f"{PAGE}?from=1404/02/13&to=1404/02/19").text
        assert text.count('class="report-back"') == 7
        assert [float(each) for each in re.findall(r'report-back" [^>]*height="([^"]+)"', text)].count(
            75.0
        ) == 1
        assert "style=" not in text


class TestRange:
    def test_four_months_are_allowed_and_a_day_more_is_not(self, login, manager, busy):
        client = login(manager)
        assert client.get(f"{PAGE}?from=1404/01/01&to=1404/04/31").status_code == 200
        refused = client.get(f"{PAGE}?from=1404/01/01&to=1404/05/01&by=week")
        assert refused.status_code == 422
        assert "بازه حداکثر چهار ماه است؛ آخرین روز ممکن ۳۱ تیر ۱۴۰۴ است." in refused.text
        assert 'aria-describedby="to-error"' in refused.text
        assert "<table" not in refused.text
        repair = re.search(r'report-repair" href="([^"]+)">([^<]+)', refused.text)
        assert repair[2] == "بشود ۳۱ تیر"
        repaired = client.get(repair[1].replace("&amp;", "&"))
        assert repaired.status_code == 200
        assert re.search(r'aria-current="true">هفته<', repaired.text)

    @pytest.mark.parametrize(
        ("query", "field", "message"),
        [
            ("from=1404/02/15&to=1404/02/14", "to", "روز پایان پیش از روز آغاز است."),
            ("from=2025/05/05&to=1404/02/14", "from", "سال را شمسی"),
            ("from=&to=1404/02/14", "from", "این فیلد را پر کنید."),
            ("from=1404/12/30&to=1404/12/30", "from", "کبیسه نیست"),
            ("from=x&to=1404/02/14", "from", "1403/07/15"),
            ("consultant=999999", "filter-consultant", "این گزینه وجود ندارد."),
            ("product=%D9%A3", "filter-product", "این گزینه وجود ندارد."),
        ],
    )
    def test_a_wrong_field_has_a_message(self, login, manager, query, field, message):
        answer = login(manager).get(f"{PAGE}?{query}")
        assert answer.status_code == 422
        error = re.search(rf'id="{field}-error">([^<]+)', answer.text)[1]
        assert message in error or message in latin_digits(error)
        what = "این بازه" if field in {"from", "to"} else "یکی از فیلترها"
        assert f"{what} پذیرفته نشد و گزارشی ساخته نشد." in answer.text

    @pytest.mark.parametrize(
        "query", ["by=nothing", "range=never", "same_numbers=2", "q=%00", "by=&from=&to="]
    )
    def test_unknown_arguments_are_ignored(self, login, manager, query):
        assert login(manager).get(f"{PAGE}?{query}").status_code == 200

    def test_a_deleted_product_is_no_choice_though_it_was_the_last_one(
        self, session, login, manager, consultant, busy
    ):
        keys = list(session.scalars(select(Product.id)))
        soft_delete(Product, keys)
        session.commit()
        for person in (manager, consultant):
            answer = login(person).get(f"{PAGE}?{RANGE}&product={keys[0]}")
            assert answer.status_code == 422
            assert "این گزینه وجود ندارد." in re.search(r'id="filter-product-error">([^<]+)', answer.text)[1]
            assert 'name="product"' not in login(person).get(f"{PAGE}?{RANGE}").text

    def test_a_strangers_consultant_is_no_choice(self, login, manager, stranger_organization):
        stranger = member("Consultant", stranger_organization)
        assert login(manager).get(f"{PAGE}?consultant={stranger.id}").status_code == 422

    @pytest.mark.parametrize(
        ("name", "first", "last"),
        [
            ("this_month", "۱۴۰۵/۰۹/۰۱", "۱۴۰۵/۰۹/۰۸"),
            ("last_month", "۱۴۰۵/۰۸/۰۱", "۱۴۰۵/۰۸/۳۰"),
            ("three_months", "۱۴۰۵/۰۶/۰۱", "۱۴۰۵/۰۸/۳۰"),
            ("four_months", "۱۴۰۵/۰۵/۰۱", "۱۴۰۵/۰۸/۳۰"),
        ],
    )
    def test_ready_ranges(self, login, manager, name, first, last):
        client = login(manager)
        start_at(TODAY.whole.start + (date(2026, 11, 29) - TODAY.first) + timedelta(hours=12))
        text = login(manager).get(f"{PAGE}?range={name}").text
        assert re.findall(r'name="(from|to)" value="([^"]+)"', text) == [("from", first), ("to", last)]
        assert client is not None


class TestExport:
    def exported(self, session, client, query, file_format="csv"):
        answer = client.post(f"{PAGE}export", data={"_query": query, "format": file_format, "_step": "run"})
        job = session.query(ExportJob).one()
        key, organization_id = job.id, job.organization_id
        session.commit()
        run_export(key, organization_id)
        file = client.get(f"/exports/{key}/file")
        written = file.get_data()
        file.close()
        return answer, written

    def test_a_manager_gets_the_table_as_a_file(self, session, login, manager, busy):
        answer, written = self.exported(session, login(manager), f"{RANGE}&by=consultant")
        assert answer.status_code == 302
        lines = written.decode("utf-8-sig").splitlines()
        assert [line.split(",") for line in lines[1:3]] == [
            ["زهرا کریمی", "2", "0", "1", "0", "2500000", "2500000", "50.0"],
            ["امیر حسینی", "1", "0", "0", "0", "0", "", "0.0"],
        ]
        assert len(lines) == 5

    def test_a_sheet_too(self, session, login, manager, busy):
        _answer, written = self.exported(session, login(manager), RANGE, "xlsx")
        assert written.startswith(b"PK")

    def test_a_consultant_may_not(self, login, consultant, busy):
        assert login(consultant).post(f"{PAGE}export", data={"_query": RANGE}).status_code == 403

    @pytest.mark.parametrize("query", ["from=1404/01/01&to=1405/01/01", "from=1390/01/01&to=1390/01/02"])
    def test_there_is_nothing_to_write(self, session, login, manager, busy, query):
        answer = login(manager).post(f"{PAGE}export", data={"_query": query, "_step": "run"})
        assert answer.status_code == 422
        assert not session.query(ExportJob).count()

    def test_the_dialog_names_the_columns(self, login, manager, busy):
        text = login(manager).get(f"{PAGE}export?{RANGE}").text
        assert "شماره‌ها، تکراری" in text


def test_the_page_needs_few_statements_whatever_the_rows(
    login, manager, organization, session, busy, statements
):
    client = login(manager)
    client.get(PAGE)
    counts = []
    for _round in range(2):
        statements.clear()
        client.get(f"{PAGE}?{RANGE}")
        counts.append(len(statements))
        start_at(TODAY.whole.start + timedelta(hours=9))
        bind(session, Actor(organization.id, manager.id))
        for number in range(3):
            person = member("Consultant", organization, f"{_round} {number}")
            assign(OrderFactory(product=ProductFactory()), person, by=manager)
        session.commit()
        start_at(now() + DAY)
    assert counts[0] == counts[1] <= 6
