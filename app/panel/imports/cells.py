"""What a cell says in the spelling that a form field takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field

from app.errors import DomainError
from app.extensions import db
from app.lib.digits import LARGEST
from app.lib.jalali import WEEKDAYS, JalaliError, format_date, format_datetime
from app.lib.persian import fold, is_blank
from app.lib.tables.cells import as_text, storable
from app.lib.tables.values.moments import parse_moment
from app.lib.tables.values.quantities import AmbiguousNumber, parse_quantity
from app.lib.tables.values.styles import DateStyle, NumberStyle, Styles, number_style
from app.panel.declaration import Declaration
from app.panel.filters.choices import related
from app.panel.forms import fields
from app.panel.forms.code_fields import WeekdaysField
from app.panel.imports.reading import asks_about, is_number
from app.panel.queries.search import matching
from models.types import WEEKDAY_NAMES

_YES = frozenset(map(fold, ("بله", "بلی", "آری", "هست", "فعال", "yes", "y", "true", "1", "✓")))
_NO = frozenset(map(fold, ("خیر", "نه", "نیست", "غیرفعال", "غیر فعال", "no", "n", "false", "0")))
# More rows with the words of a name are not read: nobody knows then whether one alone has the name.
_MOST_FOUND = 1_000
_UNDECIDED = Styles()
_BETWEEN_DAYS = re.compile(r"[,،;؛]|\sو\s")
# No key and no value: the field itself says that there is no such choice.
_UNKNOWN = "—"


def sent_value(section: Declaration, field: Field, cell: object, styles: Styles = _UNDECIDED) -> str | None:
    """*cell* as a form would send it, None for an empty one; raises `DomainError` for what no field can read.

    *styles* are the readings of ambiguous dates and numbers in the file.
    """
    text = as_text(cell).strip()
    if storable(text) != text:
        raise DomainError(_l("This text has a character that can't be stored."), field=field.name)
    if is_blank(text):
        return None
    if isinstance(field, fields.RelationField):
        return _row_called(section, field.name, text)
    for kind, read in _READERS:
        if isinstance(field, kind):
            return read(field, text)
    if isinstance(field, fields.JalaliDateField):
        return _jalali(field, text, styles.dates)
    return _number(field, text, number_style(cell, styles)) if is_number(field) else text


def _number(field: Field, text: str, style: NumberStyle | None) -> str:
    """A number in the spelling of the field; «1.000» is refused until *style* says what its sign separates."""
    if not asks_about(text):
        return text
    try:
        parse_quantity(text, most=LARGEST)
    except AmbiguousNumber as error:
        if style is None:
            raise DomainError(_l("This number can be read in several ways."), field=field.name) from error
        return str(parse_quantity(text, style, most=LARGEST) or text)
    return text


def _jalali(field: Field, text: str, style: DateStyle | None) -> str:
    """A date of either calendar in the spelling of the field; what cannot be read is left to the field to refuse."""
    try:
        moment = parse_moment(text, style)
    except JalaliError:
        return text
    return format_datetime(moment) if isinstance(field, fields.JalaliDateTimeField) else format_date(moment)


def _yes_or_no(field: Field, text: str) -> str:
    folded = fold(text)
    if folded not in _YES | _NO:
        raise DomainError(_l("Write yes or no."), field=field.name)
    if folded in _YES:
        return "y"
    return "n" if isinstance(field, fields.YesNoField) else ""


def _member_called(field: Field, text: str) -> str:
    """The member of an enumeration with this label or value."""
    folded = fold(text)
    for choice in field.iter_choices():
        if choice.value and folded in {fold(str(choice.label)), fold(str(choice.value))}:
            return str(choice.value)
    return _UNKNOWN


def _weekdays(_field: Field, text: str) -> str:
    """The stored names of days that are written as they are shown, «شنبه و دوشنبه»; others are left to the field."""
    names = dict(zip(map(fold, WEEKDAYS), WEEKDAY_NAMES, strict=True))
    return ",".join(names.get(fold(each), each.strip()) for each in _BETWEEN_DAYS.split(text))


_READERS: tuple[tuple[Any, Callable[[Field, str], str]], ...] = (
    (fields.SwitchField | fields.YesNoField, _yes_or_no),
    (fields.MemberField, _member_called),
    (WeekdaysField, _weekdays),
)


def _row_called(section: Declaration, name: str, text: str) -> str:
    """The key of the only row with this name or code; a number is a name too, never a key."""
    column = section.describe(name)
    statement = related(column)
    target: Any = column.target
    condition = matching(target, text)
    if condition is not None:
        statement = condition.narrow(statement)
    folded = fold(text)
    rows = db.session.scalars(statement.limit(_MOST_FOUND + 1)).all()
    found = {row.id for row in rows if folded in _names(row)}
    return str(found.pop()) if len(found) == 1 and len(rows) <= _MOST_FOUND else _UNKNOWN


def _names(row: Any) -> set[str]:
    names = (str(row), getattr(row, "choice_label", None), getattr(row, "code", None))
    return {fold(str(name)) for name in names if name}
