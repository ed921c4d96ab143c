"""«Table settings» of a list: which columns in which order, how close, how many rows; for each member of his own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import make_response, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, inspect, select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import requires, wants_fragment
from app.panel.actor import member_id
from app.panel.columns import Column, describe
from app.panel.forms.builder import is_unique_violation
from app.panel.lists.list_query import ListQueries
from app.panel.lists.preferences import ADDRESSED, SIZE, VIEW, TableChoice, read_density, table_choice
from app.panel.queries import cursor
from app.panel.queries.arguments import PAGE_SIZES, read_query, read_state
from models.table_view import Density, TableSettings

_STAMPS = {"created_at": _l("Added on"), "updated_at": _l("Changed on")}


class TableRoutes(ListQueries):
    """GET and POST /table."""

    @cached_property
    def offered_columns(self) -> dict[str, Column]:
        """What a member may choose from: the declared columns, then what else a row's page and form know."""
        declared = {path: self.describe(path) for path in self.columns}
        labels = {**_STAMPS, **self.labels}
        for path in (*self.optional_columns, *self.details, *self.form, *_STAMPS):
            if path.partition(".")[0] in inspect(self.model).attrs and path not in declared:
                column = describe(self.model, path, labels=labels)
                if column.attribute is not None and str(column.label) != column.name:
                    declared[path] = self.describe(path) if path not in _STAMPS else column
        return declared

    def table_choice(self) -> TableChoice:
        return table_choice(self.slug)

    def shown_columns(self) -> Sequence[Column]:
        """The columns for who is looking: those that he or the address chose, as far as they exist."""
        return self.columns_of(self.table_choice().columns)

    def columns_of(self, paths: Sequence[Any]) -> Sequence[Column]:
        """The columns of *paths*, each once; the declared ones where none of them exists."""
        offered = self.offered_columns
        chosen = [offered[path] for path in dict.fromkeys(map(str, paths)) if path in offered]
        return chosen or [offered[path] for path in self.columns]

    def with_choice(self, arguments: MultiDict[str, str]) -> MultiDict[str, str]:
        """*arguments* with the page size that the member chose, where the address names none."""
        size = self.table_choice().size
        if SIZE in arguments or size is None:
            return arguments
        return MultiDict([*arguments.items(multi=True), (SIZE, str(size))])

    @expose("/table", methods=["GET", "POST"])
    @requires("list")
    def table(self) -> Any:
        if request.method == "GET":
            return self._table_form(self.shown_columns(), query_string(request.args))
        arguments = read_query(request.form.get("_query", ""))
        paths = [path for path in request.form.getlist("column") if path in self.offered_columns]
        if request.form.get("reset"):
            self._save_table(None)
        elif not paths:
            return self._table_form((), request.form.get("_query", ""), _("Choose at least one column.")), 422
        else:
            self._save_table(list(dict.fromkeys(paths)))
        return self.to_list([(k, v) for k, v in arguments.items(multi=True) if k not in ADDRESSED])

    def _table_form(self, shown: Sequence[Column], query_text: str, error: str = "") -> str:
        choice, offered = self.table_choice(), self.offered_columns
        first = [column.path for column in shown]
        size = read_state(self.with_choice(request.args), sortable=(), tabs=()).size
        return self.render_template(
            "panel/lists/table.html",
            layout="panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html",
            columns=[offered[path] for path in dict.fromkeys([*first, *offered])],
            chosen=set(first),
            density=read_density(request.form.get("density", "")) or choice.density,
            densities=list(Density),
            size=size,
            sizes=PAGE_SIZES,
            query=query_text,
            error=error,
            section=self,
        )

    def _save_table(self, columns: list[str] | None) -> None:
        """Remember the choice; None forgets it. Of two tabs that save at once the later one stays."""
        row = self._settings()
        if columns is None:
            row.columns, row.page_size, row.density = [], PAGE_SIZES[0], Density.COMFORTABLE
        else:
            state = read_state(request.form, sortable=(), tabs=())
            declared = columns == list(self.columns)
            row.columns, row.page_size = [] if declared else columns, state.size
            row.density = read_density(request.form.get("density", "")) or Density.COMFORTABLE
        self._keep_settings(row)

    def _settings(self) -> TableSettings:
        """What the member chose for the list; a new row where he chose nothing yet."""
        find = self._find_settings(TableSettings)
        if (row := db.session.scalar(find)) is not None:
            return row
        try:
            with db.session.begin_nested():
                db.session.add(TableSettings(member_id=member_id(), section=self.slug))
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
        return db.session.scalars(find).one()

    def _find_settings(self, what: Any) -> Select[Any]:
        return select(what).where(TableSettings.member_id == member_id(), TableSettings.section == self.slug)

    def _keep_settings(self, row: TableSettings) -> None:
        """Commit; whoever chose nothing, or nothing any more, has no row."""
        is_untouched = not row.columns and row.page_size == PAGE_SIZES[0]
        if is_untouched and row.density is Density.COMFORTABLE and row.default_view_id is None:
            db.session.delete(row)
        db.session.commit()

    def to_list(self, pairs: Sequence[tuple[str, str]]) -> Response:
        """The list as these arguments say it; its own beginning is asked for by name, lest the default view opens."""
        kept = [(name, value) for name, value in pairs if name not in cursor.POSITION]
        address = f"{self.base_url}?{urlencode(kept or [(VIEW, '')])}"
        if not wants_fragment():
            return redirect(address)
        response = make_response("", 204)
        response.headers["HX-Redirect"] = address
        return response


def query_string(arguments: MultiDict[str, str]) -> str:
    """*arguments* as an address says them, without the place in the list."""
    return urlencode([(k, v) for k, v in arguments.items(multi=True) if k not in cursor.POSITION])
