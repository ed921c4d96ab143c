"""The JSON Schemas of the arguments of a list."""

from __future__ import annotations

from app.panel.api.patterns import (
    DAY,
    KEY,
    LONGEST_SEARCH,
    MOST_AMOUNT,
    MOST_NUMBER,
    NO_NUL,
    TIME_OF_DAY,
    Schema,
)
from app.panel.columns import Column, Kind
from app.panel.filters.base import FROM, MOST_VALUES, STATE, TO, name_of
from app.panel.filters.choices import CHOSEN, pairs_of
from app.panel.filters.parsing import STATES
from app.panel.filters.presets import Preset
from app.panel.filters.ranges import DATED, RANGED
from app.panel.queries import cursor
from app.panel.queries.arguments import PAGE_SIZES
from app.panel.section import Section


def argument_schemas(section: Section, *, to_anybody: bool = False) -> dict[str, Schema]:
    """The schemas of a list's arguments, for the acting member or, with `to_anybody`, independent of the member."""
    orders = [order for path in section.sortable for order in (path, f"-{path}")]
    tabs = [tab.key for tab in (section.tabs if to_anybody else section.visible_tabs())]
    place = {"type": "string", "pattern": r"^[0-9]{1,18}[.-]", "maxLength": 300}
    known: dict[str, Schema] = {
        "size": {"type": "integer", "enum": list(PAGE_SIZES)},
        cursor.AFTER: place,
        cursor.BEFORE: place,
        cursor.END: {"type": "integer", "enum": [1]},
    }
    known |= (
        {"q": {"type": "string", "pattern": NO_NUL, "maxLength": LONGEST_SEARCH}} if section.search else {}
    )
    known |= {"sort": {"type": "string", "enum": orders}} if orders else {}
    known |= {"tab": {"type": "string", "enum": tabs}} if tabs else {}
    for column in section.described_filters if to_anybody else section.offered_filters():
        known |= filter_schemas(column)
    return known


def filter_schemas(column: Column) -> dict[str, Schema]:
    """The schemas of a column's filter arguments."""
    name = name_of(column)
    state = {f"{name}{STATE}": {"type": "string", "enum": list(STATES)}} if column.nullable else {}
    if column.kind in CHOSEN:
        return {name: {"type": "array", "items": _choice(column), "maxItems": MOST_VALUES}, **state}
    if column.kind in RANGED:
        named = {name: {"type": "string", "enum": [each.value for each in Preset]}}
        ends = {f"{name}{end}": _end(column.kind) for end in (FROM, TO)}
        return {**(named if column.kind in DATED else {}), **ends, **state}
    return {name: {"type": "string", "pattern": NO_NUL, "maxLength": LONGEST_SEARCH}, **state}


def _choice(column: Column) -> Schema:
    if column.kind is Kind.RELATION:
        return KEY
    return {"type": "string", "enum": [value for value, _label in pairs_of(column)]}


def _end(kind: Kind) -> Schema:
    if kind in DATED:
        return {"type": "string", "pattern": DAY, "minLength": 1}
    if kind is Kind.MONEY:
        return {"type": "integer", "minimum": 0, "maximum": MOST_AMOUNT}
    if kind is Kind.TIME:
        return TIME_OF_DAY
    return {"type": "integer", "minimum": -MOST_NUMBER, "maximum": MOST_NUMBER}
