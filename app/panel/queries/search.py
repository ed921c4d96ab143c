"""The search of a list, in folded keys that ignore variants of Persian letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, false, inspect, or_

from app.lib.mobile import mobile_fragment
from app.lib.persian import escape_like, fold, is_blank
from app.panel.queries.clauses import Condition, among_related, cached_clause, parameter
from models.base import Row

NOTHING = Condition(false())
# The length of the parts that trigram indexes contain.
_OF_INDEX = 3


def searched(model: type[Row], places: Sequence[str], text: str) -> Condition | None:
    """The rows that match *text*, in their own key («self») or in that of a related row (its relation)."""
    conditions = [_in_place(model, place, text) for place in places]
    found = [condition for condition in conditions if condition is not None]
    if len(found) < 2:
        return found[0] if found else None
    return Condition(
        _any(tuple(each.clause for each in found)),
        {name: value for each in found for name, value in each.values.items()},
    )


@cached_clause
def _any(clauses: tuple[ColumnElement[bool], ...]) -> ColumnElement[bool]:
    return or_(*clauses)


def _in_place(model: type[Row], place: str, text: str) -> Condition | None:
    if place == "self":
        return matching(model, text, name=place)
    condition = matching(inspect(model).relationships[place].mapper.class_, text, name=place)
    return condition and replace(condition, clause=_among_related(model, place, condition.clause))


@cached_clause
def _among_related(model: type[Row], relation_name: str, clause: ColumnElement[bool]) -> ColumnElement[bool]:
    return among_related(model, relation_name, clause)


def matching(model: type[Row], text: str, *, name: str = "self") -> Condition | None:
    """The rows of *model* that match *text*; None where the text is empty or the model has no search key.

    *name* is part of the names of the bind parameters, so that conditions of one statement can be joined.
    """
    if found_by := getattr(model, "__found_by__", ()):
        return searched(model, found_by, text)
    if not hasattr(model, "search_key"):
        return None
    if text.replace("\0", "").strip() and (is_blank(text) or not fold(text)):
        # A text of invisible characters alone matches no row; its empty folded form would match all.
        return NOTHING
    digits = mobile_fragment(text) if hasattr(model, "mobile") else None
    return search_condition(model, digits or text, name=name)


def is_short(text: str) -> bool:
    """Whether no word of *text* has three letters, by which an index finds rows; nearly every row may match."""
    return all(len(word) < _OF_INDEX for word in fold(text).split())


def _part(text: str) -> str:
    """The LIKE pattern of values that contain *text*."""
    return f"%{escape_like(text)}%"


def search_condition(model: type[Row], text: str, *, name: str = "self") -> Condition | None:
    """The rows whose folded key contains every word of *text*; None without words."""
    words = [word for word in map(fold, text.replace("\0", "")[:100].split()) if word]
    values = {f"search_{name}_{index}": _part(word) for index, word in enumerate(words)}
    return Condition(_contains_all(model, tuple(values)), values) if values else None


@cached_clause
def _contains_all(model: Any, names: tuple[str, ...]) -> ColumnElement[bool]:
    key = model.search_key
    return and_(*(key.like(parameter(name, key.type), escape="\\") for name in names))
