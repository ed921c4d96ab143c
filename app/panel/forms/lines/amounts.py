"""The amounts of a form with lines, computed by the model from what was typed; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect

from app.extensions import db
from app.panel.actor import currency
from app.panel.columns import Column, Kind
from app.panel.formatting import NOTHING, cell, currency_unit
from app.panel.forms.builder import PanelForm
from app.panel.forms.lines.entry import LineEntry
from app.panel.forms.lines.field import LinesField
from app.panel.forms.lines.rows import amount_column, total_columns
from app.panel.words import Lines, Total


@dataclass(frozen=True)
class ShownTotal:
    total: Total
    label: str
    text: str
    unit: str


@dataclass(frozen=True)
class Amounts:
    """The amounts as texts: of each line by its number, and the totals."""

    label: str = ""
    unit: str = ""
    lines: dict[int, str] = field(default_factory=dict)
    totals: list[ShownTotal] = field(default_factory=list)


def set_amounts(form: PanelForm, lines: Lines | None, model: Any, stored: Any = None) -> None:
    """Give the field of the lines in *form* its amounts; those of another column of the parent come from *stored*."""
    if lines is None:
        return
    shown = form[lines.relation]
    with db.session.no_autoflush:
        parent = model() if stored is None else _copy(stored)
        rows = _add_up(parent, form, shown)
    column, unit = amount_column(model, lines), currency_unit(currency())
    shown.amounts = Amounts(
        label=str(column.label) if column else "",
        unit=unit if column and column.kind is Kind.MONEY else "",
        lines={each.number: _text(column, rows.get(each.number)) for each in shown.entries},
        totals=[
            ShownTotal(each, str(of.label), _text(of, parent), unit if of.kind is Kind.MONEY else "")
            for each, of in total_columns(model, lines)
        ],
    )


def _add_up(parent: Any, form: PanelForm, shown: LinesField) -> dict[int, Any]:
    """Compute the amounts of *parent* from what was typed; returns the rows of the lines that count, by number."""
    for name in inspect(type(parent)).column_attrs.keys() & form._fields.keys():
        if not form[name].errors:
            form[name].populate_obj(parent, name)
    rows = {}
    for entry in shown.filled:
        if _is_complete(entry, shown.lines):
            row = shown.model() if entry.row is None else _copy(entry.row)
            entry.form.populate_obj(row)
            rows[entry.number] = row
    setattr(parent, shown.lines.relation, list(rows.values()))
    if hasattr(parent, "total_up"):
        parent.total_up()
    return rows


def _is_complete(entry: LineEntry, lines: Lines) -> bool:
    """Whether the line has no errors and all values that the amount may need."""
    needed = (each for each in entry.form if each.flags.required or each.short_name in lines.presets)
    return not any(each.errors for each in entry.form) and all(each.data is not None for each in needed)


def _copy(row: Any) -> Any:
    """A row outside the session with the values of the columns of *row*."""
    return type(row)(**{each.key: getattr(row, each.key) for each in inspect(type(row)).column_attrs})


def _text(column: Column | None, row: Any) -> str:
    return NOTHING if column is None or row is None else str(cell(column, row, currency=currency()).text)
