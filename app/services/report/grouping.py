"""The same rows summed by several keys at once: by consultant, by week, in total."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, func, literal_column, select, tuple_

from app.services.report.keys import Asked, key_of, number
from app.services.report.question import Group

ZERO: Any = literal_column("0", BigInteger)
# The groups of a statement by their place in it; the group None is the total.
Groups = Mapping[int, Group | None]
# The count, the second count and the amount of the rows of one key, from the columns of a subquery.
Measures = Callable[[Any], tuple[Any, Any, Any]]


def keys_of(question: Asked, groups: Groups, member: Any, at: Any) -> list[ColumnElement[Any]]:
    """The key of each group; *member* and *at* are the columns of the consultant and the time."""
    return [key_of(question, group, member, at).label(label_of(place)) for place, group in groups.items()]


def label_of(place: int) -> str:
    """The label of the column with the key of the group at *place*."""
    return f"key_{place}"


def sums_by_key(
    rows: Select[Any], groups: Groups, kind: int, measures: Measures, *, has_sets: bool
) -> list[Select[Any]]:
    """(place, key, kind, count, second count, amount) for each key of each group; *rows* has a column for each key.

    A database that *has_sets* (GROUPING SETS) reads and plans the rows once for all groups.
    """
    if has_sets and len(groups) > 1:
        return [_in_sets(rows, groups, kind, measures)]
    found = rows.cte() if len(groups) > 1 else rows.subquery()
    keys = {place: found.c[label_of(place)] for place in groups}
    return [
        select(number(place), key.label("key"), number(kind), *measures(found.c)).group_by(key)
        for place, key in keys.items()
    ]


def _in_sets(rows: Select[Any], groups: Groups, kind: int, measures: Measures) -> Select[Any]:
    found = rows.subquery()
    keys = [found.c[label_of(place)] for place in groups]
    # A bit for each key, the highest one for the first; it is 0 in the set of this key alone.
    bits, every = func.grouping(*keys), 2 ** len(keys) - 1
    sets = [number(every - 2**position) for position in reversed(range(len(keys)))]
    place = case(*zip(sets, map(number, groups), strict=True), value=bits)
    key = case(*zip(sets, keys, strict=True), value=bits)
    summed = select(place.label("place"), key.label("key"), number(kind), *measures(found.c))
    return summed.group_by(func.grouping_sets(*map(tuple_, keys)))


def count_rows(_columns: Any) -> tuple[Any, Any, Any]:
    """The measures of rows that are only counted."""
    return func.count().label("count"), ZERO.label("second"), ZERO.label("amount")
