"""How a file is read: its sheet, ambiguous columns, remembered columns, and the preview of what is stored."""

import re
from io import BytesIO
from uuid import uuid4

import pytest
import xlsxwriter
from sqlalchemy import select

from app.extensions import db
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import, receive_file
from app.services.imports.run import run_import
from app.services.imports.undo import undo_import
from app.tasks.imports import run_import_job
from models.job import ImportJob, ImportStatus
from models.order import Order
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory, OrderFactory, ProductFactory
from tests.sales.import_steps import guessed


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What would be sent to the worker, as (job, organisation)."""
    jobs: list[tuple[int, int]] = []
    monkeypatch.setattr(run_import_job, "delay", lambda *ids: jobs.append(ids))
    return jobs


@pytest.fixture
def product(manager):
    return ProductFactory(title="کتاب کار", code="K-1")


@pytest.fixture
def browser(login, manager, product, session):
    session.commit()
    return login(manager)


def upload(browser, data: str | bytes, name: str = "orders.csv") -> str:
    """The number of the job."""
    content = data.encode() if isinstance(data, str) else data
    form = {"file": (BytesIO(content), name), "client_token": str(uuid4())}
    return browser.post("/imports/add", data=form, content_type="multipart/form-data").location.rpartition(
        "/"
    )[2]


def previewed(browser, key: str) -> str:
    page = browser.get(f"/imports/show/{key}").text
    return browser.get(browser.post(f"/imports/columns/{key}", data=guessed(page)).location).text


def run(browser, key: str, sent) -> list[Order]:
    browser.post(f"/imports/run/{key}")
    run_import_job(*sent[-1])
    statement = select(Order).where(Order.import_job_id == int(key)).order_by(Order.id)
    with acting_as(db.session(), Actor(sent[-1][1])) as session:
        return list(session.scalars(statement))


def cells(page: str) -> list[list[str]]:
    """The texts of the rows of the preview."""
    found = re.findall(r'<tr data-pk="\d+" data-fate.*?</tr>', page, re.DOTALL)
    return [re.findall(r"<bdi>(.*?)</bdi>", row, re.DOTALL) for row in found]


def workbook(**sheets: list[list[object]]) -> bytes:
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


TWO_SHEETS = {
    "آذر": [["موبایل", "محصول"], ["09350001101", "K-1"]],
    "دی": [["محصول", "موبایل", "شهر"], ["K-1", "09350001102", "یزد"], ["K-1", "09350001103", "قم"]],
}


class TestThePreview:
    def test_shows_what_will_be_stored(self, browser):
        text = (
            "mobile,product,full name,order date,qty,email,postal code\n"
            "p:+989350001101,k-1,علي رضايي,2026-11-11 14:30,۲ عدد,ندارد,71345-67890\n"
            "ندارد,K-1,سارا,,,,\n"
        )

        page = previewed(browser, upload(browser, text))

        assert set(cells(page)[0]) == {
            "۰۹۳۵ ۰۰۰ ۱۱۰۱",
            "کتاب کار",
            "۱۴۰۵/۰۸/۲۰ ۱۴:۳۰",
            "۷۱۳۴۵۶۷۸۹۰",
            "—",
            "علی رضایی",
            "۲",
        }
        assert "ندارد" in cells(page)[1]
        assert "۱ مقدار «ایمیل»" in page

    def test_counts_all_rows_of_the_file(self, browser, product, manager, session):
        known = CustomerFactory(mobile="+989350001000")
        OrderFactory(customer=known, product=product)
        session.commit()
        rows = [f"0935000{number:04d},K-1" for number in range(1000, 1045)]

        page = previewed(browser, upload(browser, "\n".join(["موبایل,محصول", *rows, "0935,K-1", rows[5]])))

        assert len(cells(page)) == 20
        numbers = re.findall(r'class="stat-number[^>]*>\s*([۰-۹]+)', page)
        assert sorted(numbers) == sorted(["۲", "۴۴", "۱"])


class TestTheSheet:
    def test_can_be_chosen(self, browser, sent):
        key = upload(browser, workbook(**TWO_SHEETS), "orders.xlsx")
        assert (
            "09350001102" in browser.get(f"/imports/show/{key}").text
        )  # the sheet that names the most fields

        browser.post(f"/imports/reading/{key}", data={"sheet": "آذر"})

        page = browser.get(f"/imports/show/{key}").text
        assert '<option value="آذر" selected>' in page
        assert "09350001102" not in page
        previewed(browser, key)
        assert len(run(browser, key, sent)) == 1

    def test_that_does_not_exist_changes_nothing(self, browser):
        key = upload(browser, workbook(**TWO_SHEETS), "orders.xlsx")

        answer = browser.post(f"/imports/reading/{key}", data={"sheet": "بهمن"}, follow_redirects=True)

        assert "چنین برگه‌ای ندارد" in answer.text
        assert '<option value="دی" selected>' in browser.get(f"/imports/show/{key}").text


class TestAmbiguousColumns:
    TEXT = "موبایل,محصول,تاریخ,تعداد\n09350001101,K-1,11/12/2026,1.000\n09350001102,K-1,{},{}\n"

    def days(self, orders: list[Order]) -> list[str]:
        return [f"{order.ordered_at:%m-%d} {order.quantity}" for order in orders]

    def test_are_asked_about_once(self, browser, sent):
        key = upload(browser, self.TEXT.format("10/11/2026", "2.000"))
        page = previewed(browser, key)
        assert page.count("<fieldset") == 2
        assert page.count('data-fate="rejected"') == 2

        browser.post(f"/imports/reading/{key}", data={"dates": "gregorian-mdy"})
        page = browser.get(
            browser.post(f"/imports/reading/{key}", data={"numbers": "fraction"}).location
        ).text

        assert 'data-fate="rejected"' not in page
        assert self.days(run(browser, key, sent)) == ["11-11 1", "10-10 2"]

    def test_are_decided_by_their_other_texts(self, browser, sent):
        key = upload(browser, self.TEXT.format("25/12/2026", "2.0"))

        page = previewed(browser, key)

        assert 'value="gregorian-dmy" required checked' in page
        assert self.days(run(browser, key, sent)) == ["12-10 1", "12-24 2"]

    def test_that_contradict_themselves_are_asked_about(self, browser):
        text = self.TEXT.format("25/12/2026", "1") + "09350001103,K-1,12/25/2026,1\n"

        page = previewed(browser, upload(browser, text))

        assert page.count('data-fate="rejected"') == 1
        assert "required checked" not in page

    @pytest.mark.parametrize("sent_form", [{"dates": "lunar"}, {"numbers": "jalali-ymd"}, {"dates": ""}])
    def test_take_no_other_answer(self, browser, sent_form):
        key = upload(browser, self.TEXT.format("10/11/2026", "2"))
        previewed(browser, key)

        answer = browser.post(f"/imports/reading/{key}", data=sent_form, follow_redirects=True)

        assert answer.status_code == 200
        assert "یکی از پاسخ‌ها" in answer.text

    def test_are_asked_about_in_no_clear_file(self, browser):
        text = "موبایل,محصول,تاریخ,تعداد\n09350001101,K-1,1405/08/20,2\n09350001102,K-1,دیروز,1.0\n"

        assert "<fieldset" not in previewed(browser, upload(browser, text))


class TestRememberedColumns:
    TEXT = "کد,عنوان,موبایل\nK-1,{},09350001101\n"

    def import_(self, text: str, mapping: dict[str, int]) -> ImportJob:
        job = receive_file(BytesIO(text.encode()), name="a.csv", client_token=uuid4())
        queue_import(job, mapping)
        for _step in run_import(job):
            db.session.commit()
        return job

    def described(self, text: str) -> dict[str, int]:
        job = receive_file(BytesIO(text.encode()), name="a.csv", client_token=uuid4())
        return describe(job).mapping

    def test_are_those_of_the_last_import_with_the_same_headings(self, product):
        self.import_(self.TEXT.format("سارا"), {"product": 0, "full_name": 1, "mobile": 2})

        assert self.described("موبایل:,عنوان,کد\n09350001102,امید,K-1\n") == {
            "mobile": 0,
            "full_name": 1,
            "product": 2,
        }

    def test_are_not_those_of_other_headings_or_of_an_import_taken_back(self, product):
        job = self.import_(self.TEXT.format("سارا"), {"product": 0, "full_name": 1, "mobile": 2})
        assert "product" not in self.described("کد,عنوان,موبایل,شهر\nK-1,x,09350001102,یزد\n")

        undo_import(job)

        assert job.status is ImportStatus.UNDONE
        assert "product" not in self.described(self.TEXT.format("امید"))

    def test_are_not_those_of_another_organisation(self, session, product, stranger_organization):
        self.import_(self.TEXT.format("سارا"), {"product": 0, "full_name": 1, "mobile": 2})

        with acting_as(session, Actor(stranger_organization.id)):
            assert "product" not in self.described(self.TEXT.format("امید"))


def test_a_started_import_is_read_as_before(session, browser, sent, manager):
    key = upload(browser, workbook(**TWO_SHEETS), "orders.xlsx")
    previewed(browser, key)
    run(browser, key, sent)

    browser.post(f"/imports/reading/{key}", data={"sheet": "آذر"})

    bind(session, Actor(manager.organization_id))
    assert session.get_one(ImportJob, int(key)).reading.get("sheet") is None
