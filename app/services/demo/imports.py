"""Files of orders in the demo: one that is imported, with rejected rows, and one that waits for its columns."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select, update

from app.extensions import db
from app.lib.jalali import format_date
from app.services.demo.draw import Draw
from app.services.demo.names import CITIES, FIRST, LAST
from app.services.imports.jobs import queue_import, receive_file
from app.services.imports.run import run_import
from models.customer import Customer
from models.job import ImportJob
from models.order import Order
from models.organization import Organization

HEADINGS = ("نام", "نام خانوادگی", "موبایل", "شهر", "محصول", "تاریخ")
COLUMNS = {"first_name": 0, "last_name": 1, "mobile": 2, "city": 3, "product": 4, "ordered_at": 5}
PRODUCTS = ("دوره حسابداری", "دوره زبان انگلیسی", "اشتراک یک‌ساله")
ROWS, WAITING_ROWS = 9, 6
# What makes a row unusable: (column, value).
MISTAKES = ((2, "۰۹۱۲ ۳۴۵"), (4, "دوره آشپزی"), (5, "۱۴۰۵/۱۳/۰۱"))


def write_imports(draw: Draw, organization: Organization) -> None:
    """Import a file of yesterday, and upload another one."""
    at = draw.calendar.working_day(1, hour=11)
    rows = _rows(draw, at, ROWS + len(MISTAKES))
    for number, (place, value) in enumerate(MISTAKES, start=1):
        rows[3 * number][place] = value
    job = _receive(organization, "سفارش‌های نمایشگاه.csv", rows)
    queue_import(job, COLUMNS)
    for _lease in run_import(job):
        db.session.flush()
    ended = {"started_at": at + timedelta(minutes=1), "finished_at": at + timedelta(minutes=2)}
    _set(job, created_at=at, **ended)
    theirs = Order.import_job_id == job.id
    db.session.execute(update(Order).where(theirs).values(created_at=at))
    new = select(Order.customer_id).where(theirs)
    db.session.execute(update(Customer).where(Customer.id.in_(new)).values(created_at=at))
    waiting = _receive(organization, "فرم‌های همایش.csv", _rows(draw, at, WAITING_ROWS))
    _set(waiting, created_at=at + timedelta(hours=2))


def _receive(organization: Organization, name: str, rows: Sequence[Sequence[str]]) -> ImportJob:
    text = StringIO()
    csv.writer(text).writerows([HEADINGS, *rows])
    token = uuid5(NAMESPACE_URL, f"ava demo {organization.slug} {name}")
    return receive_file(BytesIO(text.getvalue().encode()), name=name, client_token=token)


def _rows(draw: Draw, at: datetime, number: int) -> list[list[str]]:
    return [_cells(draw, at) for _ in range(number)]


def _cells(draw: Draw, at: datetime) -> list[str]:
    _province, city = CITIES.pick(draw.random)
    names = [FIRST.pick(draw.random), LAST.pick(draw.random)]
    mobile = "0" + next(draw.mobiles).removeprefix("+98")
    return [*names, mobile, city, draw.random.choice(PRODUCTS), format_date(at - timedelta(days=1))]


def _set(job: ImportJob, **values: datetime) -> None:
    db.session.execute(update(ImportJob).where(ImportJob.id == job.id).values(values))
