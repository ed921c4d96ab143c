"""The pages that add and edit a row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import permitted, requires, row_key
from app.panel.action import Done
from app.panel.declaration import Declaration
from app.panel.forms.builder import PanelForm, build_form, refuse_taken, taken_by_race
from app.panel.forms.conflict import conflict_page
from app.panel.forms.idempotency import DuplicateSubmission, claim, fresh_nonce, nonce_again, note_row
from app.panel.forms.locking import StaleForm, refuse_stale, version_fields, version_fields_again
from app.panel.forms.owner import preselect_owner, preset_owner, withheld_names
from app.panel.forms.rules import refuse_broken_rules
from app.panel.responses import success
from app.panel.view_models import Fact, FormPage
from models.audit.recorder import name_event
from models.base import Row


class FormScreen(Declaration):
    """/add and /edit/<pk>."""

    @expose("/add", methods=["GET", "POST"])
    @requires("add")
    def add(self) -> str | Response | tuple[str, int]:
        return self._form_page(self.model(), self.add_form_class(), _("Add %(what)s", what=self.title_one))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @requires("edit")
    def edit(self, pk: str) -> str | Response | tuple[str, int]:
        item = self.get_row(row_key(pk))
        return self._form_page(
            item, self.edit_form_class(), _("Edit %(what)s", what=self.title_one), existing=True
        )

    @cached_property
    def _add_form(self) -> type[PanelForm]:
        return self._built(self.form, self.extra_fields)

    @cached_property
    def _edit_form(self) -> type[PanelForm]:
        names = self.edit_fields if self.edit_fields is not None else self.form
        return self._built(names, self.extra_edit_fields)

    def _built(self, names: Sequence[str], extra: dict[str, Any]) -> type[PanelForm]:
        withheld = partial(withheld_names, self)
        return build_form(self.model, names, base_url=self.base_url, extra=extra, withheld=withheld)

    def add_form_class(self) -> type[PanelForm]:
        return self._add_form

    def edit_form_class(self) -> type[PanelForm]:
        return self._edit_form

    def _form_page(
        self, item: Row, form_class: type[PanelForm], title: str, *, existing: bool = False
    ) -> str | Response | tuple[str, int]:
        form = form_class(obj=item if existing else None)
        names = [name for name in form._fields if name != "csrf_token"]
        sent, status = request.method == "POST", 422
        if not (existing or sent):
            preselect_owner(self, form)
        hidden = self._hidden(item, form, names, existing=existing)
        if sent and form.validate():
            try:
                saved = self.save(item, form, names, existing=existing, sent=request.form)
                if saved is not None:
                    words = _("%(what)s saved.", what=str(saved))
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
        locked = self._locked_facts(item) if existing else ()
        page = FormPage(title, self.base_url, form, names, _("Save"), form.error_count, locked, hidden)
        html = self.render_template(self.form_template, page=page, section=self)
        return (html, status) if sent else html

    def _hidden(
        self, item: Row, form: PanelForm, names: Sequence[str], *, existing: bool
    ) -> Sequence[tuple[str, str]]:
        """The hidden fields of the form: the row's version, or the nonce of a new row."""
        sent = request.method == "POST"
        if existing:
            return version_fields_again(request.form) if sent else version_fields(form, names, item)
        return nonce_again(request.form) if sent else fresh_nonce()

    def _first_row(self, before: DuplicateSubmission) -> Any:
        """The row that the first submission added; None when it does not exist any more."""
        db.session.rollback()
        return db.session.scalar(self.statement().where(self.model.id == before.row_id))

    def _show_first(self, row: Row | None) -> Response:
        """A redirect to the page of *row*, or to the list when the member may not see it."""
        words = _("This form was sent before; %(what)s is saved once.", what=str(row or self.title_one))
        if row is None or not permitted(self, "can_show"):
            return success(Done(words), self.base_url)
        return success(Done(words), f"{self.base_url}show/{row.id}")

    def _conflict(self, item: Row, form: PanelForm, names: Sequence[str], *, title: str) -> tuple[str, int]:
        """The conflict page with the user's values and the saved ones; nothing is saved."""
        key = inspect(item).identity[0]
        db.session.rollback()
        # A query instead of a refresh, since the row may be deleted by now.
        fresh = self.statement().where(self.model.id == key).execution_options(populate_existing=True)
        row = db.session.scalar(fresh) or abort(404)
        theirs = type(form)(formdata=None, obj=row)
        page = conflict_page(row, form, theirs, names, request.form, title=title, back_url=self.base_url)
        return self.render_template("panel/forms/conflict.html", page=page, section=self), 409

    def _locked_facts(self, item: Row) -> Sequence[Fact]:
        """The values that the form shows and can't change."""
        return self.facts_of([self.describe(path) for path in self.read_only], item)

    def save(
        self, item: Row, form: PanelForm, names: Sequence[str], *, existing: bool, sent: MultiDict[str, str]
    ) -> Any:
        """Save and commit the row and return it; None when a value was refused, with the reason on the form.

        *sent* has the hidden fields: the row's version, or the nonce of a new row.
        """
        try:
            claimed = None
            if existing:
                refuse_stale(item, sent)
            else:
                claimed = claim(type(self).__name__, sent)
            saved = self.write(item, form, names, existing=existing)
            note_row(claimed, saved.id)
            name_event(db.session(), "edit" if existing else "add", self.model, [saved.id])
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        except IntegrityError as error:
            db.session.rollback()
            form.refuse(taken_by_race(error, names))
        else:
            return saved
        return None

    def write(self, item: Any, form: PanelForm, names: Sequence[str], *, existing: bool) -> Any:
        """The row as the form fills it, flushed; raises `DomainError` or `IntegrityError` for what can't be stored."""
        with db.session.no_autoflush:
            saved = self.store(item, form, existing=existing)
        refuse_broken_rules(self, [saved])
        refuse_taken(self.model, saved, names)
        db.session.flush()
        return saved

    def store(self, item: Any, form: PanelForm, *, existing: bool) -> Any:
        """Write the form's values into the row; an override may call a service instead."""
        form.populate_obj(item)
        if not existing:
            preset_owner(self, item)
            db.session.add(item)
        return item

    def after_save_url(self, item: Row) -> str:
        return self.base_url


def _second_row(first: Row | None) -> DomainError:
    """The question whether the form shall add a second row."""
    words = _l("This form has added %(what)s already. To add this one as well, save once more.")
    return DomainError(words, what=str(first or "—"))
