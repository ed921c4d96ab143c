"""Adding and editing a row: one form, one transaction, refusals beside their fields."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.acting import currency
from app.panel.action import Done
from app.panel.answers import finished
from app.panel.base import Declared
from app.panel.forms import TAKEN, PanelForm, build_form, is_unique_violation, refuse_taken
from app.panel.guard import needs, row_key
from app.panel.listing import Fact, FormPage


class FormRoutes(Declared):
    """GET and POST of /add and /edit/<pk>."""

    @expose("/add", methods=["GET", "POST"])
    @needs("add")
    def add(self) -> str | Response | tuple[str, int]:
        return self._form_page(self.model(), self.add_form_class(), _("Add %(what)s", what=self.title_one))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @needs("edit")
    def edit(self, pk: str) -> str | Response | tuple[str, int]:
        item = self.get_row(row_key(pk))
        return self._form_page(
            item, self.edit_form_class(), _("Edit %(what)s", what=self.title_one), existing=True
        )

    @cached_property
    def _add_form(self) -> type[PanelForm]:
        return build_form(self.model, self.form, base_url=self.base_url, extra=self.form_extra)

    @cached_property
    def _edit_form(self) -> type[PanelForm]:
        names = self.edit_fields if self.edit_fields is not None else self.form
        return build_form(self.model, names, base_url=self.base_url, extra=self.edit_extra)

    def add_form_class(self) -> type[PanelForm]:
        return self._add_form

    def edit_form_class(self) -> type[PanelForm]:
        return self._edit_form

    def _form_page(
        self, item: Any, form_class: type[PanelForm], title: str, *, existing: bool = False
    ) -> str | Response | tuple[str, int]:
        form = form_class(obj=item if existing else None)
        names = [name for name in form._fields if name != "csrf_token"]
        if request.method == "POST" and form.validate() and self._save(item, form, names, existing=existing):
            words = _("%(what)s saved.", what=str(item))
            return finished(Done(words), self.after_save_url(item))
        locked = self._locked_facts(item) if existing else ()
        page = FormPage(title, self.base_url, form, names, _("Save"), form.error_count, locked)
        html = self.render_template("panel/form.html", page=page, section=self)
        return (html, 422) if request.method == "POST" else html

    def _locked_facts(self, item: Any) -> Sequence[Fact]:
        """What belongs to the row but can't be changed here: shown, so that nobody looks for it."""
        unit = currency()
        cells = [self.cell_of(self.describe(path), item, unit) for path in self.locked]
        return [Fact(each.label, each.kind, each.text, each.colour, each.href) for each in cells]

    def _save(self, item: Any, form: PanelForm, names: Sequence[str], *, existing: bool) -> bool:
        try:
            with db.session.no_autoflush:
                saved = self.store(item, form, existing=existing)
            refuse_taken(self.model, saved, names)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        except IntegrityError as error:
            db.session.rollback()
            if not is_unique_violation(error):
                raise
            form.refuse(DomainError(TAKEN, field=names[0]))
        else:
            return True
        return False

    def store(self, item: Any, form: PanelForm, *, existing: bool) -> Any:
        """Write the form into the row; a section whose rows follow rules calls its service instead."""
        form.populate_obj(item)
        if not existing:
            db.session.add(item)
        return item

    def after_save_url(self, item: Any) -> str:
        return self.base_url
