"""Lists as files: their content, and what no program computes."""

import csv
import io
import re
import zipfile
from types import SimpleNamespace

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.extensions import appbuilder
from app.gateways.storage import storage
from app.lib.mobile import local_mobile
from app.lib.money import Currency
from app.lib.tables.writer import CsvWriter, SheetWriter, escape_formula
from app.panel.export import writer as export_run
from app.panel.export.values import exporter_of
from models.audit.event import AuditEvent
from models.job import ExportJob, JobStatus
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ProductFactory
from tests.panel.records.export_steps import ask, work
from tests.support.beside import COLLEAGUES_MOBILES
from views.organization.product import Products

pytestmark = pytest.mark.usefixtures("colleagues_rows")


def table(job) -> list[list[str]]:
    return list(csv.reader(io.StringIO(storage().path(job.stored_name).read_text("utf-8-sig"))))


def column(job, heading) -> list[str]:
    head, *rows = table(job)
    return [row[head.index(heading)] for row in rows]


def sheet(job) -> str:
    """The sheet as its own XML."""
    with zipfile.ZipFile(storage().path(job.stored_name)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def cells(job) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(storage().path(job.stored_name))).get_sheet_by_index(0).to_python()


class TestWhatStandsInTheFile:
    def test_is_the_filtered_set_in_the_visible_columns_and_order(
        self, session, login, manager, organization
    ):
        for city in ("یزد", "قم", "یزد"):
            CustomerFactory(city=city)
        session.commit()

        ask(login(manager), query="q=&f_city=یزد&cols=city,mobile&sort=created_at")

        job = work(session, organization)
        assert table(job)[0] == ["شهر", "موبایل"]
        assert column(job, "شهر") == ["یزد", "یزد"]
        assert (job.status, job.done) == (JobStatus.DONE, 2)

    def test_are_the_columns_that_the_member_chose(self, session, login, manager, organization):
        CustomerFactory()
        session.commit()
        browser = login(manager)
        browser.post(
            "/customers/table", data={"column": ["city", "name"], "density": "compact", "size": "25"}
        )

        ask(browser)

        assert table(work(session, organization))[0] == ["شهر", "نام کامل"]

    def test_goes_on_over_many_pages_without_loss(self, session, login, manager, organization, monkeypatch):
        monkeypatch.setattr(export_run, "PAGE", 4)
        keys = [ProductFactory(title=f"ک {n}").title for n in range(11)]
        customer = CustomerFactory()
        for number in range(11):
            OrderFactory(customer=customer, quantity=number + 1)
        session.commit()

        ask(login(manager), "orders", "cols=quantity")

        # A colleague's two orders, of one piece each, are the manager's to see.
        expected = [1, 1, *range(1, 12)]
        assert sorted(map(int, column(work(session, organization), "تعداد"))) == expected
        assert len(keys) == 11

    def test_is_typed_and_right_to_left_in_a_sheet(self, session, login, manager, organization):
        order = OrderFactory(quantity=3, customer__mobile="09121234567")
        session.commit()

        ask(login(manager), "orders", "cols=customer.mobile,quantity,ordered_at", format="xlsx")

        job = work(session, organization)
        mobile, quantity, at = cells(job)[1]
        assert 'rightToLeft="1"' in sheet(job)
        assert (mobile, quantity) == ("09121234567", 3)
        assert re.findall(r'<c r="[AB]2"[^>]*?(t="inlineStr")?>', sheet(job)) == ['t="inlineStr"', ""]
        assert re.fullmatch(r"14\d\d/\d\d/\d\d \d\d:\d\d", at)
        assert order.id

    @pytest.mark.parametrize(("currency", "price"), [(Currency.TOMAN, 5_000), (Currency.RIAL, 50_000)])
    def test_is_in_the_organisations_currency(self, app, currency, price):
        products = next(view for view in appbuilder.baseviews if isinstance(view, Products))
        exported = exporter_of(products, products.describe("price"), currency, masked=False)

        assert exported(SimpleNamespace(price=50_000)) == price

    @pytest.mark.parametrize(
        "text",
        [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "＝1+1",
            " =1",
            "\u200f=1",
            "\ufeff@x",
            "\u061c=1",
            "\u2060+1",
            "﹦1",
        ],
    )
    def test_is_computed_by_no_program(self, session, login, manager, organization, text):
        CustomerFactory(city=text)
        session.commit()
        browser = login(manager)

        for kind in ("csv", "xlsx"):
            ask(browser, query="cols=city", format=kind)
            job = work(session, organization)
            if kind == "csv":
                assert column(job, "شهر")[0].startswith("'")
            else:
                # A text cell with the mark of a text stays a text also when it is edited.
                assert str(cells(job)[1][0]).endswith(text[-1])
                assert not str(cells(job)[1][0]).startswith("'")
                assert re.search(r'<c r="A2" s="[1-9][^>]* t="inlineStr"', sheet(job))
                assert "<f>" not in sheet(job)

    @pytest.mark.parametrize("text", ["\u3000=1", "\n=1", "\u2003-1", "\x0b@a", "\xad\u2028=1"])
    def test_is_computed_by_no_program_after_a_space_of_any_kind(self, text):
        assert escape_formula(text).startswith("'")

    @pytest.mark.parametrize("text", ["a=b", "یزد", "1-2", "۰۹۱۲", "x@y.ir", ""])
    def test_is_left_as_it_is_where_no_formula_begins(self, text):
        assert escape_formula(text) == text

    def test_has_no_character_that_a_sheet_can_t_hold(self):
        assert escape_formula("a\x00b\x0bc\ufffe") == "abc"

    def test_holds_the_rials_that_make_no_whole_toman(self, app, tmp_path):
        products = next(view for view in appbuilder.baseviews if isinstance(view, Products))
        exported = exporter_of(products, products.describe("price"), Currency.TOMAN, masked=False)

        for writer in (SheetWriter, CsvWriter):
            with writer(tmp_path / "table", ["price"], ["number"]) as written:
                written.row([exported(SimpleNamespace(price=125))])
            if writer is CsvWriter:
                assert (tmp_path / "table").read_text("utf-8-sig").split() == ["price", "12.5"]
            else:
                read = CalamineWorkbook.from_path(str(tmp_path / "table")).get_sheet_by_index(0).to_python()
                assert read == [["price"], [12.5]]

    def test_are_the_rows_of_who_asked(self, session, login, manager, organization, consultant, colleague):
        role = consultant.roles[0]
        FollowUpFactory(consultant_id=colleague.id)
        session.commit()

        answer = ask(login(consultant), "follow-ups", "tab=all")

        assert role.name == "Consultant"
        assert answer.status_code == 403

    def test_are_the_ticked_rows_alone(self, session, login, manager, organization):
        rows = [CustomerFactory(city=f"شهر {n}") for n in range(3)]
        session.commit()

        ask(login(manager), query="cols=city", rowid=[rows[0].id, rows[2].id])

        assert sorted(column(work(session, organization), "شهر")) == ["شهر 0", "شهر 2"]

    @pytest.mark.parametrize("keys", ["9" * 30, "9" * 5000, "9223372036854775808", "²", "-1", "x,,"])
    def test_are_no_rows_where_the_keys_are_none(self, session, login, manager, keys):
        CustomerFactory()
        session.commit()
        browser = login(manager)

        asked = browser.get(f"/customers/export?_rows={keys}")

        assert asked.status_code == 200
        assert ask(browser, query=f"_rows={keys}").status_code in {200, 422}
        assert session.scalar(select(func.count(ExportJob.id))) == 0

    def test_never_holds_a_deleted_row(self, session, login, manager, organization):
        gone, _kept = CustomerFactory(city="رفته"), CustomerFactory(city="مانده")
        session.commit()
        browser = login(manager)
        browser.post(f"/customers/delete/{gone.id}")

        ask(browser, query="cols=city")

        # A colleague's two customers live nowhere.
        assert sorted(column(work(session, organization), "شهر")) == ["", "", "مانده"]


class TestMobiles:
    @pytest.fixture
    def browser(self, session, login, manager, organization):
        organization.mask_mobiles = True
        CustomerFactory(mobile="09121234567")
        session.commit()
        return login(manager)

    def test_are_masked_where_the_organisation_says_so(self, session, browser, organization):
        ask(browser, query="cols=mobile")

        colleagues = [f"{mobile[:4]}***{mobile[-4:]}" for mobile in map(local_mobile, COLLEAGUES_MOBILES)]
        assert set(column(work(session, organization), "موبایل")) == {"0912***4567", *colleagues}

    @pytest.mark.parametrize(("reveal", "shown"), [({}, "0912***4568"), ({"reveal": "1"}, "09121234568")])
    def test_are_masked_too_where_they_stand_for_a_name(self, session, browser, organization, reveal, shown):
        OrderFactory(customer=CustomerFactory(first_name=None, last_name=None, mobile="09121234568"))
        session.commit()

        ask(browser, "orders", "cols=customer,customer.mobile", **reveal)

        assert table(work(session, organization))[1] == [shown, shown]

    def test_are_revealed_on_demand_and_told(self, session, browser, organization):
        ask(browser, query="cols=mobile", reveal="1")

        job = work(session, organization)
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "export")).one()
        assert set(column(job, "موبایل")) == {"09121234567", *map(local_mobile, COLLEAGUES_MOBILES)}
        assert told.after["masked"] is False

    def test_that_are_masked_are_offered_in_the_dialog(self, browser):
        assert 'name="reveal"' in browser.get("/customers/export").text
        assert 'name="reveal"' not in browser.get("/customers/export?cols=city").text
