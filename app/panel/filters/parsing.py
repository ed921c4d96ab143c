"""The filters of a list, read from the arguments of its address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, String, literal_column
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.datastructures import MultiDict

from app.lib.mobile import mobile_fragment
from app.lib.persian import escape_like, fold, group_number, is_blank
from app.panel.columns import Column, Kind
from app.panel.declaration import Declaration
from app.panel.filters.base import (
    PREFIX,
    STATE,
    Applied,
    FilterProblem,
    Part,
    UnreadableFilter,
    arguments_of,
    name_of,
    value_name,
)
from app.panel.filters.choices import CHOSEN, read_choices
from app.panel.filters.ranges import RANGED, read_range
from app.panel.filters.related import on_related, relations_to, stored
from app.panel.queries.clauses import Condition, both, cached_clause, parameter
from models.filter_keys import key_attribute

STATES = ("empty", "filled")
# A literal: the plan for any text would expect as many rows as of a common one (decision 88).
_NO_TEXT: Any = literal_column("''", String)
_LONGEST = 100
TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.MOBILE})


class UnfoldedFilter(TypeError):
    """A section filters by a text column that has no filter key."""


@dataclass(frozen=True)
class Readings:
    """The valid and the invalid filters of an address."""

    applied: Sequence[Applied]
    problems: Sequence[FilterProblem]


def read_filters(model: type[Any], columns: Iterable[Column], arguments: MultiDict[str, str]) -> Readings:
    """The filters on *columns* of *model* in *arguments*."""
    # An unknown filter is a problem instead of being ignored, because an action on all matching rows would reach
    # more rows than the address selects.
    asked = {name for name in arguments if name.startswith(PREFIX) and any(arguments.getlist(name))}
    applied: list[Applied] = []
    problems: list[FilterProblem] = []
    for column in columns:
        present = asked.intersection(arguments_of(column))
        if not present:
            continue
        asked -= present
        try:
            applied += _read(model, column, arguments)
        except UnreadableFilter as error:
            names = arguments_of(column)
            problems.append(FilterProblem(str(column.label), error.sentence, error.argument, names))
    if asked:
        names = tuple(sorted(asked))
        problems.append(FilterProblem(_("Filter"), _("There is no such filter."), names[0], names))
    return Readings(applied, problems)


def _read(model: type[Any], column: Column, arguments: MultiDict[str, str]) -> list[Applied]:
    """The filter on one column, which joins all its arguments into one chip."""
    parts = [part for read in (_reader_of(column), _read_state) if (part := read(column, arguments))]
    if not parts:
        return []
    condition = parts[0].condition if len(parts) == 1 else both(parts[0].condition, parts[1].condition)
    text = "، ".join(part.words for part in parts)
    condition = on_related(model, relations_to(column), condition)
    return [Applied(str(column.label), text, condition, arguments_of(column))]


def _reader_of(column: Column) -> Callable[[Column, MultiDict[str, str]], Part | None]:
    if column.kind in CHOSEN:
        return read_choices
    return read_range if column.kind in RANGED else _read_text


def _read_text(column: Column, arguments: MultiDict[str, str]) -> Part | None:
    """The filter for texts that contain the value, folded like the search; ``%`` and ``_`` are plain letters."""
    text = arguments.get(name_of(column), "").replace("\0", "").strip()
    if not text:
        return None
    if len(text) > _LONGEST:
        # The beginning of a text alone would match more rows, also for an action on all of them.
        raise UnreadableFilter(
            name_of(column), _("Write at most %(most)s characters.", most=group_number(_LONGEST))
        )
    digits = mobile_fragment(text) if column.kind is Kind.MOBILE else None
    folded = digits or fold(text)
    if not folded or is_blank(text):
        raise UnreadableFilter(name_of(column), _("Write a letter or a digit."))
    name = value_name(column)
    return Part(f"«{text}»", Condition(_contains(column.attribute, name), {name: f"%{escape_like(folded)}%"}))


@cached_clause
def _contains(attribute: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """The condition that the folded text contains the folded value."""
    key = key_attribute(attribute)
    if key is None:
        raise UnfoldedFilter(f"{attribute} is filtered by: declare it with field(…, folded=True).")
    found: ColumnElement[bool] = key.like(parameter(name, String()), escape="\\")
    return found


def refuse_unfolded(section: Declaration) -> None:
    """Raise `UnfoldedFilter` when *section* filters by a text column without a filter key."""
    for column in section.described_filters:
        if column.kind in TEXTS and column.attribute is not None and key_attribute(column.attribute) is None:
            model = column.attribute.class_.__name__
            raise UnfoldedFilter(
                f"{type(section).__name__} filters by {column.path!r}: declare {model}.{column.name} "
                "with field(…, folded=True)."
            )


def _read_state(column: Column, arguments: MultiDict[str, str]) -> Part | None:
    """The filter «empty» or «not empty», for nullable columns."""
    name = f"{name_of(column)}{STATE}"
    state = arguments.get(name)
    if not state:
        return None
    if not column.nullable or state not in STATES:
        raise UnreadableFilter(name, _("Choose one of the list."))
    is_text = column.kind in TEXTS
    clause = _emptiness(stored(column), is_empty=state == "empty", is_text=is_text)
    return Part(_("empty") if state == "empty" else _("not empty"), Condition(clause))


@cached_clause
def _emptiness(
    value: ColumnElement[Any] | InstrumentedAttribute[Any], *, is_empty: bool, is_text: bool
) -> ColumnElement[bool]:
    found: ColumnElement[bool]
    if is_empty:
        found = value.is_(None) | (value == _NO_TEXT) if is_text else value.is_(None)
    else:
        found = value.is_not(None) & (value != _NO_TEXT) if is_text else value.is_not(None)
    return found
