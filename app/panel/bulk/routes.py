"""The routes of actions on one row, on ticked rows or on all matching rows: a confirmation step, then the action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import abort, make_response, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.errors import Conflict, DomainError
from app.extensions import db
from app.lib.persian import group_number
from app.panel.access import (
    lock_membership,
    permitted,
    require_login,
    require_organization,
    row_key,
    wants_fragment,
)
from app.panel.action import Action, Done, action, counted
from app.panel.bulk.conditions import ConditionRefused, run_locked, split_rows
from app.panel.bulk.confirmation import (
    Shown,
    confirmation,
    confirmation_for_all,
    is_confirmed,
    selection_fields,
    shown_of,
    statement_of,
)
from app.panel.bulk.edit import ChangeForm, change_form, change_rows
from app.panel.bulk.progress import job_page
from app.panel.bulk.selection import ALL, MOST_AT_ONCE, TYPED, Matching, UnreadableQuery, matching, queue
from app.panel.bulk.ticked import ticked_keys
from app.panel.declaration import Declaration
from app.panel.forms.builder import PanelForm
from app.panel.forms.locking import read_versions, version_of
from app.panel.forms.reauthentication import MOST_UNASKED, require_recent_password
from app.panel.responses import failure, success
from models.base import Row
from models.tenancy.scope import actor_of


class BulkScreen(Declaration):
    """POST /action/<name>/<pk> and /action_post, and the action «change values»."""

    @action(
        _l("Change values"),
        icon="adjustments",
        confirm=counted(
            "%(num)s %(what)s will be changed. What you leave empty stays as it is.",
            "%(num)s of %(what)s will be changed. What you leave empty stays as it is.",
        ),
        submit=counted("Change %(num)s %(what)s", "Change %(num)s of %(what)s"),
        single=False,
        name="change",
    )
    def edit_rows(self, rows: Sequence[Any], form: ChangeForm) -> Done:
        return change_rows(self, rows, form)

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        return require_login() or self._act(self._permitted_action(name, bulk=False), [row_key(pk)])

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        refusal = require_login()
        if refusal is not None:
            return refusal
        chosen = self._permitted_action(request.form.get("action", ""), bulk=True)
        if request.form.get(ALL):
            return self._act_on_all(chosen)
        return self._act(chosen, ticked_keys(request.form))

    def change_form(self) -> type[ChangeForm]:
        return change_form(self)

    def _permitted_action(self, name: str, *, bulk: bool) -> Action:
        chosen = self.declared_actions.get(name)
        if chosen is None or not (chosen.bulk if bulk else chosen.single):
            abort(404)
        if not permitted(self, self.permission_of(chosen)):
            abort(403)
        if self.needs_organization:
            require_organization(self)
        return chosen

    def _act(self, chosen: Action, keys: Sequence[int]) -> Any:
        runs = is_confirmed() or not chosen.asks
        if runs:
            lock_membership()
        # A dangerous action compares the versions of the rows, so it locks them first.
        rows = self.rows_in_scope(keys, lock=runs and chosen.danger)
        _check_password(chosen, len(rows))
        form = chosen.form() if chosen.form else None
        if runs and (form is None or form.validate()):
            return self._run(chosen, rows, form)
        choice = split_rows(self, chosen, rows)
        if not choice.able:
            return failure(" ".join(choice.sentences), self.base_url, dialog_close=True, list_reload=True)
        if form is not None and chosen.prefill and not is_confirmed() and len(rows) == 1:
            chosen.prefill(form, rows[0])
        return confirmation(self, chosen, selection_fields(rows), form, shown_of(self, choice))

    def _act_on_all(self, chosen: Action) -> Any:
        if is_confirmed():
            lock_membership()
        try:
            found = matching(self, request.form)
        except UnreadableQuery as error:
            return failure(str(error), self.base_url)
        if not found.count:
            return failure(_("Nothing matches any more."), self.base_url)
        _check_password(chosen, found.count)
        form = chosen.form() if chosen.form else None
        mistake = found.mistake(request.form.get(TYPED, "")) if is_confirmed() else None
        if not is_confirmed() or (form is not None and not form.validate()) or mistake:
            return confirmation_for_all(self, chosen, found, form, mistake=mistake)
        if found.count > MOST_AT_ONCE:
            if actor_of(db.session()).organization_id is None:
                # A job belongs to an organisation.
                words = _("At most %(most)s at once; narrow the list.", most=group_number(MOST_AT_ONCE))
                return failure(words, self.base_url, dialog_close=True)
            return self._queue(chosen, found, form)
        statement = found.statement.order_by(self.model.id)
        if chosen.danger:
            statement = statement.with_for_update(of=self.model).execution_options(populate_existing=True)
        return self._run(chosen, db.session.scalars(statement).all(), form)

    def rows_in_scope(self, keys: Sequence[int], *, lock: bool = False) -> Sequence[Row]:
        """The rows of *keys*; 404 when one of them is not in scope."""
        wanted = list(dict.fromkeys(keys))
        statement = self.statement().where(self.model.id.in_(wanted)).order_by(self.model.id)
        if lock:
            statement = statement.with_for_update(of=self.model).execution_options(populate_existing=True)
        rows: Sequence[Row] = db.session.scalars(statement).all()
        if len(rows) != len(wanted):
            abort(404)
        return rows

    def _run(self, chosen: Action, rows: Sequence[Row], form: PanelForm | None) -> Any:
        seen = read_versions(request.form.get("versions", "")) if chosen.danger else {}
        as_seen = [row for row in rows if version_of(row) == seen.get(row.id, version_of(row))]
        changed = len(rows) - len(as_seen)
        if not as_seen:
            words = _("%(num)s %(what)s had changed and stay.", num=changed, what=self.title_one)
            return success(Done(words), self.base_url)
        keys = [row.id for row in rows]
        try:
            done = run_locked(self, chosen, as_seen, form)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            if form is None:
                stale = isinstance(error, ConditionRefused)
                events = {"dialog_close": True, "list_reload": True} if stale else {}
                return failure(str(error), self.base_url, **events)
            form.refuse(error)
            code = 409 if isinstance(error, Conflict) else 422
            rows = self.rows_in_scope(keys)
            choice = split_rows(self, chosen, rows)
            shown = shown_of(self, choice) if choice.able else Shown(len(keys), statement_of(self, rows))
            return confirmation(self, chosen, selection_fields(rows), form, shown, status=code)
        return success(_with_changed(done, changed), self.base_url)

    def _queue(self, chosen: Action, found: Matching, form: PanelForm | None) -> Response:
        job = queue(self, chosen, found, form, request.form)
        db.session.commit()
        page = job_page(job)
        if not wants_fragment():
            return redirect(page.url)
        response = make_response(self.render_template("panel/bulk/dialog.html", page=page))
        response.headers["HX-Trigger"] = "bulk:queued"
        return response


def _check_password(chosen: Action, count: int) -> None:
    if chosen.asks_password or (chosen.danger and count > MOST_UNASKED):
        require_recent_password()


def _with_changed(done: Done, changed: int) -> Done:
    """*done*, with the number of rows that were skipped because another member had changed them."""
    if not changed:
        return done
    words = ngettext(
        "%(done)s, %(num)s had changed.",
        "%(done)s, %(num)s had changed.",
        changed,
        done=done.message.rstrip("."),
    )
    return replace(done, message=words)
