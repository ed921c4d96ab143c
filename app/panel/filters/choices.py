"""Filters with options: members of an enumeration, words, yes or no, related rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib.persian import sort_key
from app.panel.columns import Column, Kind
from app.panel.filters.base import MOST_VALUES, Part, UnreadableFilter, most_of, name_of, value_name
from app.panel.filters.related import stored
from app.panel.queries import fetch
from app.panel.queries.clauses import Condition, among, cached_clause
from app.panel.queries.moments import refuse_fixed_times
from app.panel.queries.projection import projection_of
from models.tenancy.scope import actor_of

# A relation with more rows than this gets a lookup field instead of a list of options.
MOST_OPTIONS = 30
_KEYS = "chosen_keys"
# The argument with which the look-up of a relation finds what it is filtered by.
FOR_FILTER = "filter"


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    chosen: bool


def read_choices(column: Column, arguments: MultiDict[str, str]) -> Part | None:
    """The filter for the chosen values; unknown values are left out where one is known."""
    values = [value for value in dict.fromkeys(arguments.getlist(name_of(column))) if value]
    if not values:
        return None
    if len(values) > MOST_VALUES:
        raise UnreadableFilter(name_of(column), _("There are too many values."))
    part = _READERS[column.kind](column, values)
    if part is None:
        raise UnreadableFilter(name_of(column), _("Choose one of the list."))
    return part


def related(column: Column, *, for_filter: bool = False) -> Any:
    """The statement for the rows that a relation may have, limited by the scope, or those that it is filtered by.

    The `info` of a relation may contain a condition «where» that limits its targets.
    """
    target: Any = column.target
    return _related(column.attribute, target, for_filter=for_filter)


def _related(attribute: InstrumentedAttribute[Any], target: type[Any], *, for_filter: bool) -> Any:
    statement = select(target)
    where = attribute.property.info.get("where")
    if where is not None:
        statement = statement.where(where)
    choices = getattr(target, "choices", None)
    if for_filter:
        # Rows that nobody may choose any more stand in rows that somebody looks for.
        choices = getattr(target, "filter_choices", choices)
    return choices(statement, db.session()) if choices else statement.order_by(target.id)


def for_filter(column: Column) -> str:
    """The query of the look-up's address where a filter offers other rows than a form."""
    return f"?{FOR_FILTER}=1" if hasattr(column.target, "filter_choices") else ""


def filter_label(row: Any) -> str:
    """The name of a row among the values of a filter."""
    return str(getattr(row, "filter_label", row))


def options_of(column: Column, chosen: Sequence[str]) -> tuple[list[Option], bool]:
    """(options, whether they are complete); for a long relation only those that are already chosen."""
    if column.kind is Kind.RELATION:
        return _row_options(column, chosen)
    return [Option(value, label, value in chosen) for value, label in pairs_of(column)], True


def _row_options(column: Column, chosen: Sequence[str]) -> tuple[list[Option], bool]:
    rows = list(db.session.scalars(related(column, for_filter=True).limit(MOST_OPTIONS + 1)))
    is_all = len(rows) <= MOST_OPTIONS
    if not is_all:
        rows = _chosen_rows(column, chosen)
    return [Option(str(row.id), filter_label(row), str(row.id) in chosen) for row in rows], is_all


def _chosen_rows(column: Column, values: Sequence[str]) -> list[Any]:
    target: Any = column.target
    most = most_of(target.id)
    keys = [int(v) for v in values if v.isascii() and v.isdigit() and len(v) < 20 and int(v) <= most]
    if not keys:
        return []
    actor = actor_of(db.session())
    chosen = _chosen(column.attribute, target, actor.organization_id, actor.member_id, actor.own)
    return fetch.fetch_rows(chosen, projection_of(target, _read_of(target)), {_KEYS: keys}, most=MOST_VALUES)


def _read_of(target: Any) -> tuple[str, ...]:
    return ("__str__", "filter_label") if hasattr(target, "filter_label") else ("__str__",)


@cached_clause
def _chosen(attribute: InstrumentedAttribute[Any], target: type[Any], *_depends: Hashable) -> Select[Any]:
    """The rows with the chosen keys; cached by all values that the statement depends on."""
    rows: Select[Any] = _related(attribute, target, for_filter=True).order_by(None)
    refuse_fixed_times(rows, f"The choice of rows for {attribute}")
    return rows.where(among(target.id, _KEYS))


def pairs_of(column: Column) -> list[tuple[str, str]]:
    """(value, label) of each value of a column with options."""
    if column.kind is Kind.BOOLEAN:
        return [("1", _("Yes")), ("0", _("No"))]
    if column.words is not None:
        return sorted(column.words().items(), key=lambda pair: sort_key(pair[1]))
    return [(member.value, str(member.label)) for member in column.attribute.type.enum_class]


def _read_members(column: Column, values: Sequence[str]) -> Part | None:
    members = {member.value: member for member in column.attribute.type.enum_class}
    chosen = [members[value] for value in values if value in members]
    return Part(_joined(member.label for member in chosen), _among(column, chosen)) if chosen else None


def _read_words(column: Column, values: Sequence[str]) -> Part | None:
    labels = column.words() if column.words else {}
    chosen = [value for value in values if value in labels]
    return Part(_joined(labels[value] for value in chosen), _among(column, chosen)) if chosen else None


def _read_relation(column: Column, values: Sequence[str]) -> Part | None:
    """The filter for the chosen rows; rows outside the scope match nothing and show no name."""
    if not any(value.isascii() and value.isdigit() for value in values):
        return None
    rows = _chosen_rows(column, values)
    keys = [row.id for row in rows]
    condition = column.owners.condition(keys) if column.owners else _among(column, keys)
    return Part(_joined(rows) or "—", condition)


def _among(column: Column, values: Sequence[Any]) -> Condition:
    name = value_name(column)
    return Condition(among(stored(column), name), {name: list(values)})


def _read_boolean(column: Column, values: Sequence[str]) -> Part | None:
    labels = {"1": _("Yes"), "0": _("No")}
    chosen = [value for value in values if value in labels]
    if not chosen:
        return None
    return Part(
        _joined(labels[value] for value in chosen), Condition(_either(column.attribute, tuple(chosen)))
    )


@cached_clause
def _either(attribute: InstrumentedAttribute[Any], chosen: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(attribute.is_(value == "1") for value in chosen))


def _joined(labels: Iterable[object]) -> str:
    return "، ".join(map(str, labels))


_READERS: dict[Kind, Callable[[Column, Sequence[str]], Part | None]] = {
    Kind.CHOICE: _read_members,
    Kind.COLOUR: _read_members,
    Kind.WORD: _read_words,
    Kind.RELATION: _read_relation,
    Kind.BOOLEAN: _read_boolean,
}
CHOSEN = frozenset(_READERS)
