"""The HTML of table rows. What the cells of a column share stands in the head of the table or in the style sheet.

`names.js` completes what works by scripts alone: names of buttons and ticks, links to panels and edit forms. Cells have no end tags, which HTML allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask import Flask
from markupsafe import Markup

from app.panel.formatting import NOTHING
from app.panel.lists.row_menus import shared_menus
from app.panel.lists.values import attribute, bare, brief, chip, chip_button, safe, value
from app.panel.view_models import Cell, Heading, ListPage, RowButton, TableRow

# The kinds of columns that the style sheet names; all others are plain text.
_STYLED = frozenset({"number", "money", "mobile", "date", "datetime", "chip", "boolean"})


class _Column(NamedTuple):
    """What the cells of a column share: the start tag, their edit button, and an empty value beside one."""

    start: str
    edit: str
    nothing: str
    has_menu: bool = False  # the chips are buttons


def init_rows(app: Flask) -> None:
    """Register the functions as globals of the templates."""
    app.jinja_env.globals.update(rows_html=rows_html, acts_html=acts_html, shared_menus=shared_menus)


def rows_html(page: ListPage) -> Markup:
    """All rows of *page*."""
    columns, has_ticks = [_column(each, page.chip) for each in page.columns], bool(page.bulk)
    sets = _sets_of(page) if page.acts is not None else None
    return Markup("".join([_row(row, columns, sets, has_ticks=has_ticks) for row in page.rows]))


def _class_of(heading: Heading) -> str:
    """The class of the cells of a column: its place on the card of a row, which may imply its kind, or its kind."""
    kind = f"cell-{heading.kind}" if heading.kind in _STYLED else ""
    if heading.card == "card-line":
        return f"{kind} card-line".strip()
    return heading.card or kind


def _column(heading: Heading, chip_column: str | None) -> _Column:
    name = safe(heading.name)
    return _Column(
        f"<td{bare('class', _class_of(heading))}>",
        f'<button data-inline="{name}"></button>',
        # A yes-or-no value that is no exception is not missing.
        "<span></span>" if heading.kind == "boolean" else f'<span class="cell-nothing">{NOTHING}</span>',
        has_menu=heading.name == chip_column,
    )


def _row(
    row: TableRow,
    columns: Sequence[_Column],
    sets: Mapping[tuple[RowButton, ...], int] | None,
    *,
    has_ticks: bool,
) -> str:
    key = row.pk
    tick = "<td><input class=tick type=checkbox>" if has_ticks else ""
    cells = [
        f"{column.start}{_shown(cell, column, row)}"
        for cell, column in zip(row.cells[1:], columns[1:], strict=True)
    ]
    return (
        f'<tr id="row-{key}" data-pk="{key}"{attribute("data-colour", row.colour)}'
        f">{tick}{_first(row, columns[0])}{''.join(cells)}"
        f"{'' if sets is None else _acts(row, sets)}{_menu(row)}</tr>"
    )


def _first(row: TableRow, column: _Column) -> str:
    """The first cell of a row, with the link to the row's page or panel; its text is the name of the row."""
    cell, url = row.cells[0], row.panel_url or row.href
    if url:
        mark = " class=is-nameless" if cell.kind == "nameless" else ""
        shown = f'<a{mark} href="{safe(url)}">{_name(cell)}</a>'
    else:
        shown = f"<span>{brief(cell)}</span>"
    return f"<td class=cell-main>{shown}{column.edit if cell.edit else ''}{_below(cell)}"


def _name(cell: Cell) -> str:
    """The text of the first cell; a number among names is written from left to right."""
    return value(cell.with_changes(href=None)) if cell.kind == "mobile" else safe(cell.text)


def _below(cell: Cell) -> str:
    """The line of values under the first one of a cell."""
    values = [brief(each) for each in cell.below if each.text != NOTHING]
    if not values:
        return ""
    name = f"<small>{safe(cell.names[1])}</small> " if cell.names else ""
    return f"<p>{name}{' '.join(values)}"


def _shown(cell: Cell, column: _Column, row: TableRow) -> str:
    if not cell.edit:
        if cell.kind == "chip":
            # It inherits the colour of the row.
            colour = None if cell.colour == row.colour else cell.colour
            return chip_button(cell.text, colour) if column.has_menu else chip(cell.text, colour)
        name = f"<small>{safe(cell.names[0])}</small> " if cell.names else ""
        return f"{name}{'' if cell.text == NOTHING else brief(cell)}{_below(cell)}"
    shown = column.nothing if cell.text == NOTHING else f"<span>{brief(cell)}</span>"
    return f"{shown}{column.edit}"


def acts_html(page: ListPage) -> Markup:
    """The buttons of the rows, each set once: `acts.js` puts them into the rows, whose column has its width already."""
    sets = _sets_of(page)
    templates = "".join(
        f'<template data-acts-of="{number}">{_buttons(acts)}</template>' for acts, number in sets.items()
    )
    widest = max(sets, key=len, default=())
    width = "".join(f"<span class=act>{safe(each.label)}</span>" for each in widest)
    return Markup(f'{templates}<div class="acts-width" aria-hidden="true">{width}</div>')


def _sets_of(page: ListPage) -> dict[tuple[RowButton, ...], int]:
    """The different sets of buttons with their numbers."""
    found: dict[tuple[RowButton, ...], int] = {}
    for row in page.rows:
        if row.acts:
            found.setdefault(tuple(row.acts), len(found))
    return found


def _buttons(acts: Sequence[RowButton]) -> str:
    """The buttons of a row; `acts.js` asks for the confirmation of one and shows it beside it."""
    return "".join(
        f'<button class=act data-act="{each.name}"{" data-proposed" if each.is_proposed else ""}'
        f"{_refused(each)}>{safe(each.label)}</button>"
        for each in acts
    )


def _acts(row: TableRow, sets: Mapping[tuple[RowButton, ...], int]) -> str:
    if not row.acts:
        return "<td class=cell-acts>"
    return f"<td data-acts-of={sets[tuple(row.acts)]}>"


def _refused(each: RowButton) -> str:
    return f' aria-disabled="true"{attribute("title", each.refusal)}' if each.refusal else ""


def _menu(row: TableRow) -> str:
    return "<td class=cell-menu>" if row.menu is None else f"<td><button data-row-menu={row.menu}></button>"
