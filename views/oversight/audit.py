"""Audit events of the organisation, read-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.persian import group_number
from app.panel.access import Access, requires, row_key
from app.panel.columns import Column, Kind
from app.panel.displays import Computed
from app.panel.formatting import NOTHING
from app.panel.records.history import history_entries, label_of, rows_of
from app.panel.records.history_labels import action_words, kind_words
from app.panel.section import Section
from models.audit.event import AuditEvent
from views import groups

_WORDS = {"action": action_words, "object_type": kind_words}


def _row_words(event: AuditEvent) -> str:
    """The label of the row, its number where it has none, or how many rows there were."""
    if rows := rows_of(event):
        what = kind_words().get(event.object_type, _("item"))
        return _("%(num)s %(what)s", num=group_number(len(rows)), what=what)
    number = _("number %(n)s", n=group_number(event.object_id)) if event.object_id else NOTHING
    return label_of(event) or number


class Audit(Section):
    model = AuditEvent
    slug = "audit"
    title, title_one = _l("Events"), _l("event")
    group, icon, menu_order = groups.OVERSIGHT, "history", 610
    # Events are stored only together with the change that they record.
    exclude_route_methods = {
        "download", "add", "edit", "delete", "undo", "action", "action_post", "lookup", "trail",
    }  # fmt: skip

    columns = (
        "at",
        "actor",
        "action",
        "object_type",
        Computed("label", _row_words, reads=("object_id", "object_type", "after")),
    )
    labels = {"label": _l("Item")}
    details = (*columns, "request_id", "ip", "agent")
    filters = ("actor", "action", "object_type", "at")
    empty = _l("No event is recorded yet")
    empty_hint = _l("Each change of a row is recorded here with its time and its member.")

    roles = {"Manager": Access.READ | Access.EXPORT}

    def describe(self, path: str) -> Column:
        column = super().describe(path)
        return replace(column, kind=Kind.WORD, words=_WORDS[path]) if path in _WORDS else column

    @expose("/show/<pk>")
    @requires("show")
    def show(self, pk: str) -> str:
        event = self.get_row(row_key(pk))
        page = self.show_page(event)
        words = [action_words().get(event.action) or _("Act"), label_of(event)]
        page = replace(page, title="، ".join(word for word in words if word))
        return self.render_template(
            "oversight/audit/show.html", page=page, event=history_entries([event])[0], section=self
        )

    def row_menu(self, row: Any) -> Sequence[Any]:
        return [item for item in super().row_menu(row) if item.icon == "eye"]
