"""The pages that add and edit a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import permitted, requires, row_key
from app.panel.action import Done
from app.panel.details import facts_of
from app.panel.forms.builder import PanelForm
from app.panel.forms.conflict import conflict_page
from app.panel.forms.declared_forms import DeclaredForms
from app.panel.forms.doubts import doubt_fields
from app.panel.forms.idempotency import DuplicateSubmission, fresh_nonce, nonce_again
from app.panel.forms.lines.amounts import set_amounts
from app.panel.forms.lines.field import typed_totals
from app.panel.forms.lines.rows import load_lines
from app.panel.forms.locking import StaleForm, version_fields, version_fields_again
from app.panel.forms.owner import preselect_owner
from app.panel.forms.parents_form import RowWithParents, with_parents
from app.panel.forms.related_rows import (
    RelatedRow,
    changed_row,
    editable_parents,
    locked_paths,
    only_sent,
    parent_versions,
    parent_versions_again,
)
from app.panel.responses import success
from app.panel.view_models import Fact, FormPage
from models.base import Row


class FormScreen(DeclaredForms):
    """/add and /edit/<pk>."""

    @expose("/add", methods=["GET", "POST"])
    @requires("add")
    def add(self) -> str | Response | tuple[str, int]:
        return self._form_page(self.model(), self.add_form_class(), _("Add %(what)s", what=self.title_one))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @requires("edit")
    def edit(self, pk: str) -> str | Response | tuple[str, int]:
        item = self.get_row(row_key(pk))
        load_lines(self.model, self.lines, [item])
        related = editable_parents(self, item)
        if request.method == "POST":
            related = only_sent(related, request.form)
        form_class = with_parents(self.edit_form_class(), related)
        title = _("Edit %(what)s", what=self.title_one)
        return self._form_page(item, form_class, title, existing=True, related=related)

    def _form_page(
        self,
        item: Row,
        form_class: type[PanelForm],
        title: str,
        *,
        existing: bool = False,
        related: Sequence[RelatedRow] = (),
    ) -> str | Response | tuple[str, int]:
        form = form_class(obj=RowWithParents(item, related) if existing else None)
        names = [name for name in form._fields if name != "csrf_token"]
        sent, status = request.method == "POST", 422
        if not (existing or sent):
            preselect_owner(self, form)
            self.preset(form)
        hidden = self._hidden(item, form, names, existing=existing, related=related)
        if sent and form.validate():
            try:
                saved = self.save(item, form, names, existing=existing, sent=request.form, related=related)
                if saved is not None:
                    words = self.saved_words(saved, existing=existing)
                    return success(Done(words), self.after_save_url(saved))
            except (StaleForm, StaleDataError):
                return self._conflict(item, form, names, title=title)
            except DuplicateSubmission as before:
                first = self._first_row(before)
                if before.is_same:
                    return self._show_first(first)
                # Other content under the same nonce: the user went back, so they confirm the second row.
                form.refuse(_second_row(first))
                hidden, status = fresh_nonce(), 409
        locked, stored = (self._locked_facts(item, related), item) if existing else ((), None)
        set_amounts(form, self.lines, self.model, stored)
        shown = [name for name in names if name not in typed_totals(self.lines)]
        label = _("Save anyway") if form.doubts else _("Save")
        hidden = [*hidden, *doubt_fields(form.doubts)]
        more = (locked, hidden, self.form_note(stored))
        page = FormPage(title, self.back_url(stored), form, shown, label, form.error_count, *more)
        html = self.render_template(self.form_template, page=page, section=self)
        return (html, status) if sent else html

    def _hidden(
        self,
        item: Row,
        form: PanelForm,
        names: Sequence[str],
        *,
        existing: bool,
        related: Sequence[RelatedRow] = (),
    ) -> Sequence[tuple[str, str]]:
        """The hidden fields of the form: the versions of the row and its parents, or the nonce of a new row."""
        sent = request.method == "POST"
        if existing and sent:
            return [*version_fields_again(request.form), *parent_versions_again(request.form)]
        if existing:
            return [*version_fields(form, names, item), *parent_versions(related)]
        return nonce_again(request.form) if sent else fresh_nonce()

    def _first_row(self, before: DuplicateSubmission) -> Any:
        """The row that the first submission added; None when it does not exist any more."""
        db.session.rollback()
        return db.session.scalar(self.statement().where(self.model.id == before.row_id))

    def _show_first(self, row: Row | None) -> Response:
        """A redirect to the page of *row*, or to the list when the member may not see it."""
        words = _("This form was sent before; %(what)s is saved once.", what=str(row or self.title_one))
        if row is None or not permitted(self, "can_show"):
            return success(Done(words), self.back_url())
        return success(Done(words), f"{self.base_url}show/{row.id}")

    def _conflict(self, item: Row, form: PanelForm, names: Sequence[str], *, title: str) -> tuple[str, int]:
        """The conflict page with the user's values and the saved ones; nothing is saved."""
        key = inspect(item).identity[0]
        db.session.rollback()
        # A query instead of a refresh, since the row may be deleted by now.
        fresh = self.statement().where(self.model.id == key).execution_options(populate_existing=True)
        row = db.session.scalar(fresh) or abort(404)
        load_lines(self.model, self.lines, [row])
        related = editable_parents(self, row)
        for each in related:
            db.session.refresh(each.row)
        theirs = with_parents(self.edit_form_class(), related)(
            formdata=None, obj=RowWithParents(row, related)
        )
        names = [name for name in names if name in theirs]
        changed = changed_row(row, related, request.form)
        place = {"title": title, "back_url": self.back_url(row)}
        page = conflict_page(row, form, theirs, names, request.form, changed=changed, **place)
        page = replace(page, hidden=[*page.hidden, *parent_versions(related)])
        return self.render_template(self.conflict_template, page=page, section=self), 409

    def _locked_facts(self, item: Row, related: Sequence[RelatedRow] = ()) -> Sequence[Fact]:
        """The values that the form shows and can't change."""
        paths = dict.fromkeys([*self.read_only, *locked_paths(self, related)])
        return facts_of(self, [self.describe(path) for path in paths], item)


def _second_row(first: Row | None) -> DomainError:
    """The question whether the form shall add a second row."""
    words = _l("This form has added %(what)s already. To add this one as well, save once more.")
    return DomainError(words, what=str(first or "—"))
