"""One row of a file through the section's own forms: added, changed, or refused with the sentences of the form."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage.reading import styles_of
from app.lib.persian import fold
from app.lib.tables.source import DoubtfulRow
from app.panel.access import permitted
from app.panel.forms.locking import submitted_value, version_of
from app.panel.forms.routes import FormScreen
from app.panel.forms.uniqueness import taken_by_race
from app.panel.imports.cells import sent_value
from app.panel.imports.values import stored_values
from models.audit.recorder import muted
from models.filter_keys import key_attribute
from models.job import ImportedRow, ImportJob, RejectReason
from models.types import Choice

_DOUBTS = {"quotes": RejectReason.QUOTES, "width": RejectReason.WIDTH}


class ImportOutcome(Choice):
    """What becomes of a row of the file."""

    ADDED = "added", _l("New row")
    CHANGED = "changed", _l("Changes a row")
    UNCHANGED = "unchanged", _l("Unchanged")
    REFUSED = "refused", _l("Refused")


class RowRefusal(DomainError):
    """A row that is not stored, with all that is wrong with it."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))  # Translated already.


@dataclass(frozen=True)
class Written:
    """The row that a row of the file has become."""

    outcome: ImportOutcome
    row: Any
    before: Mapping[str, Any] | None = field(default=None)


class _Kind(enum.Enum):
    ADD = "can_add"
    EDIT = "can_edit"


@dataclass(frozen=True)
class _Filled:
    """A form that the cells of a row have filled, and what of them no field can read."""

    form: Form
    refused: Sequence[DomainError]

    def checked(self) -> Any:
        """The form, valid; raises `RowRefusal`."""
        is_valid = self.form.validate()
        for error in self.refused:
            self.form.refuse(error)
        if self.refused or not is_valid:
            raise RowRefusal(sentences_of(self.form))
        return self.form


class RowWriter:
    """Writes rows of a file into *section* by the mapping of *job* (field → column), as the acting member's forms do."""

    def __init__(self, section: FormScreen, job: ImportJob) -> None:
        # The job is not read later, since the preview rolls back.
        self.section, self.mapping, self.job_id = section, dict(job.mapping), job.id
        self._styles = styles_of(job)

    def write(self, cells: Sequence[Any]) -> Written:
        """The row, flushed within a savepoint; raises `RowRefusal`, and then nothing of it is left."""
        if isinstance(cells, DoubtfulRow):
            raise RowRefusal([str(_DOUBTS[cells.doubt.value].label)])
        try:
            with db.session.begin_nested():
                return self._write(cells)
        except IntegrityError as error:
            raise RowRefusal([str(taken_by_race(error, list(self.mapping)))]) from error

    def _write(self, cells: Sequence[Any]) -> Written:
        filled = self._fill(self.section.add_form_class(), None, cells)
        row = self._stored_row(filled.form)
        if row is None:
            self._refuse_without_right(_Kind.ADD)
            saved = self._save(self.section.model(), filled.checked(), existing=False)
            return Written(ImportOutcome.ADDED, saved)
        self._refuse_without_right(_Kind.EDIT)
        self._refuse_twice(row)
        before = stored_values(row)
        form = self._fill(self.section.edit_form_class(), row, cells).checked()
        saved = self._save(row, form, existing=True)
        after = stored_values(saved)
        changed = {name: value for name, value in before.items() if after.get(name) != value}
        return Written(ImportOutcome.CHANGED if changed else ImportOutcome.UNCHANGED, saved, changed)

    def _fill(self, form_class: Any, row: Any, cells: Sequence[Any]) -> _Filled:
        """The form that *cells* fill; fields without a column or with an empty cell stay as they are."""
        meta = {"csrf": False, "wrap_formdata": lambda _form, formdata: formdata}
        blank = form_class(formdata=None, obj=row, meta=meta)
        sent: MultiDict[str, str] = MultiDict()
        refused: list[DomainError] = []
        for name, each in blank._fields.items():
            value = None
            try:
                # The key has found the row, whose own spelling stays.
                if row is None or name != self.section.import_key:
                    value = sent_value(self.section, each, self._cell(cells, name), self._styles)
            except DomainError as error:
                refused.append(error)
            sent[name] = submitted_value(each) if value is None else value
        return _Filled(form_class(formdata=sent, obj=row, meta=meta), refused)

    def _cell(self, cells: Sequence[Any], name: str) -> Any:
        index = self.mapping.get(name)
        return cells[index] if index is not None and index < len(cells) else None

    def _stored_row(self, form: Form) -> Any:
        """The row that is known by the key of the file's row; None for a new one."""
        key = self.section.import_key
        if key is None or form[key].data is None:
            return None
        attribute, value = getattr(self.section.model, key), form[key].data
        exact = self._locked(attribute == value)
        return exact[0] if exact else self._spelled_otherwise(attribute, value)

    def _spelled_otherwise(self, attribute: Any, value: Any) -> Any:
        """The only row whose key differs from *value* in digits, letters of the same shape, case or spaces alone."""
        folded = key_attribute(attribute)
        if folded is None or not fold(value):
            return None
        found = self._locked(folded == fold(value))
        if len(found) > 1:
            raise RowRefusal([_("Several rows differ from this value in their spelling alone.")])
        return found[0] if found else None

    def _locked(self, condition: ColumnElement[bool]) -> Sequence[Any]:
        statement = self.section.statement().where(condition).limit(2)
        found: Sequence[Any] = db.session.scalars(statement.with_for_update(of=self.section.model)).all()
        return found

    def _refuse_without_right(self, kind: _Kind) -> None:
        if not permitted(self.section, kind.value):
            add, edit = _("You may not add rows here."), _("You may not change rows here.")
            raise RowRefusal([add if kind is _Kind.ADD else edit])

    def _refuse_twice(self, row: Any) -> None:
        """A key that the file has twice: the first row counts."""
        statement = select(ImportedRow.id).where(
            ImportedRow.job_id == self.job_id, ImportedRow.row_id == row.id
        )
        if db.session.scalar(statement) is not None:
            raise RowRefusal([_("An earlier row of this file has the same value.")])

    def _save(self, item: Any, form: Form, *, existing: bool) -> Any:
        names = list(form._fields)
        try:
            return self.section.write(item, form, names, existing=existing)
        except DomainError as error:
            form.refuse(error)
            raise RowRefusal(sentences_of(form)) from error

    def note(self, number: int, written: Written) -> None:
        """Write down which row it was and what it was before, so that the import can be undone."""
        before = None if written.outcome is ImportOutcome.ADDED else dict(written.before or {})
        noted = ImportedRow(job_id=self.job_id, row_number=number, row_id=written.row.id, before=before)
        noted.version = version_of(written.row)
        with muted(db.session()):  # The trail names the row itself.
            db.session.add(noted)
            db.session.flush()


def sentences_of(form: Form) -> list[str]:
    """All that is wrong with *form*, each sentence after the label of its field."""
    found = []
    for name, errors in form.errors.items():
        label = f"{form[name].label.text}: " if name in form._fields else ""
        found += [f"{label}{each}" for each in errors]
    return found
