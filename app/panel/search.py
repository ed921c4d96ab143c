"""Words that a list is searched for, in keys that forgive what a Persian reader forgives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, inspect, or_, select

from app.lib.mobile import mobile_fragment
from app.lib.persian import escape_like, fold


def searched(model: Any, holders: Sequence[str], text: str) -> ColumnElement[bool] | None:
    """Rows whose own key, or that of a related row, holds *text*: as a name or as part of a number."""
    conditions = [_in_holder(model, holder, text) for holder in holders]
    found = [condition for condition in conditions if condition is not None]
    return or_(*found) if found else None


def _in_holder(model: Any, holder: str, text: str) -> ColumnElement[bool] | None:
    if holder == "self":
        return matching(model, text)
    relation = inspect(model).relationships[holder]
    target: Any = relation.mapper.class_
    condition = matching(target, text)
    if condition is None:
        return None
    foreign_key = next(iter(relation.local_columns))
    return foreign_key.in_(select(target.id).where(condition))


def matching(model: Any, text: str) -> ColumnElement[bool] | None:
    """The rows of *model* that *text* means; None where there is nothing to look for or to look in."""
    if hasattr(model, "matching"):
        return model.matching(text) if text.strip() else None
    if not hasattr(model, "search_key"):
        return None
    digits = mobile_fragment(text) if hasattr(model, "mobile") else None
    return search_condition(model, digits or text)


def search_condition(model: Any, text: str) -> ColumnElement[bool] | None:
    """Every word of *text* must be found in the folded key; nothing to look for gives None."""
    words = [fold(word) for word in text.replace("\0", "")[:100].split()]
    conditions = [model.search_key.like(f"%{escape_like(word)}%", escape="\\") for word in words if word]
    return and_(*conditions) if conditions else None
