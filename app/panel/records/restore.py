"""Restoring deleted rows: they are locked first, parents come before children, and unique keys are checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.panel.forms.uniqueness import is_unique_violation
from app.panel.records.deleted_rows import DeletableRow, Wanted, parts
from models.audit.recorder import name_event, record_change
from models.child.one_flag import OneFlag, settle_restored
from models.tenancy.scope import whole_organization
from models.trash import TRASH_RETENTION, notify_trash_change, parents_of, soft_deleted_models, unique_indexes

# The action of events about the undo of a deletion.
UNDO = "undo"


class Gone(DomainError):
    """The rows are no longer in the trash, or too old to be restored."""


@dataclass(frozen=True)
class Refused:
    """A row that could not be restored, with the reason."""

    model: type[DeletableRow]
    key: int
    label: str
    reason: str


@dataclass
class Restored:
    """The restored keys by model, and the refused rows."""

    keys: dict[type[DeletableRow], list[int]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def count(self, model: type[DeletableRow] | None = None) -> int:
        """The number of restored rows, of *model* or of all models."""
        return sum(len(keys) for of, keys in self.keys.items() if model in {None, of})

    def __bool__(self) -> bool:
        return bool(self.keys or self.refused)


def restore(wanted: Wanted, *, action: str = "restore", model: type[DeletableRow] | None = None) -> Restored:
    """Restore the rows and flush; a row whose parent is deleted or whose unique key is taken is refused.

    Raises `Gone` when no row is in the trash any more or when one of them is too old.
    """
    session = db.session()
    restored = Restored()
    with whole_organization(session):
        locked = {each: _lock(each, wanted[each]) for each in soft_deleted_models() if each in wanted}
        if not any(locked.values()):
            raise Gone(_l("This is not in the trash any more."))
        for each, keys in locked.items():
            for part in parts(keys):
                _restore_part(restored, each, part, is_undo=action == UNDO)
        main = model or next((each for each in locked if restored.keys.get(each)), next(iter(locked)))
        _record(restored, action, main)
        for each, keys in restored.keys.items():
            notify_trash_change(each, keys, restored=True)
        session.expire_all()
    return restored


def restored_words(
    restored: Restored, model: type[DeletableRow] | None = None, what: str | LazyString = ""
) -> str:
    """The message for the user: the counts of *what*, and the first refused row with its reason."""
    count, noun = restored.count(model), what or _("item")
    words: str = _("%(num)s %(what)s restored.", num=count, what=noun)
    if not restored.refused:
        return words
    stayed = _("%(num)s %(what)s stay deleted.", num=len(restored.refused), what=noun)
    first = restored.refused[0]
    named = f"{first.label}: {first.reason}"
    return f"{words} {stayed} {named}" if count else f"{stayed} {named}"


def _lock(model: type[DeletableRow], keys: Sequence[int]) -> list[int]:
    """Lock the deleted rows among *keys* and return their keys; raises `Gone` when one of them is too old."""
    deletion_times: dict[int, datetime] = {}
    for part in parts(sorted(keys)):
        # No condition on `deleted_at`: with it PostgreSQL would read the whole trash for each part.
        statement = select(model.id, model.deleted_at, model.in_trash()).where(model.id.in_(part))
        locked = statement.order_by(model.id).with_for_update(of=model)
        rows = db.session.execute(locked, execution_options={"with_deleted": True})
        deletion_times.update((key, at) for key, at, is_there in rows if is_there)
    # The clock is read after the lock. A concurrent cleanup has read it before, so it erases all of the rows or none.
    if any(at <= now() - TRASH_RETENTION for at in deletion_times.values()):
        raise Gone(_l("The thirty days in the trash are over."))
    return list(deletion_times)


def _restore_part(
    restored: Restored, model: type[DeletableRow], keys: Sequence[int], *, is_undo: bool
) -> None:
    """Restore the rows of *keys* that nothing refuses."""
    session = db.session()
    refused: dict[int, Refused] = {}
    # Another transaction may take a unique key between the check and the update; then both are repeated.
    for _attempt in range(3):
        refused = _refusals(model, keys)
        try:
            with session.begin_nested():
                rest = [key for key in keys if key not in refused]
                if rest and issubclass(model, OneFlag):
                    settle_restored(session, model, rest, is_undo=is_undo)
                restored.keys.setdefault(model, []).extend(_undelete(model, rest))
                break
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
    restored.refused += refused.values()


def _undelete(model: type[DeletableRow], keys: Sequence[int]) -> Sequence[int]:
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
        is_deleted = exists(select(parent.id).where(parent.id == link.column, parent.deleted_at.is_not(None)))
        yield is_deleted, _("Its «%(parent)s» is deleted; restore that first.", parent=_label(link.column))


def _taken_keys(model: type[DeletableRow]) -> Iterable[tuple[ColumnElement[bool], str]]:
    for index in unique_indexes(model):
        other = aliased(model)
        names = [column.name for column in index.columns]
        same = [getattr(other, name) == getattr(model, name) for name in names]
        is_taken = exists(select(other.id).where(*same, other.deleted_at.is_(None)))
        shown = _label(getattr(model, names[-1]))
        yield is_taken, _("Another row has the same «%(column)s» by now.", column=shown)


def _label(attribute: Any) -> str:
    return str(attribute.property.columns[0].info.get("label", attribute.key))


def _record(restored: Restored, action: str, main: type[DeletableRow]) -> None:
    session = db.session()
    name_event(session, action, main, restored.keys.get(main, ()))
    for model, keys in restored.keys.items():
        row = session.get(model, keys[0]) if len(keys) == 1 else None
        for key in keys:
            record_change(session, action, model, key, row=row)
