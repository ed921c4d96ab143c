"""Which column of a file fills which field of the form: by its label, by its name, or as it was chosen last time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage.reading import job_table
from app.gateways.storage.tables import notes_of
from app.lib.tables.cells import sample
from app.lib.tables.headers import heading_key
from app.lib.tables.source import DoubtfulRow
from app.panel.forms.routes import FormScreen
from models.job import ImportJob, ImportStatus

SAMPLES = 3
# Columns that were taken back may have been chosen by mistake.
_NOT_TO_REMEMBER = (ImportStatus.UPLOADED, ImportStatus.UNDONE)
_FILES = frozenset(
    {"FileField", "MultipleFileField", "FilesField", "PasswordField", "HiddenField", "CSRFTokenField"}
)


@dataclass(frozen=True)
class FileHeading:
    """A column of the file: its title, some of its values, and the field that it seems to fill."""

    index: int
    title: str
    samples: Sequence[str]
    field: str | None


@dataclass(frozen=True)
class FileColumns:
    """The columns of a file, notes on them, and the sheets that it has."""

    headings: Sequence[FileHeading]
    notes: Sequence[str]
    sheet: str | None
    sheets: Sequence[str]


def fields_of(section: FormScreen) -> dict[str, str]:
    """The fields that a file may fill, with their labels: those of the add form that the acting member gets."""
    form = section.add_form_class()(formdata=None, meta={"csrf": False})
    return {name: str(field.label.text) for name, field in form._fields.items() if field.type not in _FILES}


def describe_columns(section: FormScreen, job: ImportJob) -> FileColumns:
    """The columns of the sheet that is read, and what its sender should know of how it is read."""
    table = job_table(job)
    certain = (cells for _number, cells in table.rows() if not isinstance(cells, DoubtfulRow))
    rows = list(islice(certain, SAMPLES))
    fields = {index: field for field, index in guess(section, table.headers).items()}
    headings = [
        FileHeading(index, title, [sample(cells, index) for cells in rows], fields.get(index))
        for index, title in enumerate(table.headers)
    ]
    return FileColumns(headings, notes_of(table), table.sheet, table.sheets)


def guess(section: FormScreen, headers: Sequence[str]) -> dict[str, int]:
    """Field → column: as the last import of the section had it, else by label or name; no column fills two fields."""
    words = _words(section)
    found: dict[str, int] = {}
    for index, header in enumerate(headers):
        field = words.get(heading_key(header))
        if field is not None and field not in found:
            found[field] = index
    return found


def _words(section: FormScreen) -> dict[str, str]:
    fields = fields_of(section)
    words = {heading_key(name): name for name in fields}
    words |= {heading_key(label): name for name, label in fields.items()}
    last = _last_import(section)
    if last is not None:
        for name, index in last.mapping.items():
            if name in fields and index < len(last.headings):
                words[heading_key(str(last.headings[index]))] = name
    words.pop("", None)
    return words


def _last_import(section: FormScreen) -> ImportJob | None:
    statement = select(ImportJob).where(
        ImportJob.section == section.slug, ImportJob.status.not_in(_NOT_TO_REMEMBER)
    )
    found: ImportJob | None = db.session.scalar(statement.order_by(ImportJob.id.desc()).limit(1))
    return found


def mapping_of(section: FormScreen, chosen: Sequence[str | None]) -> dict[str, int]:
    """Field → column from the field chosen for each column; raises `DomainError` for what can't be imported so."""
    fields = fields_of(section)
    mapping: dict[str, int] = {}
    for index, name in enumerate(chosen):
        if name not in fields:
            continue
        if name in mapping:
            raise DomainError(_l("Two columns can't both hold «%(what)s»."), what=fields[name])
        mapping[name] = index
    check_mapping(section, mapping)
    return mapping


def check_mapping(section: FormScreen, mapping: Mapping[str, int]) -> None:
    """Raise `DomainError` for a mapping without any field, or without the key of the rows."""
    if not mapping:
        raise DomainError(_l("Say at least of one column what it holds."))
    key = section.import_key
    if key is not None and key not in mapping:
        raise DomainError(_l("Say which column holds «%(what)s»."), what=fields_of(section)[key])
