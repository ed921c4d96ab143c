"""Lists as files: what stands in them, who gets them, what no program computes, and what becomes of the jobs."""

import csv
import io
import re
import zipfile
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import current_app
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.extensions import appbuilder
from app.gateways.storage import storage
from app.lib.clock import now
from app.lib.mobile import local_mobile
from app.lib.money import Currency
from app.lib.tables.writer import CsvWriter, SheetWriter, escape_formula
from app.panel.export import writer as export_run
from app.panel.export.values import exporter_of
from app.tasks import export as tasks
from app.tasks.export import run_export, sweep_exports
from models.audit.event import AuditEvent
from models.customer import Customer
from models.job import ExportJob, JobStatus
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ProductFactory, member
from tests.support.beside import COLLEAGUES_MOBILES
from views.organization.product import Products

pytestmark = pytest.mark.usefixtures("colleagues_rows")

HTMX = {"HX-Request": "true"}


def ask(browser, section="customers", query="", **fields):
    return browser.post(f"/{section}/export", data={"_query": query, "format": "csv"} | fields)


def work(session, organization) -> ExportJob:
    """The worker's part of the newest export."""
    bind(session, Actor(organization.id))
    key = session.scalars(select(func.max(ExportJob.id))).one()
    session.commit()
    with current_app.app_context():
        run_export(key, organization.id)
    bind(session, Actor(organization.id))
    return session.get_one(ExportJob, key, populate_existing=True)


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
                assert str(cells(job)[1][0]).startswith("'")
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


class TestTheJob:
    @pytest.fixture
    def browser(self, session, login, manager):
        CustomerFactory.create_batch(3)
        session.commit()
        return login(manager)

    def test_is_one_for_a_form_that_is_sent_twice(self, browser, session):
        token = str(uuid4())

        answers = [ask(browser, _token=token) for _ in range(2)]

        assert answers[0].headers["Location"] == answers[1].headers["Location"]
        assert session.scalar(select(func.count(ExportJob.id))) == 1

    def test_is_told_in_the_trail_with_filter_and_number(self, browser, session, manager):
        customers = session.scalar(select(func.count(Customer.id)))

        ask(browser, query="sort=city")

        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "export")).one()
        assert (event.object_type, event.actor_id) == ("ExportJob", manager.id)
        assert {"query": "sort=city", "count": customers, "format": "csv"}.items() <= event.after.items()

    def test_leads_to_a_file_for_who_asked_alone(self, browser, session, login, organization):
        other = member("Manager", organization, "other")
        session.commit()
        address = ask(browser).headers["Location"]
        job = work(session, organization)

        mine, theirs = browser.get(f"{address}/file"), login(other).get(f"{address}/file")

        mine.close()
        assert mine.status_code == 200
        assert ".csv" in mine.headers["Content-Disposition"]
        assert mine.headers["Cache-Control"] == "private, no-store"
        assert [theirs.status_code, login(other).get(address).status_code] == [404, 404]
        assert job.original_name.startswith("مشتریان-14")
        assert session.scalar(select(func.count()).where(AuditEvent.action == "download")) == 1

    def test_leads_to_no_file_once_the_right_is_withdrawn(self, browser, session, manager, organization):
        address = ask(browser).headers["Location"]
        work(session, organization)
        manager.roles = [member("Consultant", organization, "model").roles[0]]
        session.commit()

        assert browser.get(f"{address}/file").status_code == 403
        assert session.scalar(select(func.count()).where(AuditEvent.action == "download")) == 0

    def test_is_over_after_a_day_and_its_file_goes(self, browser, session, organization):
        address = ask(browser).headers["Location"]
        job = work(session, organization)
        path = storage().path(job.stored_name)
        job.expires_at = now() - timedelta(seconds=1)
        session.commit()

        over = browser.get(f"{address}/file").status_code
        with current_app.app_context():
            sweep_exports()

        assert over == 404
        assert not path.exists()
        assert "۲۴ ساعت" in browser.get(address).text

    @pytest.mark.parametrize("loss", ["deactivated", "right"])
    def test_of_who_lost_his_place_or_right_makes_no_file(
        self, browser, session, organization, manager, loss
    ):
        ask(browser)
        if loss == "deactivated":
            manager.active = False
        else:
            manager.roles = [member("Consultant", organization, "model").roles[0]]
        session.commit()

        job = work(session, organization)

        assert (job.status, job.stored_name) == (JobStatus.FAILED, None)
        assert job.error

    def test_stops_when_it_is_asked_to(self, browser, session, organization):
        address = ask(browser).headers["Location"]
        browser.post(f"{address}/cancel")

        job = work(session, organization)

        assert (job.status, job.stored_name) == (JobStatus.CANCELLED, None)

    def test_waits_while_two_others_run(self, browser, session, organization, manager, monkeypatch):
        for _each in range(3):
            ask(browser, _token=str(uuid4()))
        bind(session, Actor(organization.id))
        jobs = session.scalars(select(ExportJob).order_by(ExportJob.id)).all()
        for job in jobs[:2]:
            job.status, job.lease_until = JobStatus.RUNNING, now() + timedelta(minutes=1)
        session.commit()
        sent = []
        monkeypatch.setattr(run_export, "apply_async", lambda args, **options: sent.append((args, options)))

        job = work(session, organization)

        assert job.status is JobStatus.QUEUED
        assert sent == [((job.id, organization.id), {"countdown": tasks.RETRY_AFTER})]

    def test_that_breaks_says_so(self, browser, session, organization, monkeypatch):
        ask(browser)
        monkeypatch.setattr(tasks, "write_table", lambda *_: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            work(session, organization)

        bind(session, Actor(organization.id))
        job = session.scalars(select(ExportJob), execution_options={"populate_existing": True}).one()
        assert (job.status, job.stored_name) == (JobStatus.FAILED, None)
        assert job.error

    def test_left_by_a_worker_that_died_is_begun_anew(self, browser, session, organization, monkeypatch):
        ask(browser)
        bind(session, Actor(organization.id))
        job = session.scalars(select(ExportJob)).one()
        job.status, job.lease_until = JobStatus.RUNNING, now() - timedelta(minutes=5)
        session.commit()
        sent = []
        monkeypatch.setattr(run_export, "delay", lambda *args: sent.append(args))

        with current_app.app_context():
            sweep_exports()

        bind(session, Actor(organization.id))
        assert sent == [(job.id, organization.id)]
        assert work(session, organization).status is JobStatus.DONE

    @pytest.mark.parametrize("fields", [{"format": "pdf"}, {"query": "q=هیچ‌کس"}])
    def test_is_not_made_of_nothing_or_of_a_kind_that_is_none(self, browser, session, fields):
        ask(browser, **fields)

        assert session.scalar(select(func.count(ExportJob.id))) == 0

    def test_is_not_made_of_more_than_the_most(self, browser, session, monkeypatch):
        monkeypatch.setattr("app.panel.export.routes.MOST_ROWS", 2)

        answer = ask(browser)

        assert "حداکثر" in answer.text
        assert session.scalar(select(func.count(ExportJob.id))) == 0

    def test_is_not_made_of_a_filter_that_can_t_be_read(self, browser, session):
        ask(browser, query="f_created_at_from=1405/13/40")

        assert session.scalar(select(func.count(ExportJob.id))) == 0

    def test_is_asked_for_by_the_bar_of_the_ticked_rows(self, browser):
        answer = browser.post(
            "/customers/action_post",
            data={"action": "export", "_all": "1", "_query": "cols=city"},
            headers=HTMX,
        )

        assert "cols=city" in answer.text
        assert 'name="format"' in answer.text

    def test_stands_in_ones_own_list(self, browser, login, consultant):
        address = ask(browser).headers["Location"]

        assert address in browser.get("/jobs/").text
        assert address not in login(consultant).get("/jobs/").text
