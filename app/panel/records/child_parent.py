"""A row that stands on the page of its parent: which parent it has, and how the parent is locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, request
from sqlalchemy import Select, select

from app.extensions import db
from app.panel.columns import describe
from app.panel.forms.related_rows import section_of
from app.panel.forms.routes import FormScreen
from app.panel.records.attachment_routes import AttachmentScreen
from models.base import Row
from models.child.one_flag import lock_parents, parent_key


class RowOfParent(FormScreen, AttachmentScreen):
    """The parents of a section whose rows stand on their pages."""

    @property
    def parents(self) -> Any:
        """The section of the parents."""
        return section_of(describe(self.model, str(self.only_in)).target)

    @property
    def _key(self) -> Any:
        return parent_key(self.model, str(self.only_in))

    def statement(self) -> Select[Any]:
        """The children of parents that the member may see."""
        parents = self.parents
        keys = parents.statement().with_only_columns(parents.model.id).order_by(None)
        return select(self.model).where(self._key.in_(keys))

    def parent_id(self, row: Any) -> int:
        return int(getattr(row, self._key.key))

    def back_url(self, row: Any = None) -> str:
        """The page of the parent, which the address of a new form names."""
        base = str(self.parents.base_url)
        if row is None:
            key = request.values.get(str(self.only_in), "")
            return f"{base}show/{key}#{self.slug}" if is_key(key) else base
        return f"{base}show/{self.parent_id(row)}#{self.slug}"

    def lock_above(self, pk: int) -> None:
        """Lock the parent of the row *pk*, if the member may see it."""
        key = db.session.scalar(self.statement().where(self.model.id == pk).with_only_columns(self._key))
        self._lock([key] if key else [])

    def _lock(self, keys: Sequence[int]) -> None:
        lock_parents(db.session(), self.model, str(self.only_in), keys)

    def _require_parent(self, key: int) -> Row:
        """The parent; 404 unless the member sees it, 403 unless they may change it."""
        parent: Row = self.parents.get_row(key)
        if not self.parents.may_edit(parent):
            abort(403)
        return parent


def is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0
