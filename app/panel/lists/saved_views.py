"""Saved views: named addresses of a list, private or shared; a member may choose one as the default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import abort, request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.extensions import db
from app.lib.persian import TextError, clean_line, group_number, is_blank
from app.panel.access import row_key, wants_fragment
from app.panel.action import Done
from app.panel.actor import member_id, role_names
from app.panel.columns import Column
from app.panel.declaration import Declaration
from app.panel.forms.uniqueness import is_unique_violation
from app.panel.lists.preferences import commit_settings, find_settings, own_settings, to_list
from app.panel.messages import explain
from app.panel.queries import cursor
from app.panel.queries.arguments import read_query
from app.panel.queries.preferences import COLUMNS, VIEW, my_views, table_choice
from app.panel.responses import leave_toast, toast
from models.role import SHARES_VIEWS
from models.table_view import TableSettings, TableView

LONGEST_NAME, LONGEST_QUERY, MOST_VIEWS = 80, 4_000, 50


class SavedViews:
    """The saved views of one section's list that the acting member may use."""

    def __init__(self, section: Declaration) -> None:
        self.section = section

    def save(self) -> Any:
        """Save the list's address under the name that was sent, and open it."""
        name, problem = read_name(request.form.get("name", ""))
        text = _stored_query(request.form.get("_query", ""))
        problem = problem or self._problem(name, text) or self._save(name, text)
        if problem:
            return self.page(request.form.get("_query", ""), name=name, error=problem), 422
        leave_toast(Done(_("The view «%(name)s» is saved.", name=name)))
        mine = self._all().where(_is_mine(), TableView.name == name)
        return self.open(db.session.scalars(mine).one())

    def open(self, view: TableView) -> Response:
        """A redirect to the list with the arguments of *view*."""
        pairs = list(read_query(view.query).items(multi=True))
        columns = [(COLUMNS, ",".join(map(str, view.columns)))] if view.columns else []
        return to_list(self.section, [*pairs, *columns, (VIEW, str(view.id))])

    def replace(self, pk: str) -> Response:
        """Replace the arguments and columns of the view by those of the open list."""
        view, text = self._changeable(pk), _stored_query(request.form.get("_query", ""))
        if len(text) > LONGEST_QUERY:
            abort(400)
        view.query, view.columns = text, [column.path for column in self._columns_sent()]
        db.session.commit()
        leave_toast(Done(_("The view «%(name)s» is saved.", name=view.name)))
        return self.open(view)

    def toggle_default(self, pk: str) -> Any:
        """Make the view the default of the list, or remove it as the default."""
        view = self.find(pk)
        if view.member_id != member_id():
            abort(403)
        settings = own_settings(self.section)
        opens = settings.default_view_id != view.id
        settings.default_view_id = view.id if opens else None
        commit_settings(settings)
        if opens:
            return self._changed(_("The list opens with «%(name)s».", name=view.name))
        return self._changed(_("The list opens without a view."))

    def toggle_shared(self, pk: str) -> Any:
        if not may_share():
            abort(403)
        view = self._changeable(pk)
        view.is_shared = not view.is_shared
        db.session.commit()
        if view.is_shared:
            return self._changed(_("The view «%(name)s» is shared.", name=view.name))
        return self._changed(_("The view «%(name)s» is no longer shared.", name=view.name))

    def delete(self, pk: str) -> Any:
        view = self._changeable(pk)
        words = _("The view «%(name)s» is deleted.", name=view.name)
        db.session.delete(view)
        db.session.commit()
        return self._changed(words)

    def find(self, pk: str) -> TableView:
        return self._find(row_key(pk)) or abort(404)

    def default(self) -> TableView | None:
        """The member's default view; None without one, or when it belongs to another organisation."""
        key = table_choice(self.section.slug).default_id
        return None if key is None else self._find(key)

    def page(self, text: str, *, name: str = "", error: str = "") -> str:
        views = db.session.scalars(self._all()).all()
        mine = [view for view in views if view.member_id == member_id()]
        return self.section.render_template(
            "panel/lists/views.html",
            layout="panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html",
            section=self.section,
            query=text,
            may_share=may_share(),
            current_member_id=member_id(),
            default_id=db.session.scalar(find_settings(self.section, TableSettings.default_view_id)),
            error=error,
            # What was ticked stays ticked beside the message.
            form=request.form if error else {},
            mine=mine,
            shared=[view for view in views if view not in mine],
            name=name,
        )

    def _all(self) -> Select[Any]:
        return my_views(self.section.slug)

    def _find(self, key: int) -> TableView | None:
        found: TableView | None = db.session.scalar(self._all().where(TableView.id == key))
        return found

    def _changeable(self, pk: str) -> TableView:
        """The member's own view; a shared one also for members who may share."""
        view = self.find(pk)
        return view if view.member_id == member_id() or may_share() else abort(403)

    def _columns_sent(self) -> Sequence[Column]:
        asked = read_query(request.form.get("_query", "")).get(COLUMNS, "")
        return self.section.columns_of(asked.split(",")) if asked else self.section.shown_columns()

    def _problem(self, name: str, text: str) -> str | None:
        problem: str | None = None
        if is_blank(name):
            problem = _("Give the view a name.")
        elif len(name) > LONGEST_NAME:
            problem = _("At most %(count)s letters.", count=group_number(LONGEST_NAME))
        elif len(text) > LONGEST_QUERY:
            problem = _("These filters are too long for a view.")
        elif self._count_mine() >= MOST_VIEWS:
            problem = _(
                "You have %(count)s views of this list; delete one first.", count=group_number(MOST_VIEWS)
            )
        return problem

    def _count_mine(self) -> int:
        mine = select(func.count(TableView.id)).where(_is_mine(), TableView.section == self.section.slug)
        return db.session.scalar(mine) or 0

    def _save(self, name: str, text: str) -> str | None:
        """Save the view and commit; the reason where it can't be saved."""
        view = TableView(
            member_id=member_id(),
            section=self.section.slug,
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
            taken: str = _("You have a view of this name already.")
            return taken
        if request.form.get("is_default"):
            own_settings(self.section).default_view_id = view.id
        db.session.commit()
        return None

    def _changed(self, words: str) -> Any:
        if wants_fragment():
            return self.page(request.form.get("_query", "")), toast(Done(words))
        leave_toast(Done(words))
        return to_list(self.section, [])


def _stored_query(text: str) -> str:
    """The arguments that a view stores as a query string: without position, view and columns."""
    pairs = read_query(text.removeprefix("?")).items(multi=True)
    return urlencode([(k, v) for k, v in pairs if k not in {COLUMNS, VIEW, *cursor.POSITION} and v])


def read_name(text: str) -> tuple[str, str | None]:
    """The name in one line, and the problem with it or None."""
    try:
        return " ".join(clean_line(text).split()), None
    except TextError as error:
        return text, explain(error)


def _is_mine() -> ColumnElement[bool]:
    return TableView.member_id == member_id()


def may_share() -> bool:
    """Whether the member may share views with the organisation."""
    return bool(SHARES_VIEWS & role_names())
