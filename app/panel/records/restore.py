"""Deleted rows come back: locked before anything is decided, parents first, and never beside a living row of the same key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, aliased

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.panel.forms.builder import is_unique_violation
from models.audit.recorder import name_event, record_change
from models.tenancy.scope import whole_organization
from models.trash import (
    TRASH_RETENTION,
    children_of,
    notify_trash_change,
    parents_of,
    soft_deleted_models,
    unique_indexes,
)


class DeletableRow(Protocol):
    """A row with soft deletion (`models.base.Row` and `SoftDelete`)."""

    id: Mapped[int]
    deleted_at: Mapped[datetime | None]
    deleted_by_id: Mapped[int | None]
    delete_batch: Mapped[UUID | None]


# By table, the keys of rows that shall come back.
Wanted = Mapping[type[DeletableRow], Sequence[int]]

_PART = 1_000


class Gone(DomainError):
    """The rows are not in the trash any more: restored, or past their time."""


@dataclass(frozen=True)
class Refused:
    """A row that could not come back, and why."""

    model: type[DeletableRow]
    key: int
    label: str
    reason: str


@dataclass
class Restored:
    """What came back, by table, and what could not."""

    keys: dict[type[DeletableRow], list[int]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def count(self, model: type[DeletableRow] | None = None) -> int:
        """How many rows came back, of *model* or of all tables."""
        return sum(len(keys) for of, keys in self.keys.items() if model in {None, of})

    def __bool__(self) -> bool:
        return bool(self.keys or self.refused)


def find_batch(batch: UUID) -> Wanted:
    """All that was deleted in *batch*."""
    return _found(lambda model: model.delete_batch == batch)


def find_rows(model: type[DeletableRow], keys: Sequence[int]) -> Wanted:
    """Deleted rows of one table, each with what went along with it."""
    found: dict[type[DeletableRow], list[int]] = {}
    with whole_organization(db.session()):
        for part in _parts(keys):
            gone = select(model.delete_batch, model.id).where(
                model.id.in_(part), model.deleted_at.is_not(None)
            )
            batches: dict[UUID | None, list[int]] = {}
            for batch, key in db.session.execute(gone, execution_options={"with_deleted": True}):
                batches.setdefault(batch, []).append(key)
            for batch, together in batches.items():
                found.setdefault(model, []).extend(together)
                _collect(found, model, together, batch)
    return found


def merged(each: Iterable[Wanted]) -> Wanted:
    """All of them, every key once."""
    found: dict[type[DeletableRow], dict[int, None]] = {}
    for wanted in each:
        for model, keys in wanted.items():
            found.setdefault(model, {}).update(dict.fromkeys(keys))
    return {model: list(keys) for model, keys in found.items()}


def _collect(
    found: dict[type[DeletableRow], list[int]],
    model: type[DeletableRow],
    keys: Sequence[int],
    batch: UUID | None,
) -> None:
    for link in children_of(model):
        together = link.child.delete_batch == batch
        known = set(found.get(link.child, ()))
        for part in _parts(keys):
            gone = _deleted(select(link.child.id).where(link.column.in_(part), together))
            fresh = [key for key in gone if key not in known]
            if fresh:
                found.setdefault(link.child, []).extend(fresh)
                _collect(found, link.child, fresh, batch)


def _found(condition: Callable[[type[DeletableRow]], ColumnElement[bool]]) -> Wanted:
    with whole_organization(db.session()):
        rows = {model: _deleted(select(model.id).where(condition(model))) for model in soft_deleted_models()}
    return {model: list(keys) for model, keys in rows.items() if keys}


def restore(wanted: Wanted, *, action: str = "restore", model: type[DeletableRow] | None = None) -> Restored:
    """Bring the rows back and flush; what meets a living twin, or has no parent, stays and is named.

    Raises `Gone` when one of them is past its time. The rows are locked before the clock is looked at: whoever
    erases them meanwhile has looked at it before, so it is all of them or none.
    """
    session = db.session()
    restored = Restored()
    with whole_organization(session):
        held = {each: _hold(each, wanted[each]) for each in soft_deleted_models() if each in wanted}
        if not any(held.values()):
            raise Gone(_l("This is not in the trash any more."))
        for each, keys in held.items():
            for part in _parts(keys):
                _restore_part(restored, each, part)
        main = model or next((each for each in held if restored.keys.get(each)), next(iter(held)))
        _tell(restored, action, main)
        for each, keys in restored.keys.items():
            notify_trash_change(each, keys, restored=True)
        session.expire_all()
    return restored


def restored_words(restored: Restored, model: type[DeletableRow] | None = None) -> str:
    """What to say of it: the number, and of what stayed the first with its reason."""
    count = restored.count(model)
    words: str = ngettext("%(num)s row restored.", "%(num)s rows restored.", count)
    if not restored.refused:
        return words
    stayed = ngettext("%(num)s row stays deleted.", "%(num)s rows stay deleted.", len(restored.refused))
    first = restored.refused[0]
    named = f"{first.label}: {first.reason}"
    return f"{words} {stayed} {named}" if count else f"{stayed} {named}"


def _hold(model: type[DeletableRow], keys: Sequence[int]) -> list[int]:
    moments: dict[int, datetime] = {}
    for part in _parts(sorted(keys)):
        # By their keys alone: asked for deleted rows, PostgreSQL would go through all of the trash for each part.
        statement = select(model.id, model.deleted_at).where(model.id.in_(part)).order_by(model.id)
        locked = statement.with_for_update(of=model)
        rows = db.session.execute(locked, execution_options={"with_deleted": True})
        moments.update((key, at) for key, at in rows if at is not None)
    if any(at <= now() - TRASH_RETENTION for at in moments.values()):
        raise Gone(_l("The thirty days in the trash are over."))
    return list(moments)


def _restore_part(restored: Restored, model: type[DeletableRow], keys: Sequence[int]) -> None:
    """Once more when somebody took one of the keys between the look and the write."""
    session = db.session()
    refused: dict[int, Refused] = {}
    for _turn in range(3):
        refused = _refusals(model, keys)
        try:
            with session.begin_nested():
                rest = [key for key in keys if key not in refused]
                restored.keys.setdefault(model, []).extend(_show(model, rest))
                break
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
    restored.refused += refused.values()


def _show(model: type[DeletableRow], keys: Sequence[int]) -> Sequence[int]:
    values = {"deleted_at": None, "deleted_by_id": None, "delete_batch": None}
    statement = update(model).where(model.id.in_(keys)).values(**values).returning(model.id)
    options = {"synchronize_session": False, "with_deleted": True}
    return db.session.scalars(statement, execution_options=options).all() if keys else []


def _refusals(model: type[DeletableRow], keys: Sequence[int]) -> dict[int, Refused]:
    found: dict[int, Refused] = {}
    for condition, reason in [*_without_parents(model), *_taken_keys(model)]:
        statement = select(model).where(model.id.in_(keys), condition)
        for row in db.session.scalars(statement, execution_options={"with_deleted": True}):
            found.setdefault(row.id, Refused(model, row.id, str(row), reason))
    return found


def _without_parents(model: type[DeletableRow]) -> Iterable[tuple[ColumnElement[bool], str]]:
    for link in parents_of(model):
        parent = aliased(link.parent)
        gone = exists(select(parent.id).where(parent.id == link.column, parent.deleted_at.is_not(None)))
        yield gone, _("Its «%(parent)s» is deleted; restore that first.", parent=_label(link.column))


def _taken_keys(model: type[DeletableRow]) -> Iterable[tuple[ColumnElement[bool], str]]:
    for index in unique_indexes(model):
        other = aliased(model)
        names = [column.name for column in index.columns]
        same = [getattr(other, name) == getattr(model, name) for name in names]
        twin = exists(select(other.id).where(*same, other.deleted_at.is_(None)))
        shown = _label(getattr(model, names[-1]))
        yield twin, _("Another row has the same «%(column)s» by now.", column=shown)


def _label(attribute: Any) -> str:
    return str(attribute.property.columns[0].info.get("label", attribute.key))


def _tell(restored: Restored, action: str, main: type[DeletableRow]) -> None:
    session = db.session()
    name_event(session, action, main, restored.keys.get(main, ()))
    for model, keys in restored.keys.items():
        row = session.get(model, keys[0]) if len(keys) == 1 else None
        for key in keys:
            record_change(session, action, model, key, row=row)


def _deleted(statement: Select[tuple[int]]) -> Sequence[int]:
    keys: Sequence[int] = db.session.scalars(statement, execution_options={"with_deleted": True}).all()
    return keys


def _parts(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + _PART] for start in range(0, len(keys), _PART))
