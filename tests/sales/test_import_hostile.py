"""The files that people really send, and those they should not: group I of the hostile inputs."""

import json
import zipfile
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
import xlsxwriter
from sqlalchemy import select

from app.extensions import db
from app.lib.tables import xlsx
from app.services.imports.describe import describe
from app.services.imports.files import BadFile
from app.services.imports.jobs import AlreadyImported, MissingColumn, queue_import, receive_file, summarize
from app.services.imports.run import run_import
from models.customer import Customer
from models.job import ImportJob
from models.order import Order
from tests.factories import ProductFactory

INPUTS = json.loads((Path(__file__).parents[1] / "data" / "hostile_inputs.json").read_text("utf-8"))
GROUP = {each["id"]: each for each in INPUTS if each["id"].startswith("I")}
TEXT = "نام,موبایل,محصول,تاریخ\nعلی رضایی,09121234567,کتاب کار,1405/06/01\n"


@pytest.fixture(autouse=True)
def product(manager):
    return ProductFactory(title="کتاب کار", code="K-1")


def upload(data: bytes, name: str = "orders.csv", token=None) -> ImportJob:
    return receive_file(BytesIO(data), name=name, client_token=token or uuid4())


def take_in(data: bytes, name: str = "orders.csv") -> ImportJob:
    job = upload(data, name)
    queue_import(job, describe(job).mapping)
    for _step in run_import(job):
        db.session.commit()
    return job


def workbook_of(*sheets: dict) -> bytes:
    """A workbook; each sheet has `cells` and may be `hidden` or have `formulas` (address → (formula, value))."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for each in sheets:
            sheet = book.add_worksheet(each.get("name"))
            for number, row in enumerate(each["cells"]):
                sheet.write_row(number, 0, row)
            for address, (formula, value) in each.get("formulas", {}).items():
                sheet.write_formula(address, formula, None, value)
            if each.get("hidden"):
                sheet.hide()
            if each.get("active"):
                sheet.activate()
                sheet.set_first_sheet()
    return buffer.getvalue()


HEADINGS = ["موبایل", "محصول"]


def zip_of(**members: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("I01", TEXT.encode("utf-8-sig")),
        ("I03", TEXT.replace("ی", "ي").replace("ک", "ك").encode("cp1256")),
        ("I04", b"\xff\xfe" + TEXT.encode("utf-16-le")),
        ("I09", TEXT.replace(",", "،").encode()),
        ("I13", TEXT.replace("موبایل", "موبايل").encode()),
        ("unmarked UTF-16", TEXT.encode("utf-16-le")),
        ("semicolons", TEXT.replace(",", ";").encode()),
        ("tabs and CRLF", TEXT.replace(",", "\t").replace("\n", "\r\n").encode()),
        ("a title above", ("گزارش سفارش‌ها,,,\n,,,\n" + TEXT).encode()),
    ],
)
def test_is_read_like_the_plain_file(key, data):
    job = take_in(data)

    customer = db.session.scalars(select(Customer)).one()
    assert (job.accepted, job.rejected) == (1, 0)
    assert customer.mobile == "+989121234567"
    assert "علیرضایی" in customer.search_key


def test_i06_a_broken_row_is_rejected_by_its_number():
    lines = [f"علی,0912123456{number},کتاب کار,1405/06/01".encode() for number in range(9)]
    lines[6] = "علی,09121234566,".encode() + b"\xda\xa9\xd8" + b",1405/06/01"

    job = take_in(TEXT.splitlines()[0].encode() + b"\n" + b"\n".join(lines))

    assert summarize(job)["rejected"]["text"] == [7]
    assert job.accepted == 8


def test_i12_a_file_without_mobiles_is_refused_by_the_column():
    job = upload("نام,محصول\nعلی,کتاب کار\n".encode())

    with pytest.raises(MissingColumn) as refusal:
        queue_import(job, describe(job).mapping)

    assert refusal.value.field == "mobile"


def test_i16_progress_is_seen_while_it_runs():
    lines = [f"علی,0912{number:07d},کتاب کار,1405/06/01" for number in range(2_500)]
    job = upload("\n".join([TEXT.splitlines()[0], *lines]).encode())
    queue_import(job, describe(job).mapping)
    seen = []

    for _step in run_import(job):
        db.session.commit()
        seen.append(job.accepted)

    assert seen == [0, 1_000, 2_000, 2_500, 2_500]


@pytest.mark.parametrize("data", [TEXT.replace("رضایی", "رض\x00ایی").encode(), b"\x00" * 500])
def test_i18_zeros_are_refused(data):
    with pytest.raises(BadFile):
        upload(data)


def test_i19_three_spellings_are_one_customer():
    mobiles = ("09121234567", "+98 912 123 4567", "۰۹۱۲۱۲۳۴۵۶۷")

    job = take_in("\n".join(["موبایل,محصول", *(f"{mobile},K-1" for mobile in mobiles)]).encode())

    assert (job.accepted, job.new_customers, job.repeated) == (3, 1, 2)


def test_i21_a_column_can_not_name_another_organisation(organization, stranger_organization):
    take_in(f"org_id,organization_id,موبایل,محصول\n{stranger_organization.id},1,09121234567,K-1\n".encode())

    assert db.session.scalars(select(Order.organization_id)).all() == [organization.id]


def test_i23_the_same_file_again_warns_and_adds_nothing():
    take_in(TEXT.encode())
    second = upload(TEXT.encode(), "copy.csv")

    assert describe(second).earlier is not None
    with pytest.raises(AlreadyImported):
        queue_import(second, describe(second).mapping)
    assert len(db.session.scalars(select(Order)).all()) == 1


def test_i24_a_double_click_is_one_import():
    token = uuid4()

    assert upload(TEXT.encode(), token=token) is upload(TEXT.encode(), token=token)


def test_i25_a_bomb_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(xlsx, "CalamineWorkbook", None)
    bomb = zip_of(**{"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b"<row/>" * 8_000_000})
    assert len(bomb) < 350_000

    with pytest.raises(BadFile, match=r"100|۱۰۰"):
        upload(bomb, "orders.xlsx")


def test_i29_formulas_are_never_computed():
    formulas = {"C2": ("=1+1", "=1+1"), "C3": ("=cmd|'/c calc'!A0", "")}
    cells = [[*HEADINGS, "یادداشت"], ["09121234567", "K-1"], ["09121234568", "K-1"]]

    take_in(workbook_of({"cells": cells, "formulas": formulas}), "orders.xlsx")

    notes = set(db.session.scalars(select(Order.note)))
    assert notes <= {"=1+1", None}


def test_i30_only_the_first_visible_sheet_is_read_and_said():
    secret = {"name": "پنهان", "cells": [HEADINGS, ["09120000000", "K-1"]], "hidden": True}
    shown = {"name": "سفارش‌ها", "cells": [HEADINGS, ["09121234567", "K-1"]], "active": True}

    job = take_in(workbook_of(secret, shown), "orders.xlsx")

    assert db.session.scalars(select(Customer.mobile)).all() == ["+989121234567"]
    described = describe(job)
    assert described.sheet == "سفارش‌ها"
    assert "پنهان" not in described.sheets


def test_i32_a_number_cell_is_a_mobile():
    take_in(workbook_of({"cells": [HEADINGS, [9121234567, "K-1"]]}), "orders.xlsx")

    assert db.session.scalars(select(Customer.mobile)).all() == ["+989121234567"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("orders.xlsm", workbook_of({"cells": [HEADINGS, ["09121234567", "K-1"]]})),
        ("orders.xlsx", zip_of(**{"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"macro"})),
        ("orders.csv", workbook_of({"cells": [HEADINGS, ["09121234567", "K-1"]]})),
        ("orders.xlsx", b"PK\x03\x04 no archive"),
        ("orders.xlsx", TEXT.encode()),
        ("orders.pdf", b"%PDF-1.7"),
        ("orders", TEXT.encode()),
        ("orders.csv", b""),
        ("orders.csv", TEXT.splitlines()[0].encode()),
    ],
)
def test_i34_what_is_no_table_is_refused(name, data):
    with pytest.raises(BadFile):
        upload(data, name)


def test_each_input_of_the_group_has_its_test():
    source = Path(__file__).read_text("utf-8").lower()

    assert [key for key in GROUP if key.lower() not in source] == []
