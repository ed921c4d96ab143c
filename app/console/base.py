"""Base classes of console views.

By default, Flask-Admin opens views to everybody, finds rows outside the list's query, and adds pages to edit, delete and
export. These classes admit only platform admins and offer a list and, for editable columns, the saving of one value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import abort, redirect, request
from flask_admin import AdminIndexView, BaseView, expose
from flask_admin.contrib.sqla import ModelView
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import require_login, row_key, wants_fragment
from app.panel.actor import currency, role_names
from app.panel.columns import Column, describe
from app.panel.formatting import cell
from app.panel.forms.builder import build_form
from app.panel.queries.arguments import page_number
from app.panel.view_models import Cell

PAGE_SIZE = 50
MOST_PAGES = 10_000


class AdminOnly:
    """Access for platform admins only; anonymous visitors go to the login page."""

    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated and current_user.is_active and "Admin" in role_names())

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:
        return require_login() or abort(403)


class ConsolePage(AdminOnly, BaseView):
    """A console page without a table."""

    title: ClassVar[LazyString]
    hint: ClassVar[LazyString | str] = ""
    slug: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(name=self.title, endpoint=f"console_{self.slug}", url=f"/console/{self.slug}")


class ConsoleHome(AdminOnly, AdminIndexView):
    """GET /console/: the list of console views."""

    def __init__(self, url: str) -> None:
        super().__init__(name=_l("Console"), endpoint="console", url=url)
        # The pages use the panel's assets, so Flask-Admin's scripts and style sheets are not served.
        self.static_folder = None

    @expose("/")
    def index(self) -> str:
        return self.render("console/index.html", views=self.admin._views[1:])


class ConsoleTable(AdminOnly, ModelView):
    """A table; subclasses declare `model`, `slug`, `title`, `columns` and the `editable` ones among them."""

    model: ClassVar[Any]
    slug: ClassVar[str]
    title: ClassVar[LazyString]
    hint: ClassVar[LazyString | str] = ""
    columns: ClassVar[Sequence[str]]
    editable: ClassVar[Sequence[str]] = ()
    labels: ClassVar[dict[str, LazyString]] = {}
    newest_by: ClassVar[str] = "id"

    can_create = can_edit = can_delete = can_export = can_view_details = False
    form_base_class = FlaskForm
    fast_mass_delete = False

    def __init__(self) -> None:
        # All other routes of Flask-Admin are not registered.
        wanted = {"index_view", "save"} if self.editable else {"index_view"}
        urls: list[Any] = getattr(self, "_urls")  # noqa: B009 - set by a metaclass that mypy cannot follow
        self._urls = [each for each in urls if each[1] in wanted]
        self.column_list = list(self.columns)
        url = f"/console/{self.slug}"
        super().__init__(self.model, db, name=self.title, endpoint=f"console_{self.slug}", url=url)

    def scaffold_form(self) -> Any:
        return FlaskForm

    def scaffold_sortable_columns(self) -> dict[str, Any]:
        return {}

    def get_one(self, id: str) -> Any:  # noqa: A002 - the name in Flask-Admin
        """The row with the key, if it is in the list; otherwise 404."""
        key = self.model.id == row_key(id)
        return self.get_query().filter(key).one_or_none() or abort(404)

    def described(self) -> list[Column]:
        return [describe(self.model, name, labels=self.labels) for name in self.columns]

    def cells(self, row: Any) -> list[Cell]:
        return [cell(column, row, currency=currency()) for column in self.described()]

    def form_for(self, name: str, row: Any) -> Any:
        """The form for one value of one row."""
        if name not in self.editable:
            abort(404)
        form_class = build_form(self.model, [name], base_url=f"{self.url}/")
        return form_class(obj=row, prefix=f"{row.id}-")

    @expose("/")
    def index_view(self) -> str:
        page = page_number(request.args.get("page", ""), most=MOST_PAGES)
        newest = getattr(self.model, self.newest_by).desc()
        query = self.get_query().order_by(newest)
        rows = query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1).all()
        shown = rows[:PAGE_SIZE]
        return str(
            self.render(
                "console/table.html", view=self, rows=shown, page=page, has_more=len(rows) > PAGE_SIZE
            )
        )

    @expose("/save/<pk>/<column>", methods=["POST"])
    def save(self, pk: str, column: str) -> Any:
        """Save one value and return its input, with errors if it is invalid."""
        row = self.get_one(pk)
        form = self.form_for(column, row)
        is_saved = form.validate()
        if is_saved:
            form.populate_obj(row)
            db.session.commit()
        if not wants_fragment():
            return redirect(f"{self.url}/")
        html = self.render(
            "console/_value.html", view=self, row=row, name=column, form=form, is_saved=is_saved
        )
        return html, 200 if is_saved else 422
