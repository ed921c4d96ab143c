"""The HTML of table rows, written by functions: a macro costs ten times as much, and a page has hundreds of cells.

Every value of a row is escaped by `_safe`. The macros of `components.html` call these functions.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from flask import Flask, g
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.panel.layout.assets import asset_url, icon
from app.panel.layout.translations import language
from app.panel.view_models import Cell, Fact, ListPage, TableRow

NOTHING = "—"


class _Words(NamedTuple):
    """The texts and icons that all rows share, already escaped; names are filled in for each row."""

    tick: str
    menu: str
    edit: str
    edit_title: str
    empty: str
    pencil: str
    dots: str
    phone: str


class _ColumnText(NamedTuple):
    """The texts that the cells of one column share; `label` is already escaped."""

    label: str
    words: _Words


def init_rows(app: Flask) -> None:
    """Register the functions as globals of the templates."""
    app.jinja_env.globals.update(
        rows_html=rows_html, value_html=value_html, chip_html=chip_html, mobile_html=mobile_html
    )


def rows_html(page: ListPage) -> Markup:
    """All rows of *page*."""
    words, has_ticks = _page_words(), bool(page.bulk)
    headings = [_ColumnText(_safe(label), words) for label in page.labels]
    return Markup("".join([_row(row, headings, words, has_ticks=has_ticks) for row in page.rows]))


def _page_words() -> _Words:
    if "row_words" not in g:
        g.row_words = _words(language(), asset_url("icons.svg"))
    words: _Words = g.row_words
    return words


# Cached by language and by the address of the icons, which changes with each build.
@lru_cache(maxsize=10)
def _words(_language: str, _icons: str) -> _Words:
    return _Words(
        _safe(_("Tick %(name)s")),
        _safe(_("Actions on %(name)s")),
        _safe(_("Edit «%(name)s» of %(row)s")),
        _safe(_("Edit")),
        _safe(_("empty")),
        icon("pencil"),
        icon("dots-vertical"),
        icon("phone"),
    )


def _row(row: TableRow, headings: Sequence[_ColumnText], words: _Words, *, has_ticks: bool) -> str:
    name = _safe(row.label)
    tick = ""
    if has_ticks:
        tick = (
            f'<td class="cell-tick"><input class="form-check-input tick" type="checkbox" name="rowid" value="{row.pk}"'
            f' form="bulk-bar" data-tick aria-label="{words.tick % {"name": name}}" autocomplete="off"></td>'
        )
    cells = [_first(row.cells[0], headings[0], row, name)]
    cells += [_cell(cell, heading, name) for cell, heading in zip(row.cells[1:], headings[1:], strict=True)]
    return (
        f'<tr id="row-{row.pk}" data-pk="{row.pk}"{_attribute("data-colour", row.colour)}{_attribute("data-href", row.href)}'
        f"{_attribute('data-panel-url', row.panel_url)}>{tick}{''.join(cells)}"
        f'<td class="cell-menu">{_menu(row, name, words)}</td></tr>\n'
    )


def _first(cell: Cell, heading: _ColumnText, row: TableRow, name: str) -> str:
    """The first cell of a row, with the link to the row's page or panel."""
    if url := row.panel_url or row.href:
        opens = " data-panel" if row.panel_url else ""
        shown = f'<a class="row-link" href="{_safe(url)}"{opens}><span class="cell-words">{_safe(cell.text)}</span></a>'
    else:
        shown = _value(cell, heading.words)
    kind = cell.kind.partition(":")[0]
    return f'<td class="cell-{kind} cell-main" data-label="{heading.label}">{shown}{_pencil(cell, heading, name)}</td>'


def _cell(cell: Cell, heading: _ColumnText, name: str) -> str:
    empty = " data-empty" if cell.text == NOTHING else ""
    kind = cell.kind.partition(":")[0]
    shown = _value(cell, heading.words)
    return f'<td class="cell-{kind}" data-label="{heading.label}"{empty}>{shown}{_pencil(cell, heading, name)}</td>'


def _pencil(cell: Cell, heading: _ColumnText, name: str) -> str:
    """The button that opens the inline edit; empty for a cell without `edit_url`."""
    if not cell.edit_url:
        return ""
    words = heading.words
    what = words.edit % {"name": heading.label, "row": name}
    return (
        f'<button class="cell-edit" type="button" data-inline="{_safe(cell.edit_url)}" aria-label="{what}"'
        f' title="{words.edit_title}">{words.pencil}</button>'
    )


def _menu(row: TableRow, name: str, words: _Words) -> str:
    if row.menu is None:
        return ""
    return (
        f'<button class="btn btn-quiet btn-square btn-small" type="button" data-row-menu="{row.menu}" aria-haspopup="menu"'
        f' aria-expanded="false" aria-label="{words.menu % {"name": name}}">{words.dots}</button>'
    )


def _safe(value: object) -> str:
    """*value* escaped for HTML text and quoted attributes."""
    # `escape` wraps each result in Markup and takes several times as long.
    return html.escape(value) if type(value) is str else str(escape(value))


def _attribute(name: str, value: str | None) -> str:
    return f' {name}="{_safe(value)}"' if value else ""


def value_html(each: Cell | Fact) -> Markup:
    """The HTML of a value in a list or on a row's page."""
    return Markup(_value(each, _page_words()))


def _value(each: Cell | Fact, words: _Words) -> str:
    if each.text == NOTHING or each.text is None:
        return f'<span class="cell-nothing" aria-label="{words.empty}">{NOTHING}</span>'
    render = _RENDERERS.get(each.kind)
    if render is not None:
        return render(each, words)
    kind, _mark, token = each.kind.partition(":")
    return _chip(each.text, token) if kind == "swatch" else _text(each, words)


def _text(each: Cell | Fact, _words: _Words) -> str:
    if each.href:
        return f'<a href="{_safe(each.href)}"><span class="cell-words">{_safe(each.text)}</span></a>'
    text = _safe(each.text)
    hint = getattr(each, "hint", None)
    return f'<span class="cell-words" title="{_safe(hint) if hint else text}">{text}</span>'


def _moment(each: Cell | Fact, _words: _Words) -> str:
    note = getattr(each, "note", None)
    behind = f' <span class="cell-note">{_safe(note)}</span>' if note else ""
    return (
        f'<bdi dir="rtl"{_attribute("title", getattr(each, "hint", None))}>{_safe(each.text)}</bdi>{behind}'
    )


def _number(each: Cell | Fact, _words: _Words) -> str:
    return f'<bdi class="ltr" dir="ltr">{_safe(each.text)}</bdi>'


def chip_html(text: object, colour: str | None = None) -> Markup:
    """A chip with *text* in its colour."""
    return Markup(_chip(text, colour))


def _chip(text: object, colour: str | None) -> str:
    return (
        f'<span class="chip"{_attribute("data-colour", colour)}><span class="chip-mark" aria-hidden="true"></span>'
        f'<span class="truncate">{_safe(text)}</span></span>'
    )


def mobile_html(text: object, href: str | None = None) -> Markup:
    """A phone number, written from left to right; with *href* a link that dials it."""
    return Markup(_mobile(text, href, _page_words()))


def _mobile(text: object, href: str | None, words: _Words) -> str:
    number = f'<bdi class="ltr" dir="ltr">{_safe(text)}</bdi>'
    return f'<a class="call" href="{_safe(href)}">{number}{words.phone}</a>' if href else number


_RENDERERS: dict[str, Callable[[Cell | Fact, _Words], str]] = {
    "chip": lambda each, _words: _chip(each.text, each.colour),
    "mobile": lambda each, words: _mobile(each.text, each.href, words),
    "boolean": lambda each, _words: _safe(each.text),
    "number": _number,
    "money": _number,
    "date": _moment,
    "datetime": _moment,
}
