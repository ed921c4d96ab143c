"""Actions on one row or on ticked rows: found in scope, asked for what is missing, confirmed by count, then done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.errors import Conflict, DomainError
from app.extensions import db
from app.panel.action import Action, Done
from app.panel.answers import finished, refused
from app.panel.base import Declared
from app.panel.confirm import MOST_UNASKED, confirm_first
from app.panel.guard import permitted, refuse_stranger, row_key, wants_fragment
from app.panel.listing import Step
from app.panel.membership import hold_membership
from app.panel.versions import read_versions, version_of
from models.audit_trail import name_act

# Ticked rows only; what matches a whole filter goes another way.
MOST_TICKED = 500


class ActionRoutes(Declared):
    """POST /action/<name>/<pk> and /action_post."""

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        return refuse_stranger() or self._act(name, [pk], bulk=False)

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        return refuse_stranger() or self._act(
            request.form.get("action", ""), request.form.getlist("rowid"), bulk=True
        )

    def _act(self, name: str, keys: Sequence[str], *, bulk: bool) -> Any:
        chosen = self.declared_actions.get(name)
        if chosen is None or not (chosen.bulk if bulk else chosen.single):
            abort(404)
        if not permitted(self, self.permission_of(chosen)):
            abort(403)
        if not 0 < len(keys) <= MOST_TICKED:
            return refused(_("Tick between 1 and 500 rows."), self.base_url)
        running = request.form.get("_step") == "run"
        if running:
            hold_membership()
        # What takes rows away looks at each of them once more, and holds it until it is gone.
        rows = self._in_scope([row_key(key) for key in keys], hold=running and chosen.danger)
        if chosen.asks_password or (chosen.danger and len(rows) > MOST_UNASKED):
            confirm_first()
        form = chosen.form() if chosen.form else None
        if running and (form is None or form.validate()):
            return self._run(chosen, rows, form)
        return self._ask(chosen, rows, form)

    def _in_scope(self, keys: Sequence[int], *, hold: bool = False) -> Sequence[Any]:
        """All of the rows or none: one that is not the actor's refuses the whole batch."""
        wanted = list(dict.fromkeys(keys))
        statement = self.statement().where(self.model.id.in_(wanted)).order_by(self.model.id)
        if hold:
            statement = statement.with_for_update(of=self.model).execution_options(populate_existing=True)
        rows = db.session.scalars(statement).all()
        if len(rows) != len(wanted):
            abort(404)
        return rows

    def _run(self, chosen: Action, rows: Sequence[Any], form: Any) -> Any:
        seen = read_versions(request.form.get("versions", "")) if chosen.danger else {}
        as_seen = [row for row in rows if version_of(row) == seen.get(row.id, version_of(row))]
        changed = len(rows) - len(as_seen)
        if not as_seen:
            words = ngettext(
                "%(num)s row had changed and stays.", "%(num)s rows had changed and stay.", changed
            )
            return finished(Done(words), self.base_url)
        keys = [row.id for row in rows]
        name_act(db.session(), _told_as(chosen), self.model, [row.id for row in as_seen])
        try:
            done = chosen.run(self, as_seen, form)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            if form is None:
                return refused(str(error), self.base_url)
            form.refuse(error)
            return self._ask(
                chosen, self._in_scope(keys), form, status=409 if isinstance(error, Conflict) else 422
            )
        return finished(_with_changed(done, changed), self.base_url)

    def _ask(
        self, chosen: Action, rows: Sequence[Any], form: Any, *, status: int = 422
    ) -> str | tuple[str, int] | Response:
        asked_again = request.form.get("_step") == "run"
        versions = request.form.get("versions", "")
        step = Step(
            title=str(chosen.label),
            sentence=chosen.confirm(len(rows)),
            action_url=request.path,
            hidden=[
                ("action", chosen.name),
                ("_step", "run"),
                *((("versions", versions),) if versions else ()),
                *(("rowid", str(row.id)) for row in rows),
            ],
            submit_label=chosen.submit(len(rows)),
            form=form,
            fields=[name for name in form._fields if name != "csrf_token"] if form else [],
            danger=chosen.danger,
        )
        template = "panel/step.html" if wants_fragment() else "panel/step_page.html"
        html = self.render_template(template, step=step, section=self)
        return (html, status) if asked_again else html


def _told_as(chosen: Action) -> str:
    return "delete" if chosen.name == "remove" else chosen.name


def _with_changed(done: Done, changed: int) -> Done:
    """*done*, and how many rows were left alone because somebody had changed them since they were ticked."""
    if not changed:
        return done
    words = ngettext(
        "%(done)s, %(num)s had changed.",
        "%(done)s, %(num)s had changed.",
        changed,
        done=done.message.rstrip("."),
    )
    return replace(done, message=words)
