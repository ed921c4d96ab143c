"""E11: rows of a file go through the section's own form: previewed, stored once, refused with its sentences, undone."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
import xlsxwriter
from flask_babel import lazy_gettext as _l
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.errors import DomainError
from app.tasks.section_imports import run_section_import
from models.audit.changes import ROWS
from models.audit.event import AuditEvent
from models.customer import Customer
from models.job import ImportJob, ImportStatus
from models.product import Product
from tests.factories import CustomerFactory, ProductFactory
from tests.panel.imports.steps import PRODUCTS, guessed, map_columns, start, stored, upload, work
from views.organization.product import Products


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What would be sent to the worker."""
    found = []
    monkeypatch.setattr(run_section_import, "delay", lambda *ids: found.append(ids))
    return found


@pytest.fixture
def book(session, manager):
    row = ProductFactory(title="کتاب قدیم", code="B-1", price=500, is_active=False)
    session.commit()
    return row


def by_code(session, organization):
    return {row.code: row for row in stored(session, organization, Product)}


class TestE11Columns:
    def test_are_guessed_by_label_and_by_name(self, login, manager):
        client = login(manager)

        by_label = guessed(client.get(upload(client, "عنوان,كد,چیز\nکتاب,B-1,x\n").location).text)
        by_name = guessed(client.get(upload(client, "code,TITLE,is active\nB-1,کتاب,yes\n").location).text)

        assert by_label == {"column-0": "title", "column-1": "code"}
        assert by_name == {"column-0": "code", "column-1": "title", "column-2": "is_active"}

    def test_are_remembered_for_the_next_file(self, session, login, manager):
        client, data = login(manager), "سرنام,شناسه کالا\nکتاب,B-1\n"
        start(client, data, **{"column-0": "title", "column-1": "code"})

        again = guessed(client.get(upload(client, "شناسه کالا,سرنام\nB-1,کتاب\n").location).text)

        assert again == {"column-0": "code", "column-1": "title"}

    def test_that_were_taken_back_are_not_remembered(self, session, login, manager, organization):
        client, data = login(manager), "سرنام,شناسه کالا\nکتاب,B-1\n"
        url, key = start(client, data, **{"column-0": "code", "column-1": "title"})
        work(session, organization, key)
        client.post(f"{url}/undo")

        assert guessed(client.get(upload(client, data).location).text) == {}

    def test_must_hold_the_key_and_each_field_once(self, login, manager):
        client = login(manager)
        url = upload(client, PRODUCTS).location

        keyless = map_columns(client, url, **{"column-0": "title"})
        twice = map_columns(client, url, **{"column-0": "code", "column-1": "code"})

        assert (keyless.status_code, twice.status_code) == (422, 422)
        assert "«کد»" in keyless.text
        assert 'value="title" selected' in keyless.text

    def test_of_customers_are_those_of_their_form(self, login, manager):
        client = login(manager)
        data = "موبایل,نام,شهر\n09121234567,سارا,شیراز\n"

        found = guessed(client.get(upload(client, data, slug="customers").location).text)

        assert found == {"column-0": "mobile", "column-1": "first_name", "column-2": "city"}


class TestE11Preview:
    def test_says_what_becomes_of_each_row_and_stores_nothing(
        self, session, login, manager, organization, book
    ):
        client = login(manager)
        data = "عنوان,کد,قیمت\nکتاب,B-1,1000\nجزوه,B-2,گران\nدفتر,B-3,\nکتاب,B-1,3\n,,\nبی‌کد,,1\n"
        url = upload(client, data).location
        before = len(stored(session, organization, Product))

        page = client.get(map_columns(client, url).location).text

        fates = [part.split('"')[0] for part in page.split('data-fate="')[1:]]
        numbers = [part.split('"')[0] for part in page.split('<tr data-pk="')[1:]]
        assert fates == ["changed", "refused", "added", "refused", "refused"]
        assert numbers == ["2", "3", "4", "5", "7"]
        assert "قیمت: " in page
        assert len(stored(session, organization, Product)) == before
        assert by_code(session, organization)["B-1"].title == "کتاب قدیم"

    def test_offers_no_import_of_a_file_without_an_acceptable_row(self, login, manager):
        client = login(manager)
        refused, mixed = (
            client.get(map_columns(client, upload(client, f"عنوان,کد,قیمت\n{rows}").location).location).text
            for rows in ("جزوه,B-2,گران\n,,\n", "جزوه,B-2,گران\nدفتر,B-3,1\n")
        )

        assert ("/run" in refused, "/run" in mixed) == (False, True)
        assert "هیچ ردیفی از این فایل وارد نمی‌شود" in refused
        assert "هیچ ردیفی از این فایل وارد نمی‌شود" not in mixed


class TestE11Run:
    def test_adds_and_changes_rows_through_the_form(self, session, login, manager, organization, book, sent):
        client = login(manager)
        url, key = start(client, PRODUCTS + "دفتر,B-3,گران\n")
        assert sent == [(key, organization.id)]

        job = work(session, organization, key)

        rows = by_code(session, organization)
        assert (job.status, job.accepted, job.changed, job.rejected) == (ImportStatus.DONE, 1, 1, 1)
        assert (rows["B-1"].title, rows["B-1"].is_active) == ("کتاب", False)
        assert (rows["B-2"].title, rows["B-2"].is_active) == ("جزوه", True)
        assert rows["B-2"].created_by_id == manager.id
        assert "B-3" not in rows
        page = client.get(url).text
        assert "قیمت: " in page
        assert '<td class="cell-main">۴</td>' in page

    def test_leaves_what_an_empty_cell_says_nothing_of(self, session, login, manager, organization, book):
        _url, key = start(login(manager), "عنوان,کد,قیمت\n,B-1,\n")
        job = work(session, organization, key)

        row = by_code(session, organization)["B-1"]
        assert (row.title, row.price, job.changed, job.rejected) == ("کتاب قدیم", 500, 0, 0)

    def test_takes_formulas_as_text_and_refuses_what_forms_refuse(
        self, session, login, manager, organization
    ):
        data = "عنوان,کد\n=1+1,=CMD\n\u200c\u200f,B-7\n" + "x" * 200 + ",B-8\n"
        client = login(manager)
        url, key = start(client, data)
        job = work(session, organization, key)

        assert by_code(session, organization)["=CMD"].title == "=1+1"
        assert (job.accepted, job.rejected) == (1, 2)
        book = CalamineWorkbook.from_filelike(BytesIO(client.get(f"{url}/rejected").data))
        rows = book.get_sheet_by_index(0).to_python()
        assert rows[0][:2] == ["عنوان", "کد"]
        assert [row[1] for row in rows[1:]] == ["B-7", "B-8"]
        assert all(row[-1] for row in rows)

    def test_reads_a_workbook_with_numbers_and_words_for_yes_and_no(
        self, session, login, manager, organization
    ):
        content = BytesIO()
        with xlsxwriter.Workbook(content) as made:
            sheet = made.add_worksheet()
            sheet.write_row(0, 0, ["کد", "عنوان", "فعال", "قیمت"])
            sheet.write_row(1, 0, [1001, "عددی", "خیر", 2500])
            sheet.write_row(2, 0, ["K", "شاید", "شاید", 1])
        client = login(manager)
        url = upload(client, content.getvalue(), name="rows.xlsx").location
        map_columns(client, url)
        client.post(f"{url}/run")
        job = work(session, organization, int(url.rpartition("/")[2]))

        row = by_code(session, organization)["1001"]
        assert (row.title, row.is_active, row.price) == ("عددی", False, 25_000)
        assert (job.accepted, job.rejected) == (1, 1)

    def test_of_customers_knows_them_by_any_spelling_of_the_number(
        self, session, login, manager, organization
    ):
        known = CustomerFactory(mobile="09121234567", first_name="سارا", city="تهران")
        session.commit()
        data = "موبایل,نام,شهر\n+98 912 123 4567,,شیراز\n۰۹۱۲۱۲۳۴۵۶۸,نو,\nندارد,نو,\n"
        _url, key = start(login(manager), data, slug="customers")
        job = work(session, organization, key)

        rows = {row.id: row for row in stored(session, organization, Customer)}
        assert (rows[known.id].first_name, rows[known.id].city) == ("سارا", "شیراز")
        assert (job.accepted, job.changed, job.rejected) == (1, 1, 1)

    def test_changes_no_row_of_another_organisation_and_none_in_the_trash(
        self, session, login, manager, organization, stranger_organization, book
    ):
        client = login(manager)
        client.post(f"/products/delete/{book.id}")
        _url, key = start(client, "عنوان,کد\nنو,B-1\n")
        job = work(session, organization, key)

        assert (job.accepted, job.changed) == (1, 0)
        assert by_code(session, organization)["B-1"].id != book.id

    def test_tells_the_trail_of_the_rows(self, session, login, manager, organization, book):
        _url, key = start(login(manager), PRODUCTS)
        work(session, organization, key)

        rows = by_code(session, organization)
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "import")).all()
        named = [event for event in events if event.object_type == "Product"]
        assert [event.actor_id for event in named] == [manager.id]
        assert set(named[0].after[ROWS]) == {rows["B-1"].id, rows["B-2"].id}
        assert {event.object_type for event in events} == {"Product", "ImportJob"}

    def test_is_one_import_however_often_its_form_is_sent(self, session, login, manager, organization, sent):
        client, token = login(manager), uuid4()
        first, second = (upload(client, PRODUCTS, token=token).location for _ in range(2))
        map_columns(client, first)
        client.post(f"{first}/run")
        client.post(f"{first}/run")
        key = int(first.rpartition("/")[2])
        work(session, organization, key)
        work(session, organization, key)

        assert first == second
        assert len(sent) == 1
        assert len([code for code in by_code(session, organization) if code.startswith("B-")]) == 2

    def test_asks_the_rule_of_the_section(self, session, login, manager, organization, monkeypatch):
        def rule(_section, item):
            if item.price == 10_000:
                raise DomainError(_l("این قیمت نه."), field="price")

        monkeypatch.setattr(Products, "check", rule)
        client = login(manager)
        url, key = start(client, PRODUCTS)
        job = work(session, organization, key)

        assert (job.accepted, job.rejected) == (1, 1)
        assert "این قیمت نه." in client.get(url).text


class TestE11Undo:
    def test_takes_back_what_nobody_has_changed_since(self, session, login, manager, organization, book):
        client = login(manager)
        url, key = start(client, PRODUCTS + "دفتر,B-3,1\n")
        work(session, organization, key)
        changed = by_code(session, organization)["B-3"]
        client.post(f"/products/inline/{changed.id}/price", data={"price": "7"})

        client.post(f"{url}/undo")

        rows = by_code(session, organization)
        assert (rows["B-1"].title, rows["B-1"].price) == ("کتاب قدیم", 500)
        assert "B-2" not in rows
        assert "B-3" in rows
        assert session.get_one(ImportJob, key).status is ImportStatus.UNDONE
        assert client.post(f"{url}/undo").status_code == 302
        assert "B-3" in by_code(session, organization)

    def test_is_for_ten_minutes(self, session, login, manager, organization):
        client = login(manager)
        url, key = start(client, PRODUCTS)
        job = work(session, organization, key)
        job.finished_at -= timedelta(minutes=11)
        session.commit()

        assert f"{url}/undo" not in client.get(url).text
        client.post(f"{url}/undo")
        assert "B-2" in by_code(session, organization)
