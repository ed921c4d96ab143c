"""Values in an exported file: numbers, Jalali dates as text, mobile numbers in the national form."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _

from app.lib.jalali import format_date, format_datetime
from app.lib.mobile import canonical_mobile, local_mobile
from app.lib.money import Currency
from app.lib.persian import latin_digits
from app.panel.columns import Column, Kind, describe, kind_of_value
from app.panel.declaration import Declaration
from app.panel.displays.owners import OWNERS
from app.panel.formatting import NOTHING
from models.base import Row

_RIALS_OF_A_TOMAN = 10
_HIDDEN = slice(4, 7)

_MOBILE = re.compile(r"۰۹[۰-۹]{2}[ \u00a0][۰-۹]{3}[ \u00a0][۰-۹]{4}")

Exported = Callable[[Any], int | float | str | None]


def kind_in_file(column: Column) -> str:
    """The kind of the file's column, which sets its width and type: number, mobile, moment or text."""
    return _KINDS.get(column.kind, "text") if column.attribute is not None else "text"


def file_columns(section: Declaration, columns: Sequence[Column]) -> Sequence[Column]:
    """*columns* as a file has them: what a list shows under the value of a column gets a column of its own."""
    found: list[Column] = []
    for column in columns:
        if column.path not in section.under:
            found.append(column)
            continue
        under = section.under[column.path]
        # The label of the section is one for the value and for what stands under it.
        parts = [describe(section.model, column.path), *map(section.describe, under.paths)]
        names = [f"{parts[0].label} ({name})" for name in under.names or ()]
        labels = [*names, *(str(each.label) for each in parts[len(names) :])]
        found += [
            replace(each, label=label, attribute=None if each.path in section.displays else each.attribute)
            for each, label in zip(parts, labels, strict=True)
        ]
    return found


def exporter_of(section: Declaration, column: Column, currency: Currency, *, masked: bool) -> Exported:
    """A function that returns the exported value of *column* for a row."""
    if column.attribute is None or column.kind is Kind.WORD:
        return lambda row: _as_shown(section, column, row, currency)
    if column.owners:
        return lambda row: "، ".join(getattr(row, OWNERS)) or None
    convert = _converter(column.kind, currency, masked=masked)

    def exported(row: Row) -> int | float | str | None:
        value = column.value(row)
        return None if value is None else convert(value)

    return exported


def _as_shown(section: Declaration, column: Column, row: Row, currency: Currency) -> str | None:
    shown = section.cell_of(column, row, currency)
    if shown.moment is not None:
        return str(_converter(kind_of_value(shown.moment), currency, masked=False)(shown.moment))
    return None if shown.text == NOTHING else str(shown.text)


def _converter(kind: Kind, currency: Currency, *, masked: bool) -> Callable[[Any], int | float | str]:
    if kind is Kind.MONEY:
        return _in_toman if currency is Currency.TOMAN else int
    mobile: Callable[[str], str] = masked_mobile if masked else local_mobile
    if kind is Kind.MOBILE:
        return lambda value: mobile(str(value))
    if kind is Kind.RELATION:
        # A row without a name is labelled by its mobile number.
        return lambda value: _MOBILE.sub(lambda found: mobile(canonical_mobile(found[0])), str(value))
    return _CONVERT.get(kind, str)


def exported_amount(rials: int, currency: Currency) -> int | float:
    """An amount in the unit of the file."""
    return _in_toman(rials) if currency is Currency.TOMAN else rials


def _in_toman(rials: int) -> int | float:
    """The amount in toman; an int unless a fraction remains."""
    return rials / _RIALS_OF_A_TOMAN if rials % _RIALS_OF_A_TOMAN else rials // _RIALS_OF_A_TOMAN


def masked_mobile(canonical: str) -> str:
    """The number without its middle: 0912***4567."""
    local = local_mobile(str(canonical))
    return local[: _HIDDEN.start] + "***" + local[_HIDDEN.stop :]


@lru_cache(maxsize=10_000)
def _moment(minute: datetime) -> str:
    return latin_digits(format_datetime(minute))


_KINDS = {
    Kind.NUMBER: "number",
    Kind.MONEY: "number",
    Kind.MOBILE: "mobile",
    Kind.DATE: "moment",
    Kind.DATETIME: "moment",
}
_CONVERT: dict[Kind, Callable[[Any], int | str]] = {
    Kind.NUMBER: int,
    Kind.DATE: lambda value: latin_digits(format_date(value)),
    Kind.DATETIME: lambda value: _moment(value.replace(second=0, microsecond=0)),
    Kind.TIME: lambda value: f"{value:%H:%M}",
    Kind.BOOLEAN: lambda value: _("Yes") if value else _("No"),
    Kind.CHOICE: str,
    Kind.COLOUR: str,
}
