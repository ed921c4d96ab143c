"""Inline edit: one value is edited in its cell of the list, with the form's field, validation and version check."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, make_response, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import row_key, wants_fragment
from app.panel.action import Done
from app.panel.declaration import Declaration
from app.panel.forms.builder import PanelForm, build_form
from app.panel.forms.difference import side_of
from app.panel.forms.fields import SwitchField
from app.panel.forms.locking import (
    StaleForm,
    refuse_stale,
    version_fields,
    version_fields_again,
)
from app.panel.forms.owner import withheld_names
from app.panel.forms.rules import refuse_broken_rules
from app.panel.forms.uniqueness import refuse_taken, taken_by_race
from app.panel.responses import success
from models.audit.recorder import name_event
from models.base import Row

Hidden = Sequence[tuple[str, str]]


class InlineEdit:
    """The cell *name* of the row *pk*: its form on GET, its new value on POST."""

    def __init__(self, section: Declaration, pk: str, name: str) -> None:
        if name not in section.inline:
            abort(404)
        if name in withheld_names(section):
            abort(403)
        self.section, self.name, self.key = section, name, row_key(pk)

    def answer(self) -> Response:
        row = self.section.get_row(self.key)
        form = self._form_class()(obj=row)
        if request.method == "GET":
            return self._page(form, version_fields(form, [self.name], row))
        if self.name not in request.form and not isinstance(form[self.name], SwitchField):
            # The request is not from this form, which sends an empty text for an empty field.
            abort(400)
        if not form.validate():
            return self._page(form, version_fields_again(request.form), status=422)
        try:
            return self._save(row, form)
        except (StaleForm, StaleDataError):
            return self._conflict(form)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        except IntegrityError as error:
            db.session.rollback()
            form.refuse(taken_by_race(error, [self.name]))
        return self._page(form, version_fields_again(request.form), status=422)

    def _form_class(self) -> type[PanelForm]:
        own = self.section.extra_edit_fields
        extra = {self.name: own[self.name]} if self.name in own else {}
        return build_form(self.section.model, [self.name], base_url=self.section.base_url, extra=extra)

    def _save(self, row: Row, form: PanelForm) -> Response:
        refuse_stale(row, request.form)
        with db.session.no_autoflush:
            form.populate_obj(row)
        refuse_broken_rules(self.section, [row])
        refuse_taken(self.section.model, row, [self.name])
        db.session.flush()
        name_event(db.session(), "edit", self.section.model, [row.id])
        db.session.commit()
        return success(Done(_("%(what)s saved.", what=str(row))), self.section.base_url)

    def _conflict(self, form: PanelForm) -> Response:
        """The form with a message that shows the saved value; the next save overwrites that value."""
        db.session.rollback()
        mine = self.section.statement().where(self.section.model.id == self.key)
        row = db.session.scalar(mine.execution_options(populate_existing=True)) or abort(404)
        theirs = type(form)(formdata=None, obj=row)
        words = _(
            "Somebody wrote «%(value)s» meanwhile; save once more to write over it.",
            value=side_of(theirs[self.name]).text,
        )
        form[self.name].errors = [*form[self.name].errors, words]
        return self._page(form, version_fields(theirs, [self.name], row), status=409)

    def _page(self, form: PanelForm, hidden: Hidden, *, status: int = 200) -> Response:
        identity = f"inline-{self.key}-{self.name}"
        html = self.section.render_template(
            "panel/forms/inline.html" if wants_fragment() else "panel/forms/inline_page.html",
            form=form,
            field=form[self.name],
            hidden=hidden,
            identity=identity,
            url=f"{self.section.base_url}inline/{self.key}/{self.name}",
            section=self.section,
        )
        response: Response = make_response(html, status)
        if status != 200:
            response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#{identity}", "outerHTML"
        return response
