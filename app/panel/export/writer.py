"""Writes the rows of an address into a file, page by page and in the order of the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib.money import Currency
from app.lib.tables.writer import CsvWriter, SheetWriter
from app.panel.bulk.selection import UnreadableQuery
from app.panel.columns import Column
from app.panel.declaration import Declaration
from app.panel.displays.owners import complete_page
from app.panel.export.values import exporter_of, file_columns, kind_in_file
from app.panel.impersonation import JobAborted
from app.panel.lists.list_query import read_list_query
from app.panel.queries import counts, cursor, fetch
from app.panel.queries.arguments import read_query
from app.panel.queries.projection import projection_of
from models.job import ExportFormat, ExportJob
from models.organization import Organization

MOST_ROWS = 200_000
PAGE = 2_000
# The argument with the keys of ticked rows in a job's query string.
TICKED = "_rows"
_KEY = re.compile("[0-9]{1,18}")
WRITERS: dict[ExportFormat, Any] = {ExportFormat.XLSX: SheetWriter, ExportFormat.CSV: CsvWriter}


def exported_rows(
    section: Declaration, arguments: MultiDict[str, str]
) -> tuple[Select[Any], cursor.Ordering]:
    """The rows that *arguments* select, with their order; raises `UnreadableQuery` for an unreadable filter."""
    list_query = read_list_query(section, arguments)
    if list_query.filters.problems:
        raise UnreadableQuery(_("A filter of this list can't be read; mend it first."))
    if TICKED not in arguments:
        return list_query.statement, list_query.order
    # Ticked rows are exported even when they no longer match the filter.
    ticked = _keys_of(arguments[TICKED])
    return section.statement().where(section.model.id.in_(ticked)), list_query.order


def _keys_of(text: str) -> list[int]:
    """The row keys in *text*; malformed keys are left out."""
    return [int(key) for key in text.split(",") if _KEY.fullmatch(key)]


def count_rows(section: Declaration, arguments: MultiDict[str, str]) -> int:
    """The number of exported rows, at most `MOST_ROWS` + 1."""
    statement, _order = exported_rows(section, arguments)
    keys = statement.with_only_columns(section.model.id).order_by(None).limit(MOST_ROWS + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(keys)) or 0


def write_table(job: ExportJob, section: Declaration, path: Path) -> Iterator[int]:
    """Write the rows into the file at *path*; yields the number of written rows after each page."""
    organization = db.session.get_one(Organization, job.organization_id)
    currency = Currency(organization.currency.value)
    columns = section.columns_of(job.columns)
    shown = file_columns(section, columns)
    cells = [exporter_of(section, column, currency, masked=job.masked) for column in shown]
    headings = [str(column.label) for column in shown]
    statement, order = exported_rows(section, read_query(job.query))
    written = 0
    with WRITERS[job.file_format](path, headings, [kind_in_file(column) for column in shown]) as table:
        for rows in pages_of(section, columns, statement, order):
            for row in rows:
                table.row([cell(row) for cell in cells])
            written += len(rows)
            if written > MOST_ROWS:
                raise JobAborted(_("More than 200,000 rows match by now; choose a filter."))
            yield written


def pages_of(
    section: Declaration, columns: Sequence[Column], statement: Select[Any], order: cursor.Ordering
) -> Iterator[Sequence[Any]]:
    """All rows, page by page; each page begins after the last row of the previous one."""
    paths = [path for column in columns for path in section.names_read_by(column)]
    projection = projection_of(section.model, (*paths, *section.preload, "__str__", order.column.key))
    place = cursor.Cursor()
    while True:
        part = fetch.fetch_page(statement, projection, order, place, size=PAGE, total=counts.COUNT_CAP + 1)
        complete_page(section, part.rows, columns)
        yield part.rows
        if not part.has_next or not part.rows:
            return
        last = part.rows[-1]
        place = cursor.Cursor((getattr(last, order.column.key), last.id))
