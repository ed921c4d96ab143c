"""The routes that delete a row and undo a deletion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import abort
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import lock_membership, requires, row_key
from app.panel.action import Done, action, counted
from app.panel.declaration import Declaration
from app.panel.forms.reauthentication import require_recent_password
from app.panel.records.delete import soft_delete, undo_delete
from app.panel.records.deletion import ask_deletion, deleted_words
from app.panel.records.restore import restored_words
from app.panel.responses import failure, success


class DeletionScreen(Declaration):
    """/delete/<pk> and /undo/<batch>."""

    @expose("/delete/<pk>", methods=["POST"])
    @requires("delete")
    def delete(self, pk: str) -> Response:
        lock_membership()
        row = self.get_row(row_key(pk))
        if self.declared_actions["remove"].asks_password:
            require_recent_password()
        back = self.back_url(row)
        try:
            done = self.delete_rows([row], None)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), back)
        db.session.commit()
        return success(done, back)

    @action(
        _l("Delete"),
        icon="trash",
        confirm=counted("%(num)s %(what)s will be deleted.", "%(num)s of %(what)s will be deleted."),
        submit=counted("Delete %(num)s %(what)s", "Delete %(num)s of %(what)s"),
        ask=ask_deletion,
        danger=True,
        name="remove",
    )
    def delete_rows(self, rows: Sequence[Any], form: Any) -> Done:
        refused = self._undeletable(rows)
        going = [row for row in rows if row.id not in refused]
        words = deleted_words(self, going)
        batch = soft_delete(self.model, [row.id for row in going])
        if refused:
            reason = next(iter(refused.values()))
            words = _("%(done)s %(num)s stay: %(reason)s", done=words, num=len(refused), reason=reason)
        return Done(words, f"{self.base_url}undo/{batch}", refused)

    def check_deletion(self, item: Any) -> None:
        """Raises `DomainError` for a row that must not be deleted; the other rows of the act are deleted."""

    def _undeletable(self, rows: Sequence[Any]) -> dict[int, str]:
        """The rows that must not be deleted, with the reason; raises the reason where no other row is left."""
        refused = {}
        for row in rows:
            try:
                self.check_deletion(row)
            except DomainError as error:
                refused[row.id] = str(error)
                if len(refused) == len(rows):
                    raise
        return refused

    @expose("/undo/<batch>", methods=["POST"])
    @requires("delete")
    def undo(self, batch: str) -> Response:
        try:
            restored = undo_delete(self.model, UUID(batch))
        except ValueError:
            abort(404)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.back_url())
        db.session.commit()
        if not restored:
            return failure(_("It is too late to take this back; ask your manager."), self.back_url())
        return success(Done(restored_words(restored, self.model, self.title_one)), self.back_url())
