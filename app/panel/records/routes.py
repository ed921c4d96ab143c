"""One row: its page, its removal, and the undo of a removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import lock_membership, permitted, requires, row_key
from app.panel.action import Done, action, counted
from app.panel.columns import Column
from app.panel.declaration import Declared
from app.panel.forms.reauthentication import require_recent_password
from app.panel.records.delete import soft_delete, undo_delete
from app.panel.records.related import TAB, related_of, related_page, tabs_of
from app.panel.records.restore import restored_words
from app.panel.responses import failure, success
from app.panel.view_models import Button, ShowPage


class RowRoutes(Declared):
    """/show/<pk>, /delete/<pk>, /undo/<batch>, and deletion as an action."""

    @expose("/show/<pk>")
    @requires("show")
    def show(self, pk: str) -> str:
        row = self.get_row(row_key(pk))
        page, related = self.show_page(row), related_of(self, row)
        active = next((each for each in related if each.key == request.args.get(TAB)), None)
        base = f"{self.base_url}show/{row.id}"
        return self.render_template(
            "panel/records/show.html",
            page=replace(page, tabs=tabs_of(self, row, related, active.key if active else "facts")),
            related=related_page(active, request.args, base) if active else None,
            is_live=active is not None and active.section.is_live,
            section=self,
        )

    @cached_property
    def facts_described(self) -> Sequence[Column]:
        return [self.describe(path) for path in self.details or self.columns]

    def show_page(self, row: Any) -> ShowPage:
        return ShowPage(
            title=str(row),
            subtitle=str(self.title_one),
            facts=self.facts_of(self.facts_described, row),
            back_url=self.base_url,
            buttons=self.show_buttons(row),
        )

    def show_buttons(self, row: Any) -> Sequence[Button]:
        if not permitted(self, "can_edit"):
            return []
        return [Button(_("Edit"), "pencil", f"{self.base_url}edit/{row.id}", "page", primary=True)]

    @expose("/delete/<pk>", methods=["POST"])
    @requires("delete")
    def delete(self, pk: str) -> Response:
        lock_membership()
        row = self.get_row(row_key(pk))
        if self.declared_actions["remove"].asks_password:
            require_recent_password()
        done = self.remove([row], None)
        db.session.commit()
        return success(done, self.base_url)

    @action(
        _l("Delete"),
        icon="trash",
        confirm=counted("%(num)s row will be deleted.", "%(num)s rows will be deleted."),
        submit=counted("Delete %(num)s row", "Delete %(num)s rows"),
        danger=True,
    )
    def remove(self, rows: Sequence[Any], form: Any) -> Done:
        batch = soft_delete(self.model, [row.id for row in rows])
        words = ngettext("%(num)s row deleted.", "%(num)s rows deleted.", len(rows))
        return Done(words, f"{self.base_url}undo/{batch}")

    @expose("/undo/<batch>", methods=["POST"])
    @requires("delete")
    def undo(self, batch: str) -> Response:
        try:
            restored = undo_delete(self.model, UUID(batch))
        except ValueError:
            abort(404)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.base_url)
        db.session.commit()
        if not restored:
            return failure(_("It is too late to take this back; ask your manager."), self.base_url)
        return success(Done(restored_words(restored, self.model)), self.base_url)
