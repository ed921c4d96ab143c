"""The filters of a list: read from the address, kept in it, shown as chips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib.jalali import JalaliError, format_date, parse_date, start_of_day
from app.lib.persian import escape_like, fold, normalize, sort_key
from app.panel.columns import Column, Kind
from app.panel.listing import FilterChoice

PREFIX = "f_"
# A relation with more rows than this is chosen by search, not from a list.
MOST_OPTIONS = 200


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class FilterInput:
    """One input of the «+ filter» form."""

    name: str
    kind: str  # options, boolean, date, text
    label: str
    value: str
    options: list[Option]


@dataclass(frozen=True)
class Applied:
    """A filter in force: its words for the chip, its condition, the arguments it came from."""

    label: str
    words: str
    condition: ColumnElement[bool]
    arguments: tuple[str, ...]


def read_filters(columns: Iterable[Column], arguments: MultiDict[str, str]) -> list[Applied]:
    """The filters that *arguments* ask for; what can't be understood is left out."""
    applied = (_READERS.get(column.kind, _read_text)(column, arguments) for column in columns)
    return [each for each in applied if each is not None]


def offer_filters(columns: Iterable[Column], arguments: MultiDict[str, str]) -> list[FilterChoice]:
    """The inputs that a list offers, filled as the address says."""
    return [
        FilterChoice(PREFIX + column.path, str(column.label), column.kind.value, _inputs(column, arguments))
        for column in columns
    ]


def _inputs(column: Column, arguments: MultiDict[str, str]) -> list[FilterInput]:
    name = PREFIX + column.path
    label = str(column.label)
    if column.kind in {Kind.DATE, Kind.DATETIME}:
        return [
            FilterInput(f"{name}_from", "date", _("From"), arguments.get(f"{name}_from", ""), []),
            FilterInput(f"{name}_to", "date", _("To"), arguments.get(f"{name}_to", ""), []),
        ]
    if column.kind in _OPTION_KINDS:
        return [FilterInput(name, "options", label, "", _options(column, arguments.getlist(name)))]
    return [FilterInput(name, "text", label, arguments.get(name, ""), [])]


_OPTION_KINDS = {Kind.CHOICE, Kind.COLOUR, Kind.BOOLEAN, Kind.RELATION, Kind.WORD}


def _options(column: Column, chosen: list[str]) -> list[Option]:
    return [Option(value, label, value in chosen) for value, label in _pairs(column)]


def _pairs(column: Column) -> list[tuple[str, str]]:
    if column.kind is Kind.BOOLEAN:
        return [("1", _("Yes")), ("0", _("No"))]
    if column.kind is Kind.RELATION:
        rows = db.session.scalars(related(column).limit(MOST_OPTIONS))
        return [(str(row.id), str(row)) for row in rows]
    if column.words is not None:
        return sorted(column.words().items(), key=lambda pair: sort_key(pair[1]))
    return [(member.value, str(member.label)) for member in column.attribute.type.enum_class]


def related(column: Column) -> Any:
    """The rows a relation may be filtered by: the scope decides, members by their organisation."""
    target: Any = column.target
    statement = select(target)
    choices = getattr(target, "choices", None)
    return choices(statement, db.session()) if choices else statement.order_by(target.id)


def _read_options(column: Column, arguments: MultiDict[str, str]) -> Applied | None:
    name = PREFIX + column.path
    members = {member.value: member for member in column.attribute.type.enum_class}
    chosen = [members[value] for value in dict.fromkeys(arguments.getlist(name)) if value in members]
    if not chosen:
        return None
    words = "، ".join(str(member.label) for member in chosen)
    return Applied(str(column.label), words, column.attribute.in_(chosen), (name,))


def _read_words(column: Column, arguments: MultiDict[str, str]) -> Applied | None:
    name = PREFIX + column.path
    words = column.words() if column.words else {}
    chosen = [value for value in dict.fromkeys(arguments.getlist(name)) if value in words]
    if not chosen:
        return None
    said = "، ".join(words[value] for value in chosen)
    return Applied(str(column.label), said, column.attribute.in_(chosen), (name,))


def _read_relation(column: Column, arguments: MultiDict[str, str]) -> Applied | None:
    name = PREFIX + column.path
    wanted = [int(value) for value in arguments.getlist(name) if value.isascii() and value.isdigit()][:50]
    wanted = [value for value in wanted if value < 2**63]
    if not wanted:
        return None
    target: Any = column.target
    rows = list(db.session.scalars(related(column).where(target.id.in_(wanted))))
    key = next(iter(column.attribute.property.local_columns))
    words = "، ".join(map(str, rows)) or "—"
    return Applied(str(column.label), words, key.in_([row.id for row in rows]), (name,))


def _read_boolean(column: Column, arguments: MultiDict[str, str]) -> Applied | None:
    name = PREFIX + column.path
    value = arguments.get(name)
    if value not in {"0", "1"}:
        return None
    words = _("Yes") if value == "1" else _("No")
    return Applied(str(column.label), words, column.attribute.is_(value == "1"), (name,))


def _read_dates(column: Column, arguments: MultiDict[str, str]) -> Applied | None:
    """A range of whole days in Tehran, both ends included."""
    name = PREFIX + column.path
    first, last = (_day(arguments.get(f"{name}_{end}", "")) for end in ("from", "to"))
    conditions, words = [], []
    if first is not None:
        conditions.append(column.attribute >= start_of_day(first))
        words.append(_("from %(day)s", day=format_date(first)))
    if last is not None:
        conditions.append(column.attribute < start_of_day(last + timedelta(days=1)))
        words.append(_("to %(day)s", day=format_date(last)))
    if not conditions:
        return None
    condition = conditions[0] if len(conditions) == 1 else conditions[0] & conditions[1]
    return Applied(str(column.label), " ".join(words), condition, (f"{name}_from", f"{name}_to"))


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except JalaliError:
        return None


def _read_text(column: Column, arguments: MultiDict[str, str]) -> Applied | None:
    name = PREFIX + column.path
    text = arguments.get(name, "").strip()[:100]
    if not text or column.attribute is None or "\0" in text:
        return None
    condition = column.attribute.ilike(f"%{escape_like(normalize(text))}%", escape="\\")
    return Applied(str(column.label), text, condition, (name,))


def search_condition(model: Any, text: str) -> ColumnElement[bool] | None:
    """Every word of *text* must be found in the folded key; nothing to look for gives None."""
    words = [fold(word) for word in text.replace("\0", "")[:100].split()]
    conditions = [model.search_key.like(f"%{escape_like(word)}%", escape="\\") for word in words if word]
    if not conditions:
        return None
    joined = conditions[0]
    for condition in conditions[1:]:
        joined = joined & condition
    return joined


_READERS = {
    Kind.CHOICE: _read_options,
    Kind.COLOUR: _read_options,
    Kind.RELATION: _read_relation,
    Kind.WORD: _read_words,
    Kind.BOOLEAN: _read_boolean,
    Kind.DATE: _read_dates,
    Kind.DATETIME: _read_dates,
}
