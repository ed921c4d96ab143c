"""The trash: rows deleted within thirty days, restored one by one, as ticked, or as a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import abort, g, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.lib.persian import group_number
from app.panel.access import Access, lock_membership, requires, row_key, wants_fragment
from app.panel.action import Done
from app.panel.bulk.ticked import ticked_keys
from app.panel.lists.row_menus import RowMenus
from app.panel.page import Page
from app.panel.queries import counts as counting
from app.panel.queries.arguments import read_state
from app.panel.records.deleted_rows import Wanted, find_rows, merged
from app.panel.records.restore import restore, restored_words
from app.panel.responses import failure, success
from app.panel.section import Section
from app.panel.view_models import ROW_KEY, BulkButton, Empty, ListPage, MenuItem, TabLink
from views import groups
from views.oversight.trash.restore import (
    TrashDetails,
    count_deleted,
    deleted_keys,
    deleted_rows,
    sections_with_trash,
    trash_details,
    trash_page,
)
from views.oversight.trash.rows import trash_headings, trash_row


class Trash(Page):
    slug = "trash"
    title = _l("Trash")
    group, icon, menu_order = groups.OVERSIGHT, "trash", 620
    needs_organization = True
    right_labels = {"restore": _l("Restore")}
    roles = {"Manager": Access.actions("list", "restore")}

    @expose("/")
    @requires("list")
    def index(self) -> str:
        section = self._section(request.args.get("tab", ""))
        template = "panel/lists/_list.html" if wants_fragment() else "panel/lists/list.html"
        return self.render_template(template, page=self._page(section), section=section)

    @expose("/restore/<slug>", methods=["POST"])
    @requires("restore")
    def restore_ticked(self, slug: str) -> Response:
        section = self._section(slug)
        return self._restore_rows(section, set(ticked_keys(request.form)))

    @expose("/restore/<slug>/<pk>", methods=["POST"])
    @requires("restore")
    def restore_row(self, slug: str, pk: str) -> Response:
        return self._restore_rows(self._section(slug), {row_key(pk)})

    @expose("/restore-act/<slug>/<batch>", methods=["POST"])
    @requires("restore")
    def restore_act(self, slug: str, batch: str) -> Response:
        """Restore all rows of a batch, in all sections of the member."""
        asked = self._section(slug)
        try:
            wanted_batch = UUID(batch)
        except ValueError:
            abort(404)
        lock_membership()
        found = [
            find_rows(section.model, deleted_keys(section, section.model.delete_batch == wanted_batch))
            for section in sections_with_trash()
        ]
        return self._restore(asked, merged(found)) if any(found) else abort(404)

    def _restore_rows(self, section: Section, keys: set[int]) -> Response:
        """Restore all of the rows; 404 when the member cannot see one of them."""
        lock_membership()
        visible = deleted_keys(section, section.model.id.in_(keys))
        if len(visible) < len(keys):
            abort(404)
        return self._restore(section, find_rows(section.model, visible))

    def _restore(self, section: Section, wanted: Wanted) -> Response:
        try:
            restored = restore(wanted)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self._url(section))
        db.session.commit()
        words = restored_words(restored)
        return (
            success(Done(words), self._url(section))
            if restored.count()
            else failure(words, self._url(section))
        )

    def _section(self, slug: str) -> Section:
        """The section *slug*; without one, the first section with deleted rows."""
        sections = sections_with_trash()
        if not slug and sections:
            return next((each for each, count in _counted(sections) if count), sections[0])
        return next((each for each in sections if each.slug == slug), None) or abort(404)

    def _url(self, section: Section, **changes: Any) -> str:
        return f"{self.base_url}?{urlencode({'tab': section.slug} | changes)}"

    def _page(self, section: Section) -> ListPage:
        state = read_state(request.args, sortable=(), tabs=())
        leaf = trash_page(section, state.search, state.size, request.args)
        details = trash_details(section, leaf.shown.rows)
        menus = RowMenus(lambda row: row.delete_batch, lambda row: self._menu(section, row, details))
        carried = {
            name: value for name, value in (("q", state.search), ("size", request.args.get("size"))) if value
        }
        return ListPage(
            title=str(self.title),
            title_one=str(section.title_one),
            base_url=self.base_url,
            search=state.search,
            search_hint=str(section.search_hint),
            columns=trash_headings(section),
            rows=[trash_row(row, details, menus) for row in leaf.shown.rows],
            menus=menus.menus,
            first=leaf.first,
            last=leaf.last,
            total=min(leaf.total, counting.COUNT_CAP),
            total_is_capped=leaf.total > counting.COUNT_CAP,
            page_links=leaf.page_links(state.size, lambda changes: self._url(section, **carried, **changes)),
            bulk_url=f"{self.base_url}restore/{section.slug}",
            query=None,
            empty=self._empty(section, state.search),
            filtered=bool(state.search),
            tabs=self._tabs(section),
            clear_url=self._url(section),
            bulk=[BulkButton("restore", _("Restore"), "arrow-back-up")],
        )

    def _empty(self, section: Section, search: str) -> Empty:
        if search:
            hint = _("No %(what)s has these words; try fewer of them.", what=section.title_one)
            return Empty(_("Nothing matches"), hint, _("Clear the search"), self._url(section))
        title = _("The trash has no %(what)s", what=section.title_one)
        return Empty(title, _("What is deleted stays here for thirty days and can be brought back."))

    def _tabs(self, shown: Section) -> Sequence[TabLink]:
        return [
            TabLink(each.slug, str(each.title), self._url(each), count, each is shown)
            for each, count in _counted(sections_with_trash())
        ]

    def _menu(self, section: Section, row: Any, details: TrashDetails) -> Sequence[MenuItem]:
        one = MenuItem(
            _("Restore"),
            "arrow-back-up",
            f"{self.base_url}restore/{section.slug}/{ROW_KEY}",
            "post",
            "dialog",
        )
        count = details.together.get(row.delete_batch, 1)
        if count < 2:
            return [one]
        words = _("Restore all rows of this act")
        if count <= counting.BADGE_CAP:
            words = _("Restore the %(count)s rows of this act", count=group_number(count))
        url = f"{self.base_url}restore-act/{section.slug}/{row.delete_batch}"
        return [one, MenuItem(words, "stack-2", url, "post", "dialog")]


def _counted(sections: Sequence[Section]) -> Sequence[tuple[Section, int]]:
    """Each of *sections* with the number of its deleted rows, read once per request."""
    if "in_the_trash" not in g:
        counts = count_deleted([deleted_rows(each) for each in sections], cap=counting.BADGE_CAP)
        g.in_the_trash = list(zip(sections, counts, strict=True))
    found: Sequence[tuple[Section, int]] = g.in_the_trash
    return found
