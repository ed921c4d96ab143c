"""Queries of the trash: sections, rows, pages and counts that a member may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from werkzeug.datastructures import MultiDict

from app.extensions import appbuilder, db
from app.lib.clock import now
from app.panel.access import permitted
from app.panel.queries import cursor, pagination
from app.panel.queries.counts import BADGE_CAP, COUNT_CAP
from app.panel.queries.projection import projection_of
from app.panel.queries.search import searched
from app.panel.section import Section
from models.member import Member
from models.trash import TRASH_RETENTION, soft_deleted_models

_LOADED = ("__str__", "deleted_at", "deleted_by_id", "delete_batch")
_WITH_DELETED = {"with_deleted": True}


def sections_with_trash() -> Sequence[Section]:
    """The sections whose deleted rows the member may restore: those in which they may delete."""
    sections = [view for view in appbuilder.baseviews if isinstance(view, Section)]
    mine = [
        each for each in sections if each.model in soft_deleted_models() and permitted(each, "can_delete")
    ]
    return sorted(mine, key=lambda each: each.menu_order)


def deleted_rows(section: Section, text: str = "") -> Select[Any]:
    """The deleted rows of *section* that the member may see; run it with the option `with_deleted`."""
    model: Any = section.model
    statement = section.statement().where(model.in_trash(), model.deleted_at > now() - TRASH_RETENTION)
    found = searched(model, section.search, text) if text else None
    return statement if found is None else found.narrow(statement)


def deleted_keys(section: Section, *conditions: Any) -> Sequence[int]:
    """The keys of the deleted rows that meet *conditions*."""
    model: Any = section.model
    statement = deleted_rows(section).where(*conditions).with_only_columns(model.id).order_by(model.id)
    return db.session.scalars(statement, execution_options=_WITH_DELETED).all()


def trash_page(
    section: Section, text: str, size: int, arguments: MultiDict[str, str]
) -> pagination.ListPageData:
    """One page of the trash of *section*."""
    model: Any = section.model
    statement = deleted_rows(section, text)
    order = cursor.Ordering(model.deleted_at, model.id, descending=True, nullable=False)
    (total,) = count_deleted([statement], cap=COUNT_CAP)
    shape = projection_of(model, _LOADED)

    def ask(condition: Any, by: tuple[Any, ...], most: int, values: Any) -> list[Any]:
        part = statement if condition is None else statement.where(condition)
        keys = part.with_only_columns(model.id).order_by(*by).limit(most).subquery()
        page = shape.select(keys).order_by(*by)
        return shape.build(db.session.execute(page, values, execution_options=_WITH_DELETED))

    place = cursor.read_cursor(arguments, order)
    known = total if total <= COUNT_CAP else None
    shown = cursor.fetch(ask, order, place, size, total=lambda: known)
    if place.anchor and not shown.has_previous and len(shown.rows) < size:
        # The rows after the cursor have been restored, so show the first page.
        place = cursor.Cursor()
        shown = cursor.fetch(ask, order, place, size, total=lambda: known)
    return pagination.ListPageData(shown, place, order, total, arguments)


def count_deleted(statements: Sequence[Select[Any]], *, cap: int) -> Sequence[int]:
    """The number of rows of each statement, capped at *cap* + 1, in one statement."""
    if not statements:
        return []
    counts = [
        select(func.count()).select_from(_keys(each).limit(cap + 1).subquery()).scalar_subquery()
        for each in statements
    ]
    return tuple(db.session.execute(select(*counts), execution_options=_WITH_DELETED).one())


def _keys(statement: Select[Any]) -> Select[Any]:
    return statement.with_only_columns(statement.column_descriptions[0]["entity"].id).order_by(None)


@dataclass(frozen=True)
class TrashDetails:
    """Data on the rows of a page that is not in the rows themselves."""

    names: Mapping[int, str]  # of the members who deleted rows
    together: Mapping[UUID, int]  # the number of rows per batch, capped


def trash_details(section: Section, rows: Sequence[Any]) -> TrashDetails:
    """The data for all rows of a page, read at once."""
    people = {row.deleted_by_id for row in rows if row.deleted_by_id}
    named = select(Member.id, Member.first_name, Member.last_name).where(Member.id.in_(people))
    names = (
        {key: f"{first} {last}".strip() for key, first, last in db.session.execute(named)} if people else {}
    )
    return TrashDetails(names, _together(section, {row.delete_batch for row in rows if row.delete_batch}))


def _together(section: Section, batches: set[UUID]) -> Mapping[UUID, int]:
    model: Any = section.model
    ordered = sorted(batches)
    each = [deleted_rows(section).where(model.delete_batch == batch) for batch in ordered]
    return dict(zip(ordered, count_deleted(each, cap=BADGE_CAP), strict=True))
