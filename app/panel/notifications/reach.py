"""Which rows of notifications the member may still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, cast, literal, union_all

from app.extensions import db
from app.panel.access import permitted
from app.panel.notifications.word import Notify, word_of
from app.panel.queries.counts import entity_of
from app.panel.section import Section
from models.notifications.notification import Notification


def is_within_reach(
    row: Notification, known: tuple[Any, Notify], reach: Mapping[tuple[str, str], set[int]]
) -> bool:
    view, word = known
    if row.row_id is None:
        return not isinstance(view, Section) or permitted(view, "can_list")
    return row.row_id in reach.get((view.slug, word.model_of(view).__name__), set())


def within_reach(rows: Iterable[Notification]) -> dict[tuple[str, str], set[int]]:
    """The keys of the rows that the member may open, by section and model; one statement reads all of them."""
    asked: dict[tuple[str, str], tuple[Select[Any], set[int]]] = {}
    for row in rows:
        known = word_of(row.kind)
        if known is None or row.row_id is None:
            continue
        view, model = known[0], known[1].model_of(known[0])
        statement = view.rows_to_open(model)
        if statement is not None:
            asked.setdefault((view.slug, model.__name__), (statement, set()))[1].add(row.row_id)
    if not asked:
        return {}
    found: dict[tuple[str, str], set[int]] = {}
    names = list(asked)
    parts: list[Any] = [_part(number, *asked[name]) for number, name in enumerate(names)]
    asking: Any = parts[0] if len(parts) == 1 else union_all(*parts)
    for number, key in db.session.execute(asking):
        found.setdefault(names[number], set()).add(key)
    return found


def _part(number: int, statement: Select[Any], keys: set[int]) -> Any:
    entity = entity_of(statement)
    mark = cast(literal(number), Integer).label("source")
    part: Select[Any] = statement.where(entity.id.in_(keys))
    return part.with_only_columns(mark, cast(entity.id, BigInteger).label("key"))
