"""The values of audit events as texts for the user."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from flask_babel import gettext as _

from app.lib.jalali import format_date, format_datetime
from app.lib.mobile import display_mobile
from app.lib.money import format_amount
from app.lib.persian import group_number, persian_letters
from app.lib.time_of_day import format_time_of_day
from app.panel.actor import currency, role_label
from app.panel.columns import Column, Kind
from app.panel.formatting import NOTHING
from app.panel.records.history_labels import column_of
from models.audit.values import MASK
from models.types import WeekdayList, Weekdays

Names = Mapping[tuple[str, int], str]


def shown(kind: str, name: str, value: object, names: Names) -> str:
    """The value as text for the user; a foreign key as the name of its row."""
    # Events cannot be changed, so those from before have texts with Arabic letters.
    return persian_letters(_shown(kind, name, value, names))


def _shown(kind: str, name: str, value: object, names: Names) -> str:
    if value is None or value in ("", []):
        return NOTHING
    if value == MASK or isinstance(value, bool):
        word: str = _("Hidden") if value == MASK else _("Yes") if value else _("No")
        return word
    if isinstance(value, list):
        words = (role_label(each) if name in {"role", "roles"} else str(each) for each in value)
        return "، ".join(words)
    column = column_of(kind, name)
    if column is None:
        return group_number(value) if isinstance(value, int) else str(value)
    return _of_column(column, value, names)


def _of_column(column: Column, value: object, names: Names) -> str:
    if column.target is not None and isinstance(value, int):
        return names.get((column.target.__name__, value)) or _("number %(n)s", n=group_number(value))
    if column.kind in {Kind.CHOICE, Kind.COLOUR}:
        members = {member.value: member for member in column.attribute.type.enum_class}
        return str(members.get(value, value))
    if column.kind is Kind.MOBILE:
        return display_mobile(str(value))
    if column.attribute is not None and isinstance(column.attribute.type, Weekdays):
        return str(WeekdayList(value))
    if isinstance(value, int):
        return format_amount(value, currency()) if column.kind is Kind.MONEY else group_number(value)
    return _moment(column, value) if isinstance(value, str) else str(value)


def _moment(column: Column, value: str) -> str:
    if column.kind is Kind.DATETIME:
        return format_datetime(datetime.fromisoformat(value))
    if column.kind is Kind.TIME:
        return format_time_of_day(time.fromisoformat(value))
    return format_date(date.fromisoformat(value)) if column.kind is Kind.DATE else value
