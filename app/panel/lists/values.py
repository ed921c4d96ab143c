"""The HTML of values: texts, chips, phone numbers, moments. Functions, because a macro costs ten times as much.

Every value is escaped by `safe`. The macros of `components.html` call these functions.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.lib.jalali import format_date, format_datetime
from app.panel.formatting import NOTHING, time_cell
from app.panel.view_models import Cell, Fact


def init_values(app: Flask) -> None:
    """Register the functions as globals and filters of the templates."""
    app.jinja_env.globals.update(value_html=value_html, chip_html=chip_html, mobile_html=mobile_html)
    app.jinja_env.filters.update(jwhen=time_html, jexact=exact_time)


def safe(value: object) -> str:
    """*value* escaped for HTML text and quoted attributes."""
    # `escape` wraps each result in Markup and takes several times as long.
    return html.escape(value) if type(value) is str else str(escape(value))


def attribute(name: str, value: str | None) -> str:
    return f' {name}="{safe(value)}"' if value else ""


def bare(name: str, value: str | None) -> str:
    """An attribute without quotes where its value is one plain word, as colours and phone numbers are."""
    return f" {name}={value}" if value and _PLAIN.fullmatch(value) else attribute(name, value)


def value_html(each: Cell | Fact) -> Markup:
    """The HTML of a value outside of a list's rows."""
    if each.text == NOTHING or each.text is None:
        return Markup('<span class="cell-nothing" aria-label="{}">{}</span>').format(_("empty"), NOTHING)
    return Markup(value(each))


def value(each: Cell | Fact) -> str:
    render = _RENDERERS.get(each.kind)
    if render is not None:
        return render(each)
    kind, _mark, token = each.kind.partition(":")
    return chip(each.text, token) if kind == "swatch" else _text(each)


def brief(each: Cell) -> str:
    """The HTML of a value in a row, where `tooltips.js` makes the tooltip of a moment."""
    return _brief_time(each) if each.kind in _TIMES else value(each)


def _text(each: Cell | Fact) -> str:
    return f'<a href="{safe(each.href)}">{safe(each.text)}</a>' if each.href else safe(each.text)


def chip_html(text: object, colour: str | None = None) -> Markup:
    """A chip with *text* in its colour."""
    return Markup(chip(text, colour))


def chip(text: object, colour: str | None) -> str:
    return f"<span class=chip{bare('data-colour', colour)}>{safe(text)}</span>"


def chip_button(text: object, colour: str | None) -> str:
    """A chip that opens the menu of `choices.js`."""
    return f"<button class=chip{bare('data-colour', colour)}>{safe(text)}</button>"


def mobile_html(text: object, href: str | None = None) -> Markup:
    """A phone number, written from left to right; with *href* a link that dials it."""
    return Markup(_mobile(text, href))


def _mobile(text: object, href: str | None) -> str:
    if href:
        return f"<a{bare('href', href)}>{safe(text)}</a>"
    return f"<bdi class=ltr>{safe(text)}</bdi>"


def _number(each: Cell | Fact) -> str:
    # Digits alone need no direction; a sign or a fraction does.
    text = str(each.text)
    return text if text.isdecimal() else f"<bdi class=ltr>{safe(text)}</bdi>"


def time_html(value: date | datetime, *, can_be_late: bool = False) -> Markup:
    """A date or a moment in words, with the whole date as its tooltip."""
    return Markup(_time(time_cell("", value, can_be_late=can_be_late)))


def exact_time(value: date | datetime) -> str:
    """A date or a moment as a number, for what is printed."""
    return format_datetime(value) if isinstance(value, datetime) else format_date(value)


def _time(each: Cell | Fact) -> str:
    return _brief_time(each, f' title="{safe(each.hint)}"')


def _brief_time(each: Cell | Fact, title: str = "") -> str:
    mark = "" if each.kind == "time" else f" class=is-{each.kind}"
    return f"<time{mark} datetime={_machine_time(each.moment)}{title}>{safe(each.text)}</time>"


@lru_cache(maxsize=8_192)
def _machine_time(moment: date | datetime) -> str:
    aware = moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else moment
    return f"{aware:%Y-%m-%dT%H:%MZ}" if isinstance(aware, datetime) else aware.isoformat()


def _flag(each: Cell | Fact) -> str:
    return f'<span class="chip is-flag"{attribute("data-colour", each.colour)}>{safe(each.text)}</span>'


_PLAIN = re.compile(r"[A-Za-z0-9+:.-]+")
_TIMES = frozenset({"time", "today", "late"})
_RENDERERS: dict[str, Callable[[Cell | Fact], str]] = {
    "chip": lambda each: chip(each.text, each.colour),
    "mobile": lambda each: _mobile(each.text, each.href),
    "number": _number,
    "money": _number,
    "flag": _flag,
    "nameless": lambda each: f"<span class=muted>{safe(each.text)}</span>",
    **dict.fromkeys(_TIMES, _time),
}
