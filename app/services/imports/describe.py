"""The columns of a file and the fields that they fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from flask_babel import lazy_gettext as _l

from app.errors import DomainError
from app.lib.tables.cells import sample
from app.lib.tables.headers import guess_columns
from app.lib.tables.source import DoubtfulRow
from app.services.imports.fields import FIELDS
from app.services.imports.files import job_table, notes_of
from app.services.imports.jobs import find_earlier
from app.services.imports.remembered import remembered_mapping
from models.job import ImportJob

SAMPLES = 3


class TwoColumns(DomainError):
    """Two columns are mapped to the same field."""


@dataclass(frozen=True)
class FileColumn:
    index: int
    title: str
    samples: Sequence[str]
    field: str | None


@dataclass(frozen=True)
class Description:
    headings: Sequence[FileColumn]
    notes: Sequence[str]
    earlier: ImportJob | None
    sheet: str | None = None
    sheets: Sequence[str] = ()

    @property
    def mapping(self) -> dict[str, int]:
        return {each.field: each.index for each in self.headings if each.field}


def describe(job: ImportJob) -> Description:
    """The columns of the file, each with three samples and its recognised field."""
    table = job_table(job)
    certain = (cells for _number, cells in table.rows() if not isinstance(cells, DoubtfulRow))
    rows = list(islice(certain, SAMPLES))
    mapping = remembered_mapping(table.headers) or guess_columns(table.headers)
    fields = {index: field for field, index in mapping.items()}
    headings = [
        FileColumn(index, title, [sample(cells, index) for cells in rows], fields.get(index))
        for index, title in enumerate(table.headers)
    ]
    return Description(headings, notes_of(table), find_earlier(job), table.sheet, table.sheets)


def mapping_of(fields: Sequence[str | None]) -> dict[str, int]:
    """Column index by field, given the field of each column; unknown fields are left out. Raises `TwoColumns`."""
    mapping: dict[str, int] = {}
    for index, field in enumerate(fields):
        if field not in FIELDS:
            continue
        if field in mapping:
            raise TwoColumns(_l("Two columns can't both hold «%(what)s»."), what=FIELDS[field])
        mapping[field] = index
    return mapping
