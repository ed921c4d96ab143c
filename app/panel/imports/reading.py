"""The questions of an import on its file: how ambiguous dates and numbers of its columns are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.gateways.storage.reading import find_ambiguous
from app.lib.tables.values.styles import DateStyle, NumberStyle
from app.panel.forms import fields
from app.panel.forms.routes import FormScreen
from models.job import ImportJob

# The answers to the questions on ambiguous columns.
STYLES: Mapping[str, LazyString] = {
    DateStyle.JALALI_YMD: _l("Jalali: year, month, day"),
    DateStyle.JALALI_DMY: _l("Jalali: day, month, year"),
    DateStyle.GREGORIAN_YMD: _l("Gregorian: year, month, day"),
    DateStyle.GREGORIAN_DMY: _l("Gregorian: day, month, year"),
    DateStyle.GREGORIAN_MDY: _l("Gregorian: month, day, year"),
    NumberStyle.FRACTION: _l("A fraction: 1.000 is one"),
    NumberStyle.THOUSANDS: _l("Thousands: 1.000 is one thousand"),
}


def ambiguous_fields(section: FormScreen, job: ImportJob) -> Mapping[str, Any]:
    """Which dates and numbers of the file are ambiguous for the fields that they fill; reads the whole file."""
    form = section.add_form_class()(formdata=None, meta={"csrf": False})
    kinds = {name: form[name] for name in job.mapping if name in form._fields}
    dates = [job.mapping[name] for name, field in kinds.items() if isinstance(field, fields.JalaliDateField)]
    numbers = [job.mapping[name] for name, field in kinds.items() if is_number(field)]
    return find_ambiguous(job, dates=dates, numbers=numbers, asks=asks_about)


def is_number(field: object) -> bool:
    """Whether *field* takes a whole number or an amount."""
    return isinstance(field, fields.NumberField | fields.MoneyField)


def asks_about(text: str) -> bool:
    """Whether a number may be ambiguous: a comma separates thousands in each form of the panel."""
    return "," not in text
