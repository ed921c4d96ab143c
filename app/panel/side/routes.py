"""The routes of the side panel: the panel, its form and the undo of an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from flask import abort, make_response, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.errors import DomainError, RowChanged
from app.extensions import db
from app.lib.web_address import split_address
from app.panel.access import permitted, requires, row_key, wants_fragment
from app.panel.action import Done
from app.panel.actor import member_id
from app.panel.forms.locking import version_of
from app.panel.responses import failure, success, toast
from app.panel.side.choice_routes import ChoiceScreen
from app.panel.side.declaration import Latest, LatestEvent, SidePanel
from app.panel.side.form import EntryForm
from app.panel.view_models import ROW_KEY, MenuItem

# The routes below; a section without a panel excludes them, one without choices the last two.
PANEL_ROUTES = frozenset({"panel_page", "record", "undo_record"})
CHOICE_ROUTES = frozenset({"choice_menu", "choose"})


class SidePanelScreen(ChoiceScreen):
    """/<pk>/panel, /<pk>/result, /<pk>/result/<entry>/undo, /choices, /<pk>/choose/<choice>/<token>."""

    # What a section with a panel defines.

    def panel_form(self, row: Any) -> EntryForm:
        """The form as the panel of *row* begins with it."""
        return self.declared_panel().form(formdata=None)

    def panel_context(self, row: Any, form: EntryForm) -> dict[str, Any]:
        """Further names for the template of the fields."""
        return {}

    def panel_items(self, row: Any) -> list[MenuItem]:
        """The acts of the panel: the ⋮ menu of *row*, without the entries that open this panel."""
        return [_of_row(item, row.id) for item in self.row_menu(row) if item.opens != "panel"]

    def register(self, row: Any, form: EntryForm) -> Done:
        """Register what *form* says of *row*; raises `DomainError`, or `RowChanged` for an old version."""
        raise NotImplementedError

    def undo_registered(self, row: Any, entry: int) -> Done | None:
        """Take back the event *entry* of the acting member; None where there is no such event."""
        raise NotImplementedError

    def entry_undo_url(self, row: Any, entry: int) -> str:
        return f"{self.base_url}{row.id}/result/{entry}/undo"

    # The routes.

    @expose("/<pk>/panel")
    @requires("show")
    def panel_page(self, pk: str) -> str:
        row = self.get_row(row_key(pk), *self.declared_panel().parents)
        return self._panel(row, self.panel_form(row))

    @expose("/<pk>/result", methods=["POST"])
    @requires("record")
    def record(self, pk: str) -> Any:
        row, form = self.get_row(row_key(pk)), self.declared_panel().form()
        key = row.id
        if not form.validate():
            return self._panel_again(pk, form), 422
        try:
            done = self.register(row, form)
            db.session.commit()
        except RowChanged:
            db.session.rollback()
            return self._panel_again(pk, form, changed=True), 409
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return self._panel_again(pk, form), 422
        if not wants_fragment():
            return success(done, f"{self.base_url}{key}/panel")
        response = make_response("", 204)
        response.headers.update(toast(done, result_saved=True, list_reload=True))
        return response

    @expose("/<pk>/result/<entry>/undo", methods=["POST"])
    @requires("record")
    def undo_record(self, pk: str, entry: str) -> Response:
        row = self.get_row(row_key(pk))
        try:
            done = self.undo_registered(row, row_key(entry)) or abort(404)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.base_url)
        return success(done, self.base_url)

    # The page.

    def _panel_again(self, pk: str, form: EntryForm, *, changed: bool = False) -> str:
        """The panel with what was typed; where the row *changed*, with the event of the other member, asked once."""
        row = self.get_row(row_key(pk), *self.declared_panel().parents)
        return self._panel(row, form, changed=changed)

    def _panel(self, row: Any, form: EntryForm, *, changed: bool = False) -> str:
        panel, newer = self.declared_panel(), None
        latest = panel.timeline(row)
        if changed:
            newer = next((each for each in latest.events[:1] if str(each.key) != form.seen.data), None)
        if changed or not form.is_submitted():
            _mark_seen(form, row, latest)
        form.token.data = form.token.data or str(uuid4())
        items = self.panel_items(row)
        sms = next((item for item in items if item.icon == "message"), None)
        return self.render_template(
            "panel/side/panel.html",
            panel=panel,
            row=row,
            who=panel.who(self, row),
            latest=latest,
            sms=sms,
            with_key=[item for item in items if item.key],
            others=[item for item in items if item is not sms],
            form=form,
            may_record=permitted(self, "can_record"),
            in_turn=_works_in_turn(self.base_url, panel, self.tabs),
            newer=newer,
            changed=changed,
            is_mine=newer is not None and newer.by_id == member_id(),
            base_url=self.base_url,
            has_timeline=self.timeline is not None,
            **self.panel_context(row, form),
        )


def _mark_seen(form: EntryForm, row: Any, latest: Latest) -> None:
    """Set the hidden fields to the version of the row and the latest event that the panel shows."""
    newest: LatestEvent | None = latest.events[0] if latest.events else None
    form.version.data = version_of(row)
    form.seen.data = newest.key if newest else ""


def _of_row(item: MenuItem, key: int) -> MenuItem:
    return replace(item, url=item.url.replace(ROW_KEY, str(key)))


def _works_in_turn(base_url: str, panel: SidePanel, tabs: Sequence[Any]) -> bool:
    """Whether the list under the panel is one that is worked through, so that the next row follows."""
    address = split_address(request.headers.get("HX-Current-URL", ""))
    first = tabs[0].key if tabs else ""
    tab = parse_qs(address.query).get("tab", [first])[-1]
    return address.path == base_url and tab in panel.next
