"""The form field of the lines of a row: child rows, each with a form of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from wtforms import Field
from wtforms.fields.core import UnboundField
from wtforms.utils import unset_value

from app.errors import DomainError
from app.extensions import db
from app.lib.persian import group_number, is_blank, latin_digits
from app.panel.columns import Column, Kind, describe
from app.panel.filters.base import most_of
from app.panel.filters.choices import related
from app.panel.forms.builder import field_of, in_order
from app.panel.forms.lines.entry import Found, LineEntry, LineForm, LineProblem, LineRelationField
from app.panel.forms.lines.rows import write_lines
from app.panel.words import Lines

KEY = "id"
_NUMBER = re.compile(r"\d{1,4}(?=-|$)", re.ASCII)
# A line that a field blames: «items[2].quantity».
_PATH = re.compile(r"(\w+)\[(\d{1,4})\](?:\.(\w+))?", re.ASCII)


class LinesField(Field):
    """The lines of a row; the value is their list of rows.

    The fields of the third line are sent as «items-2-quantity», its key as «items-2-id». A line may also be sent as one
    JSON object, «items-2»; an empty text leaves it out. A form that sends none of these leaves the lines as they are.
    """

    def __init__(
        self, *args: Any, lines: Lines, model: type[Any], form_class: type[LineForm], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.model, self.form_class = lines, model, form_class
        # A form may not need its lines, as long as another field says so.
        self.is_used = True
        # What the server computes of the lines, for the page; see `app.panel.forms.lines.amounts`.
        self.amounts: Any = None
        if lines.least:
            self.flags.required = True

    def process(
        self, formdata: Any, data: Any = unset_value, extra_filters: Sequence[Any] | None = None
    ) -> None:
        del extra_filters  # no field has any
        self.process_errors: list[str] = []
        self.errors: Sequence[str] = []
        self.data = self.stored = list(data) if isinstance(data, list) else []
        sent = self._sent(formdata)
        if sent is None:
            self.entries = [self._entry(number, None, row) for number, row in enumerate(self.stored)]
        else:
            known = {str(row.id): row for row in self.stored}
            found = self._found(sent)
            self.entries = [
                self._entry(at, part, known.get(key), key, found)
                for at, (number, part) in enumerate(sent)
                for key in [part.get(f"{self.name}-{number}-{KEY}", "")]
            ]
        for entry in self.entries:
            self._preset(entry)

    def begin_with(self, rows: Sequence[Any]) -> None:
        """Fill a new form with *rows*, which are not stored."""
        self.process(None, list(rows))

    # What was sent.

    def _sent(self, formdata: Any) -> list[tuple[int, MultiDict[str, str]]] | None:
        """(number, fields) of each line that was sent; None where the form has no lines."""
        prefix = f"{self.name}-"
        if not formdata:
            return None
        parts: dict[int, MultiDict[str, str]] = {}
        for name in formdata:
            match = _NUMBER.match(name, len(prefix)) if name.startswith(prefix) else None
            if match is not None:
                parts.setdefault(int(match[0]), MultiDict()).setlist(name, formdata.getlist(name))
        if not parts:
            return [] if self.name in formdata else None
        # Twice as many as are allowed, so that the form can be shown again; more were never typed.
        numbers = sorted(parts)[: 2 * self.lines.most]
        lines = [(number, self._decoded(number, parts[number])) for number in numbers]
        return [(number, part) for number, part in lines if part is not None]

    def _decoded(self, number: int, part: MultiDict[str, str]) -> MultiDict[str, str] | None:
        """The fields of a line that was sent as one JSON object; None for one that is left out."""
        name = f"{self.name}-{number}"
        if name not in part:
            return part
        try:
            values = json.loads(part[name])
        except (ValueError, RecursionError):
            return None
        values = values if isinstance(values, dict) else {}
        return MultiDict({f"{name}-{each}": str(value) for each, value in values.items()})

    def _found(self, sent: Sequence[tuple[int, MultiDict[str, str]]]) -> Found:
        """The rows that the lines refer to: those in scope, and those that they have referred to before."""
        found: dict[str, dict[int, Any]] = {}
        for column in self._relations:
            texts = {part.get(f"{self.name}-{number}-{column.name}", "") for number, part in sent}
            target: Any = column.target
            keys = {key for text in texts if (key := _key_in(text)) and key <= most_of(target.id)}
            rows = db.session.scalars(related(column).where(target.id.in_(keys))) if keys else ()
            stored = [row for line in self.stored if (row := getattr(line, column.name)) is not None]
            found[column.name] = {row.id: row for row in (*stored, *rows)}
        return found

    @cached_property
    def _relations(self) -> Sequence[Column]:
        described = (describe(self.model, name) for name in self.lines.columns)
        return [column for column in described if column.kind is Kind.RELATION]

    def _entry(
        self,
        number: int,
        formdata: MultiDict[str, str] | None,
        row: Any,
        key: str | None = None,
        found: Found | None = None,
    ) -> LineEntry:
        # Lines are numbered anew, since a line was moved or removed in the browser.
        before = f"{self.name}-"
        renamed = None
        if formdata is not None:
            renamed = ImmutableMultiDict(
                (f"{before}{number}-{name.split('-', 2)[2]}", value)
                for name, value in formdata.items(multi=True)
            )
        form = self.form_class(
            formdata=renamed, obj=row, prefix=f"{before}{number}-", meta={"found": found or {}}
        )
        if key is None:
            key = str(row.id or "")
        return LineEntry(number, form, key, row)

    def _preset(self, entry: LineEntry) -> None:
        """Fill the empty fields that begin with a value of a relation."""
        for name, path in self.lines.presets.items():
            field = entry.form[name]
            field.flags.required = False
            relation, _dot, column = path.partition(".")
            value = getattr(entry.form[relation].data, column, None)
            if field.data is None and not field.process_errors and value is not None:
                field.data, field.raw_data = value, None

    # The lines of the form.

    @property
    def filled(self) -> list[LineEntry]:
        return [entry for entry in self.entries if not entry.is_blank]

    @property
    def shown(self) -> list[LineEntry]:
        """The lines of the form, with an empty one to begin with."""
        return self.entries or [self.blank(0)]

    def blank(self, number: int) -> LineEntry:
        """A new line, as the form begins with and as scripts add it."""
        entry = self._entry(number, None, None, "")
        self._preset(entry)
        return entry

    def validate(self, form: Any, extra_validators: Sequence[Any] = ()) -> bool:
        del form, extra_validators  # the lines have rules of their own
        if not self.is_used:
            return True
        filled, least, most = self.filled, self.lines.least, self.lines.most
        errors = list(self.process_errors)
        if len(filled) < least:
            errors.append(_("Add at least one line.") if least == 1 else _too_few(least))
        if len(filled) > most:
            errors.append(_("At most %(max)s lines can be saved.", max=group_number(most)))
        self.errors = errors
        valid = [entry.form.validate() for entry in filled]
        return all(valid) and not errors

    @property
    def problems(self) -> list[LineProblem]:
        """The errors at the fields of lines."""
        return [
            LineProblem(
                f"{self.name}[{entry.number}].{field.short_name}",
                field.id,
                entry.label_of(field),
                field.errors,
            )
            for entry in self.entries
            for field in entry.form
            if field.errors
        ]

    def refuse(self, error: DomainError) -> bool:
        """Add *error* to the field of the line that it names; False where there is no such line."""
        match = _PATH.fullmatch(error.field or "")
        if match is None or match[1] != self.name:
            return False
        entry = next(iter(self.filled[int(match[2]) :]), None)
        target = self if entry is None else entry.form._fields.get(match[3], self)
        target.errors = [*target.errors, str(error)]
        return True

    def populate_obj(self, obj: Any, name: str) -> None:
        pairs = [(entry, self.model() if entry.row is None else entry.row) for entry in self.filled]
        write_lines(obj, name, pairs)


def _too_few(least: int) -> str:
    words: str = _("Add at least %(min)s lines.", min=group_number(least))
    return words


def _key_in(text: str) -> int | None:
    digits = latin_digits(text).strip() if not is_blank(text) and len(text) <= 40 else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def lines_field(lines: Lines, model: type[Any], *, lookup_url: str) -> UnboundField[Any]:
    """The form field of *lines*, whose rows are of *model*; `%s` in *lookup_url* stands for the name of a relation."""
    members = {name: _line_field(describe(model, name), lookup_url % name) for name in lines.columns}
    form_class = type(f"{model.__name__}Form", (LineForm,), in_order(members))
    field: UnboundField[Any] = LinesField(lines.label, lines=lines, model=model, form_class=form_class)
    return field


def _line_field(column: Column, lookup_url: str) -> Any:
    built = field_of(column, lookup_url=lookup_url)
    if column.kind is Kind.RELATION:
        built.field_class = LineRelationField
    return built


def typed_totals(lines: Lines | None) -> set[str]:
    """The totals by name; those that are fields of the form are typed below the lines."""
    return {total.name for total in lines.totals} if lines else set()
