"""The routes of one row: its page, its events, its deletion and the undo of a deletion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
from app.panel.declaration import Declaration
from app.panel.forms.reauthentication import require_recent_password
from app.panel.records.delete import soft_delete, undo_delete
from app.panel.records.history import MOST_EVENTS, events_of_row
from app.panel.records.related import TAB, related_of, related_page, tabs_of
from app.panel.records.restore import restored_words
from app.panel.responses import failure, success
from app.panel.view_models import ShowPage
from models.base import Row


class RecordScreen(Declaration):
    """/show/<pk>, /trail/<pk>, /delete/<pk>, /undo/<batch>, and the action that deletes rows."""

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

    def show_page(self, row: Row) -> ShowPage:
        return ShowPage(
            title=str(row),
            subtitle=str(self.title_one),
            facts=self.facts_of(self.described_details, row),
            back_url=self.base_url,
            buttons=self.show_buttons(row),
        )

    @expose("/trail/<pk>")
    @requires("trail")
    def trail(self, pk: str) -> str:
        row = self.get_row(row_key(pk))
        return self.render_template(
            "panel/records/trail.html",
            title=str(row),
            subtitle=_("Events of this row"),
            back_url=self.base_url,
            tabs=tabs_of(self, row, related_of(self, row), "trail") if permitted(self, "can_show") else (),
            events=events_of_row(row),
            most=MOST_EVENTS,
        )

    @expose("/delete/<pk>", methods=["POST"])
    @requires("delete")
    def delete(self, pk: str) -> Response:
        lock_membership()
        row = self.get_row(row_key(pk))
        if self.declared_actions["remove"].asks_password:
            require_recent_password()
        done = self.delete_rows([row], None)
        db.session.commit()
        return success(done, self.base_url)

    @action(
        _l("Delete"),
        icon="trash",
        confirm=counted("%(num)s row will be deleted.", "%(num)s rows will be deleted."),
        submit=counted("Delete %(num)s row", "Delete %(num)s rows"),
        danger=True,
        name="remove",
    )
    def delete_rows(self, rows: Sequence[Any], form: Any) -> Done:
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
