"""Words that a list is searched for, in keys that forgive what a Persian reader forgives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, String, and_, false, inspect, or_, select

from app.lib.mobile import mobile_fragment
from app.lib.persian import escape_like, fold, is_blank
from app.panel.queries.clauses import Condition, cached_clause, parameter

NOTHING = Condition(false())


def searched(model: Any, holders: Sequence[str], text: str) -> Condition | None:
    """Rows whose own key, or that of a related row, holds *text*: as a name or as part of a number."""
    conditions = [_in_holder(model, holder, text) for holder in holders]
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


def _in_holder(model: Any, holder: str, text: str) -> Condition | None:
    if holder == "self":
        return matching(model, text, name=holder)
    condition = matching(inspect(model).relationships[holder].mapper.class_, text, name=holder)
    return condition and replace(condition, clause=_among_related(model, holder, condition.clause))


@cached_clause
def _among_related(model: Any, holder: str, clause: ColumnElement[bool]) -> ColumnElement[bool]:
    relation = inspect(model).relationships[holder]
    target: Any = relation.mapper.class_
    foreign_key = next(iter(relation.local_columns))
    return foreign_key.in_(select(target.id).where(clause))


def matching(model: Any, text: str, *, name: str = "self") -> Condition | None:
    """The rows of *model* that *text* means; None where there is nothing to look for or to look in.

    *name* tells its values from those of other conditions in the same statement.
    """
    if hasattr(model, "matching"):
        return _by_own_rule(model, text.replace("\0", "").strip()[:100], name)
    if not hasattr(model, "search_key"):
        return None
    if text.replace("\0", "").strip() and (is_blank(text) or not fold(text)):
        # Somebody looks for what can't be seen: it is in no row, rather than in all of them.
        return NOTHING
    digits = mobile_fragment(text) if hasattr(model, "mobile") else None
    return search_condition(model, digits or text, name=name)


def _by_own_rule(model: Any, text: str, name: str) -> Condition | None:
    if not text:
        return None
    values = {f"search_{name}": _part(text)}
    if digits := mobile_fragment(text):
        values[f"search_{name}_digits"] = _part(digits)
    return Condition(_matching(model, *values), values)


@cached_clause
def _matching(model: Any, words: str, digits: str | None = None) -> ColumnElement[bool]:
    found: ColumnElement[bool] = model.matching(
        parameter(words, String()), None if digits is None else parameter(digits, String())
    )
    return found


def _part(text: str) -> str:
    """The pattern of what has *text* in it."""
    return f"%{escape_like(text)}%"


def search_condition(model: Any, text: str, *, name: str = "self") -> Condition | None:
    """Every word of *text* must be found in the folded key; nothing to look for gives None."""
    words = [word for word in map(fold, text.replace("\0", "")[:100].split()) if word]
    values = {f"search_{name}_{place}": _part(word) for place, word in enumerate(words)}
    return Condition(_holding(model, tuple(values)), values) if values else None


@cached_clause
def _holding(model: Any, names: tuple[str, ...]) -> ColumnElement[bool]:
    key = model.search_key
    return and_(*(key.like(parameter(name, key.type), escape="\\") for name in names))
