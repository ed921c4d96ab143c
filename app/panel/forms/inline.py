"""One value edited where it stands in the list: its own field, the form's validation, the row's version."""

from __future__ import annotations

from typing import Any

from flask import abort, make_response, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.action import Done
from app.panel.forms.builder import PanelForm, build_form, refuse_taken, taken_by_race
from app.panel.forms.fields import SwitchField
from app.panel.forms.locking import StaleForm, refuse_stale, stamp, stamp_again, wire
from app.panel.forms.owner import withheld_names
from app.panel.guard import needs, row_key, wants_fragment
from app.panel.lists.preference_routes import TableRoutes
from app.panel.responses import finished
from models.audit.recorder import name_event


class InlineRoutes(TableRoutes):
    """GET and POST /inline/<pk>/<name>."""

    @expose("/inline/<pk>/<string:name>", methods=["GET", "POST"])
    @needs("edit")
    def inline_edit(self, pk: str, name: str) -> Any:
        if name not in self.inline:
            abort(404)
        if name in withheld_names(self):
            abort(403)
        row = self.get_row(row_key(pk))
        form = self._inline_form(name)(obj=row)
        if request.method == "GET":
            return self._inline(row.id, form, name, stamp(form, [name], row))
        if name not in request.form and not isinstance(form[name], SwitchField):
            # No form of ours: an emptied field sends its emptiness.
            abort(400)
        if not form.validate():
            return self._inline(row.id, form, name, stamp_again(request.form), status=422)
        try:
            return self._save_inline(row, form, name)
        except (StaleForm, StaleDataError):
            return self._changed_meanwhile(pk, form, name)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        except IntegrityError as error:
            db.session.rollback()
            form.refuse(taken_by_race(error, [name]))
        return self._inline(int(pk), form, name, stamp_again(request.form), status=422)

    def _inline_form(self, name: str) -> type[PanelForm]:
        extra = {key: field for key, field in (self.edit_extra or {}).items() if key == name}
        form: type[PanelForm] = build_form(self.model, [name], base_url=self.base_url, extra=extra)
        return form

    def _save_inline(self, row: Any, form: PanelForm, name: str) -> Response:
        refuse_stale(row, request.form)
        with db.session.no_autoflush:
            form.populate_obj(row)
        refuse_taken(self.model, row, [name])
        db.session.flush()
        name_event(db.session(), "edit", self.model, [row.id])
        db.session.commit()
        return finished(Done(_("%(what)s saved.", what=str(row))), self.base_url)

    def _changed_meanwhile(self, pk: str, form: PanelForm, name: str) -> Response:
        """Somebody else was first: his value is shown, what was typed stays, and saving once more writes over his."""
        db.session.rollback()
        fresh = self.statement().where(self.model.id == row_key(pk)).execution_options(populate_existing=True)
        row = db.session.scalar(fresh) or abort(404)
        theirs = type(form)(formdata=None, obj=row)
        words = _(
            "Somebody wrote «%(value)s» meanwhile; save once more to write over it.",
            value=_shown(theirs[name]),
        )
        form[name].errors = [*form[name].errors, words]
        return self._inline(row.id, form, name, stamp(theirs, [name], row), status=409)

    def _inline(self, key: int, form: PanelForm, name: str, hidden: Any, *, status: int = 200) -> Response:
        identity = f"inline-{key}-{name}"
        html = self.render_template(
            "panel/inline.html" if wants_fragment() else "panel/inline_page.html",
            form=form,
            field=form[name],
            hidden=hidden,
            identity=identity,
            url=f"{self.base_url}inline/{key}/{name}",
            section=self,
        )
        response = make_response(html, status)
        if status != 200:
            response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#{identity}", "outerHTML"
        return response


def _shown(field: Any) -> str:
    chosen = (
        [label for value, label, selected, *_rest in field.iter_choices() if selected]
        if hasattr(field, "iter_choices")
        else []
    )
    return str(chosen[0]) if chosen else wire(field) or "—"
