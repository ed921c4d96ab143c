"""Mixins and column helpers of all models: tenancy, timestamps, soft deletion, versions, search keys, indexes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from flask_appbuilder import Model
from flask_babel import LazyString
from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Select,
    Text,
    Uuid,
    column,
    event,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.orm import (
    Mapped,
    MappedColumn,
    Mapper,
    ORMExecuteState,
    RelationshipDirection,
    Session,
    declared_attr,
    mapped_column,
)

from app.lib.clock import now
from app.lib.persian import fold, sort_key
from models.filter_keys import FOLDED, add_keys
from models.text_rules import RULE, TextRule
from models.types import Key, SortKey, UtcDateTime

_Function = TypeVar("_Function", bound=Callable[..., Any])

Model.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# The key of a column's `info` that says that its moments lie in the past.
PAST = "past"


def field(
    label: LazyString,
    *args: Any,
    help: LazyString | None = None,  # noqa: A002 - the word that forms use
    folded: bool = False,
    text: TextRule | None = None,
    **kwargs: Any,
) -> MappedColumn[Any]:
    """A column with its label, which list, form, filter, export and REST share.

    A text that a section filters by is *folded*: it gets a filter key (`models.filter_keys`). *text* names another rule
    for how it is stored than its type has (`models.text_rules`).
    """
    info = {"label": label, "help": help, FOLDED: folded, RULE: text, **kwargs.pop("info", {})}
    # Audit events need the old value, also of a row that is expired since the last commit.
    return mapped_column(*args, info=info, active_history=True, **kwargs)


class Row:
    """A surrogate key."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)


@event.listens_for(Row, "instrument_class", propagate=True)
def _add_filter_keys(mapper: Mapper[Any], _class: type[Any]) -> None:
    add_keys(mapper)


class Timestamps:
    """When a row was created and last changed, by the app's clock."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class Authored(Timestamps):
    """Timestamps plus author; NULL for rows from programs, the API or anonymous visitors."""

    @declared_attr
    def created_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id"))


class Tenant:
    """A row of one organisation, protected by `models.tenancy.scope`."""

    __owner__: ClassVar[str | None] = None  # the column with the owner; no form sets it
    __shows__: ClassVar[Sequence[str]] = ()  # relations to rows that the owner of a live row owns too
    # Only the members of `owned_by` read the rows, whatever the roles of others; audit events have no value of them.
    __private__: ClassVar[bool] = False
    __policy__: ClassVar[str | None] = None  # another row-security policy than that of all tables

    @declared_attr
    def organization_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("organizations.id"), index=True)

    @classmethod
    def owner_names(cls) -> frozenset[str]:
        """The attributes that name the owner: the column and the relations over it."""
        if cls.__owner__ is None:
            return frozenset()
        mapper = inspect(cls)
        column = mapper.column_attrs[cls.__owner__].columns[0]
        relations = (
            each for each in mapper.relationships if each.direction is RelationshipDirection.MANYTOONE
        )
        return frozenset({cls.__owner__, *(each.key for each in relations if column in each.local_columns)})

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool] | None:
        """The condition for the rows of a member who sees only their own rows; None means all rows."""
        if cls.__owner__ is None:
            return None
        owner: ColumnElement[bool] = getattr(cls, cls.__owner__) == member_id
        return owner

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:  # noqa: ARG003 - those that override it use it
        """Selects of the keys of the rows of `owned_by`, each served by its own index; empty by default.

        Override it where `owned_by` is an OR, because PostgreSQL would read the whole table to test each row.
        """
        return ()

    @classmethod
    def private_to(cls, member_id: int) -> ColumnElement[bool] | None:
        """The condition for the rows that a member may read in any role; None where their role alone decides."""
        return cls.owned_by(member_id) if cls.__private__ else None

    @classmethod
    def ticket_rows(cls) -> ColumnElement[bool] | None:
        """The condition for the rows of tickets, which the support of the platform reads in all organisations."""
        return None


class SoftDelete:
    """Soft deletion: deleted rows are hidden and can be restored one by one or as a batch."""

    # The relations to the parents with which a row is deleted and restored.
    __goes_with__: ClassVar[Sequence[str]] = ()

    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delete_batch: Mapped[UUID | None] = mapped_column(Uuid)

    @declared_attr
    def deleted_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id"))

    @classmethod
    def in_trash(cls) -> ColumnElement[bool]:
        """The condition for the rows that the trash shows, restores and erases."""
        return cls.deleted_at.is_not(None)


@event.listens_for(SoftDelete, "instrument_class", propagate=True)
def _index_trash(mapper: Mapper[Any], _class: type[Any]) -> None:
    """Index deleted rows alone, so that the trash does not read the others."""
    table: Any = mapper.local_table
    is_deleted = table.c.deleted_at.is_not(None)
    Index(
        f"ix_{table.name}_trash",
        table.c.organization_id,
        table.c.deleted_at,
        table.c.id,
        postgresql_where=is_deleted,
        sqlite_where=is_deleted,
    )
    set_index(f"ix_{table.name}_delete_batch", table.c.delete_batch)


class Versioned:
    """A version counter for optimistic locking."""

    row_version: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.row_version}


class Searchable:
    """A folded key for search and a key for Persian order."""

    __search__: ClassVar[Sequence[str]]

    search_key: Mapped[str] = mapped_column(Text, default="")
    sort_key: Mapped[str] = mapped_column(SortKey, default="")

    def search_text(self) -> str:
        """The text by which the row is found."""
        return " ".join(str(getattr(self, name) or "") for name in self.__search__)

    def search_keys(self) -> dict[str, str]:
        """The key columns, for statements that write rows without loading them."""
        words = self.search_text()
        return {"search_key": fold(words), "sort_key": sort_key(words)[:200]}


def reads(*names: str) -> Callable[[_Function], _Function]:
    """Declare the columns, relations and properties that a property or method reads, so that lists load them."""

    def mark(function: _Function) -> _Function:
        function.reads = names  # type: ignore[attr-defined]  # read by `app.panel.queries.projection`
        return function

    return mark


def copied(parent: str, key: str, name: str) -> Callable[[Any], Any]:
    """A default that copies the column *name* of the row of the table *parent* that the column *key* refers to."""

    def copy(context: Any) -> Any:
        source = table(parent, column("id"), column(name))
        row_id = context.get_current_parameters()[key]
        return context.connection.scalar(select(source.c[name]).where(source.c.id == row_id))

    return copy


def same_as(name: str) -> Callable[[Any], Any]:
    """A default that repeats the value of the column *name*, which the table has before it."""

    def repeat(context: Any) -> Any:
        return context.get_current_parameters()[name]

    return repeat


class AppendOnly:
    """A ledger: rows are only added, and only the columns of `__mutable__` may change."""

    __mutable__: ClassVar[frozenset[str]] = frozenset()


def live_unique(name: str, *columns: str) -> Index:
    """A unique index over the rows that are not deleted."""
    not_deleted = text("deleted_at IS NULL")
    return Index(name, *columns, unique=True, postgresql_where=not_deleted, sqlite_where=not_deleted)


def live_index(name: str, *columns: Any, only: str = "", include: Sequence[str] = ()) -> Index:
    """An index of the rows that are not deleted and meet *only*, for lists and counts.

    *include* adds columns that a count compares, so that PostgreSQL reads the index alone.
    """
    not_deleted = text(f"deleted_at IS NULL AND {only}" if only else "deleted_at IS NULL")
    return Index(
        name,
        *columns,
        postgresql_where=not_deleted,
        sqlite_where=not_deleted,
        postgresql_include=list(include) or None,
    )


def set_index(name: str, first: Any, *columns: Any) -> Index:
    """A partial index of the rows whose *first* column is not NULL, for columns that mostly are."""
    where = first.is_not(None) if isinstance(first, ColumnElement) else text(f"{first} IS NOT NULL")
    return Index(name, first, *columns, postgresql_where=where, sqlite_where=where)


def trigram(name: str, column: str) -> Index:
    """A trigram index for ``LIKE '%…%'`` on PostgreSQL; an ordinary index elsewhere."""
    return Index(name, column, postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"})


@event.listens_for(Session, "do_orm_execute")
def _count_update(state: ORMExecuteState) -> None:
    """Increment the version in bulk updates too, unless they write what no form shows (`keeps_version`)."""
    mapper = state.bind_mapper
    if state.execution_options.get("keeps_version"):
        return
    if state.is_update and mapper is not None and issubclass(mapper.class_, Versioned):
        state.statement = state.statement.values(row_version=mapper.class_.row_version + 1)  # type: ignore[attr-defined]  # an update has values


@event.listens_for(Searchable, "before_insert", propagate=True)
@event.listens_for(Searchable, "before_update", propagate=True)
def _fill_keys(mapper: Mapper[Any], connection: Connection, row: Searchable) -> None:
    for name, key in row.search_keys().items():
        setattr(row, name, key)
