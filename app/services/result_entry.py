"""The entries of results, shared by follow-ups and support: appended to a row, and undone by a further entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.lib.clock import now
from app.services.attachment.attach import attach
from app.services.result import Result, UndoRefused
from models.result_title import ResultTitle
from models.tenancy.scope import actor_of


@dataclass(frozen=True)
class Entries:
    """The entries of one model: the column with the key of their row, and how long one can be undone."""

    model: Any
    parent: str
    undo_for: timedelta

    def recorded(self, token: UUID | None) -> Any:
        """The entry of the form *token*, which was sent before; None for a new one."""
        if token is None:
            return None
        return db.session.scalar(select(self.model).where(self.model.client_token == token))

    def append(self, row: Any, result: Result, next_at: datetime | None, before: dict[str, Any]) -> Any:
        """Append *result* with its files; *before* are the values of the row that an undo restores."""
        entry = self._new(
            row,
            result_title_id=result.title.id,
            note=result.note or None,
            next_at=next_at,
            by_id=actor_of(db.session()).member_id,
            client_token=result.token,
            before=before,
        )
        attach(entry, result.uploads)
        return entry

    def _new(self, row: Any, **values: Any) -> Any:
        entry = self.model(**{self.parent: row.id}, customer_id=row.customer_id, at=now(), **values)
        db.session.add(entry)
        db.session.flush()
        return entry

    def own(self, row: Any, key: int) -> Any:
        """The entry *key* of *row*, if the acting member recorded it."""
        by_me = self.model.by_id == actor_of(db.session()).member_id
        return db.session.scalar(select(self.model).where(self._of(row), self.model.id == key, by_me))

    def latest(self, row: Any, most: int) -> tuple[Sequence[Any], int]:
        """The newest *most* entries of *row* with title and author, and the number of all; undone ones do not count."""
        model = self.model
        rows = db.session.execute(
            select(model, func.count().over())
            .options(joinedload(model.by), joinedload(model.result_title))
            .where(self._of(row), model.is_undone.is_(False))
            .order_by(model.at.desc(), model.id.desc())
            .limit(most)
        ).all()
        return [each[0] for each in rows], rows[0][1] if rows else 0

    def values_before(self, row: Any, entry: Any) -> dict[str, Any]:
        """The values that the undo of *entry* restores; raises `UndoRefused` for an old or an earlier one."""
        if entry.is_undone:
            raise UndoRefused(_("This result is taken back already."))
        if entry.before is None or entry.at < now() - self.undo_for:
            raise UndoRefused(_("It is too late to take this result back; record a new one instead."))
        newest = select(func.max(self.model.id)).where(self._of(row), self.model.is_undone.is_(False))
        if db.session.scalar(newest) != entry.id:
            raise UndoRefused(_("A newer result was recorded; this one can't be taken back any more."))
        before: dict[str, Any] = entry.before
        return before

    def append_undo(self, row: Any, entry: Any) -> Any:
        """Append the entry that says that *entry* is undone; neither counts any more."""
        entry.is_undone = True
        return self._new(
            row,
            # The row, since the title may be deleted: a new key of a deleted row is refused.
            result_title=entry.result_title,
            by_id=entry.by_id,
            undoes_id=entry.id,
            is_undone=True,
        )

    def _of(self, row: Any) -> Any:
        return getattr(self.model, self.parent) == row.id


def former_title(key: int | None) -> ResultTitle | None:
    """The title that a row had before an entry, also a deleted one."""
    if key is None:
        return None
    return db.session.get(ResultTitle, key, execution_options={"with_deleted": True})
