"""The routes of a list: the list itself, filters, lookup, table settings, saved views, print page, inline edit."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.panel.access import requires, wants_fragment
from app.panel.declaration import Declaration
from app.panel.lists.filter_form import filter_form, refused_filters
from app.panel.lists.inline import InlineEdit
from app.panel.lists.list_query import read_list_query
from app.panel.lists.lookup import found_rows
from app.panel.lists.page import list_page
from app.panel.lists.preferences import query_string, save_settings, settings_form, with_page_size
from app.panel.lists.printing import printed_page
from app.panel.lists.saved_views import SavedViews
from app.panel.rates.groups import Group, limited
from app.panel.responses import with_etag


class ListScreen(Declaration):
    @expose("/")
    @requires("list")
    @limited(read=Group.LIST)
    def index(self) -> Response:
        return self._list()

    @expose("/list/")
    @requires("list")
    @limited(read=Group.LIST)
    def list(self) -> Response:
        return self._list()

    def _list(self) -> Response:
        views = SavedViews(self)
        default = None if request.args else views.default()
        if default is not None:
            return views.open(default)
        query = read_list_query(self, with_page_size(self, request.args))
        refusal = refused_filters(self, query)
        if refusal is not None:
            return refusal
        template = "panel/lists/_list.html" if wants_fragment() else self.list_template
        page = list_page(self, query, request.args)
        return with_etag(self.render_template(template, page=page, section=self))

    @expose("/filters")
    @requires("list")
    def choose_filters(self) -> str:
        return filter_form(self, read_list_query(self, request.args))

    @expose("/lookup/<string:name>")
    @requires("list")
    @limited(read=Group.SEARCH)
    def lookup(self, name: str) -> Response:
        return found_rows(self, name)

    @expose("/print")
    @requires("list")
    @limited(read=Group.LIST)
    def print_view(self) -> str:
        return printed_page(self, read_list_query(self, with_page_size(self, request.args)))

    @expose("/table", methods=["GET", "POST"])
    @requires("list")
    def table(self) -> Any:
        if request.method == "GET":
            return settings_form(self, self.shown_columns(), query_string(request.args))
        return save_settings(self)

    @expose("/views", methods=["GET", "POST"])
    @requires("list")
    def views(self) -> Any:
        views = SavedViews(self)
        return views.page(query_string(request.args)) if request.method == "GET" else views.save()

    @expose("/views/<pk>/open")
    @requires("list")
    def open_view(self, pk: str) -> Response:
        views = SavedViews(self)
        return views.open(views.find(pk))

    @expose("/views/<pk>/replace", methods=["POST"])
    @requires("list")
    def replace_view(self, pk: str) -> Response:
        return SavedViews(self).replace(pk)

    @expose("/views/<pk>/default", methods=["POST"])
    @requires("list")
    def default_view_of_mine(self, pk: str) -> Any:
        return SavedViews(self).toggle_default(pk)

    @expose("/views/<pk>/share", methods=["POST"])
    @requires("list")
    def share_view(self, pk: str) -> Any:
        return SavedViews(self).toggle_shared(pk)

    @expose("/views/<pk>/delete", methods=["POST"])
    @requires("list")
    def delete_view(self, pk: str) -> Any:
        return SavedViews(self).delete(pk)

    @expose("/inline/<pk>/<string:name>", methods=["GET", "POST"])
    @requires("edit")
    def inline_edit(self, pk: str, name: str) -> Any:
        return InlineEdit(self, pk, name).answer()
