"""The word `owners`: the members who own other rows that belong to a row, such as the consultants of a customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Integer, and_, column, exists, false, func, inspect, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import db
from app.lib.money import Currency
from app.lib.persian import group_number
from app.panel.actor import sees_own_rows_only
from app.panel.columns import Column, describe
from app.panel.displays import Display
from app.panel.formatting import NOTHING
from app.panel.queries.clauses import Condition, cached_clause, parameter
from app.panel.view_models import Cell
from models.base import Row, Tenant
from models.member import Member
from models.tenancy.own_rows import OwnRows

if TYPE_CHECKING:
    from app.panel.declaration import Declaration

# The name of the column and the filter.
OWNERS = "owners"
MOST_NAMES = 2
_NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Owners(Display):
    """The relation *of* leads from a work row to the row of the section, the relation *owner* to the work's owner.

    Only work that is not deleted counts. An index that begins with the keys of *owner* and *of* serves the filter.
    """

    path: str = field(default=OWNERS, init=False)
    of: InstrumentedAttribute[Any]
    owner: InstrumentedAttribute[Any]

    @cached_property
    def work(self) -> Any:
        """The model of the work."""
        return self.of.class_

    @cached_property
    def column(self) -> Column:
        # Without an «empty» filter: no index has the rows without an owner.
        described = describe(self.work, self.owner.key)
        return replace(described, path=OWNERS, relations=(), nullable=False, owners=self)

    @cached_property
    def keys(self) -> tuple[Any, Any]:
        """The foreign keys of *of* and *owner*."""
        row, owner = (next(iter(each.property.local_columns)) for each in (self.of, self.owner))
        return row, owner

    def cell(self, column: Column, row: Row, currency: Currency) -> Cell:
        names: Sequence[str] = getattr(row, OWNERS)
        if not names:
            return Cell(column.path, "text", NOTHING)
        more = len(names) - MOST_NAMES
        shown = "، ".join(names[:MOST_NAMES])
        return Cell(column.path, "text", f"{shown} +{group_number(more)}" if more > 0 else shown)

    def load(self, rows: Sequence[Any]) -> None:
        """Set the names of the owners on *rows*, those of the newest work first, by one statement."""
        names: dict[int, list[str]] = {row.id: [] for row in rows}
        of = self._key(self.of)
        statement = (
            select(of, Member.first_name, Member.last_name)
            .join(Member, Member.id == self._key(self.owner))
            .where(of.in_(names))
            .group_by(of, Member.id, Member.first_name, Member.last_name)
            .order_by(func.max(self.work.id).desc())
        )
        for key, first, last in db.session.execute(statement) if names else ():
            names[key].append(f"{first} {last}".strip())
        for row in rows:
            setattr(row, OWNERS, names[row.id])

    def condition(self, member_ids: Sequence[int]) -> Condition:
        """The rows on which one of the members works."""
        values = {f"f_{OWNERS}_{number}": key for number, key in enumerate(member_ids)}
        return Condition(_owned_by_any(self, tuple(values)), values)

    def _key(self, relation: InstrumentedAttribute[Any]) -> Any:
        """The mapped attribute of the relation's foreign key."""
        key = next(iter(relation.property.local_columns))
        return getattr(self.work, self.work.__mapper__.get_property_by_column(key).key)


@cached_clause
def _owned_by_any(owners: Owners, names: tuple[str, ...]) -> ColumnElement[bool]:
    """One source of keys for each member: their indexes are read in the order of the page (`OwnRows`)."""
    if not names:
        return false()
    of, owner = owners.keys
    target = owners.of.property.mapper.class_
    # A plain table, like those of `owned_ids`: the scope already limits the rows of the section.
    work = table(owners.work.__tablename__, column(of.name), column(owner.name), column("deleted_at"))
    members = [work.c[owner.name] == parameter(name, Integer()) for name in names]
    alive = work.c.deleted_at.is_(None)
    test = exists(select(1).select_from(work).where(work.c[of.name] == target.id, or_(*members), alive))
    return OwnRows(target.id, test, [select(work.c[of.name]).where(and_(each, alive)) for each in members])


def hidden_names(section: Declaration) -> frozenset[str]:
    """The columns and filters that name the owner of a row; a member who sees only own rows does not need them."""
    if not sees_own_rows_only():
        return _NO_NAMES
    return _owner_columns(section.model)


@cache
def _owner_columns(model: type[Any]) -> frozenset[str]:
    relations = inspect(model).relationships
    authors = {
        each.key for each in relations if {column.name for column in each.local_columns} == {"created_by_id"}
    }
    return (model.owner_names() if issubclass(model, Tenant) else _NO_NAMES) | {OWNERS} | authors


def complete_page(section: Declaration, rows: Sequence[Any], columns: Sequence[Column]) -> None:
    """Add to the rows of a page what *columns* show and no column of the table has."""
    section.complete(rows)
    load_owners(section, rows, columns)


def load_owners(section: Declaration, rows: Sequence[Any], columns: Sequence[Column]) -> None:
    if section.owners is not None and any(each.owners for each in columns):
        section.owners.load(rows)
