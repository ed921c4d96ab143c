"""Saved views of a list: a named state of its address, one's own or shared, one of them the beginning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.extensions import db
from app.lib.persian import TextError, clean_text, is_blank
from app.panel.access import requires, row_key, wants_fragment
from app.panel.actor import member_id, role_names
from app.panel.forms.builder import is_unique_violation
from app.panel.lists.preference_routes import TableRoutes, query_string
from app.panel.lists.preferences import COLUMNS, VIEW, my_views
from app.panel.messages import explain
from app.panel.queries import cursor
from app.panel.queries.arguments import read_query
from models.table_view import TableSettings, TableView

LONGEST_NAME, LONGEST_QUERY, MOST_VIEWS = 80, 4_000, 50
# Who decides what everybody finds in a list.
SHARING = frozenset({"Manager", "Admin"})


class ViewRoutes(TableRoutes):
    """GET and POST /views, and what is done to one of them."""

    @expose("/views", methods=["GET", "POST"])
    @requires("list")
    def views(self) -> Any:
        if request.method == "GET":
            return self._views_page(query_string(request.args))
        name, problem = _read_name(request.form.get("name", ""))
        text = self._state(request.form.get("_query", ""))
        problem = problem or self._problem(name, text) or self._save_view(name, text)
        if problem:
            return self._views_page(request.form.get("_query", ""), name=name, error=problem), 422
        return self.open_list_with(
            db.session.scalars(my_views(self.slug).where(_is_mine(), TableView.name == name)).one()
        )

    @expose("/views/<pk>/open")
    @requires("list")
    def open_view(self, pk: str) -> Response:
        return self.open_list_with(self._view(pk))

    @expose("/views/<pk>/replace", methods=["POST"])
    @requires("list")
    def replace_view(self, pk: str) -> Response:
        """The view shows from now on what the list shows at the moment."""
        view, text = self._own_view(pk), self._state(request.form.get("_query", ""))
        if len(text) > LONGEST_QUERY:
            abort(400)
        view.query, view.columns = text, [column.path for column in self._columns_sent()]
        db.session.commit()
        return self.open_list_with(view)

    @expose("/views/<pk>/default", methods=["POST"])
    @requires("list")
    def default_view_of_mine(self, pk: str) -> Any:
        """The list opens with it, or no longer."""
        view = self._view(pk)
        if view.member_id != member_id():
            abort(403)
        settings = self._settings()
        settings.default_view_id = None if settings.default_view_id == view.id else view.id
        self._keep_settings(settings)
        return self._changed()

    @expose("/views/<pk>/share", methods=["POST"])
    @requires("list")
    def share_view(self, pk: str) -> Any:
        if not may_share():
            abort(403)
        view = self._own_view(pk)
        view.is_shared = not view.is_shared
        db.session.commit()
        return self._changed()

    @expose("/views/<pk>/delete", methods=["POST"])
    @requires("list")
    def delete_view(self, pk: str) -> Any:
        db.session.delete(self._own_view(pk))
        db.session.commit()
        return self._changed()

    def _view(self, pk: str) -> TableView:
        return self._find_view(row_key(pk)) or abort(404)

    def _find_view(self, key: int) -> TableView | None:
        return db.session.scalar(my_views(self.slug).where(TableView.id == key))

    def _own_view(self, pk: str) -> TableView:
        """One's own; a shared one also for who may share."""
        view = self._view(pk)
        return view if view.member_id == member_id() or may_share() else abort(403)

    def opening_view(self) -> TableView | None:
        """The view that the member's list opens with; none where he acts for another organisation than he made it in."""
        key = self.table_choice().default_id
        return None if key is None else self._find_view(key)

    def open_list_with(self, view: TableView) -> Response:
        """The list as *view* keeps it."""
        pairs = list(read_query(view.query).items(multi=True))
        columns = [(COLUMNS, ",".join(map(str, view.columns)))] if view.columns else []
        return self.to_list([*pairs, *columns, (VIEW, str(view.id))])

    def _state(self, text: str) -> str:
        """What a view keeps of an address: not the place in the list, nor the columns, which it keeps beside."""
        pairs = read_query(text.removeprefix("?")).items(multi=True)
        return urlencode([(k, v) for k, v in pairs if k not in {COLUMNS, VIEW, *cursor.POSITION} and v])

    def _columns_sent(self) -> Any:
        asked = read_query(request.form.get("_query", "")).get(COLUMNS, "")
        return self.columns_of(asked.split(",")) if asked else self.shown_columns()

    def _problem(self, name: str, text: str) -> str | None:
        if is_blank(name):
            return _("Give the view a name.")
        if len(name) > LONGEST_NAME:
            return _("At most %(count)s letters.", count=LONGEST_NAME)
        if len(text) > LONGEST_QUERY:
            return _("These filters are too long for a view.")
        count = db.session.scalar(
            select(func.count(TableView.id)).where(_is_mine(), TableView.section == self.slug)
        )
        if (count or 0) >= MOST_VIEWS:
            return _("You have %(count)s views of this list; delete one first.", count=MOST_VIEWS)
        return None

    def _save_view(self, name: str, text: str) -> str | None:
        view = TableView(
            member_id=member_id(),
            section=self.slug,
            name=name,
            query=text,
            columns=[column.path for column in self._columns_sent()],
            is_shared=bool(request.form.get("is_shared")) and may_share(),
        )
        try:
            db.session.add(view)
            db.session.flush()
        except IntegrityError as error:
            db.session.rollback()
            if not is_unique_violation(error):
                raise
            return _("You have a view of this name already.")
        if request.form.get("is_default"):
            self._settings().default_view_id = view.id
        db.session.commit()
        return None

    def _changed(self) -> Any:
        if wants_fragment():
            return self._views_page(request.form.get("_query", ""))
        return self.to_list([])

    def _views_page(self, text: str, *, name: str = "", error: str = "") -> str:
        views = db.session.scalars(my_views(self.slug)).all()
        return self.render_template(
            "panel/lists/views.html",
            layout="panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html",
            section=self,
            query=text,
            may_share=may_share(),
            current_member_id=member_id(),
            default_id=db.session.scalar(self._find_settings(TableSettings.default_view_id)),
            error=error,
            **_told(views, name),
        )


def _read_name(text: str) -> tuple[str, str | None]:
    """The name in one line, and why it can't be kept where it can't."""
    try:
        return " ".join(clean_text(text).split()), None
    except TextError as error:
        return text, explain(error)


def _told(views: Any, name: str) -> Mapping[str, Any]:
    mine = [view for view in views if view.member_id == member_id()]
    return {"mine": mine, "shared": [view for view in views if view not in mine], "name": name}


def _is_mine() -> Any:
    return TableView.member_id == member_id()


def may_share() -> bool:
    """Whether who is logged in decides what others find in a list."""
    return bool(SHARING & role_names())
