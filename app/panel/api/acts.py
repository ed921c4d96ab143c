"""What REST does with rows besides storing them: the actions of a list, and the acts of a section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.errors import Conflict, DomainError
from app.extensions import db
from app.panel.access import lock_membership
from app.panel.action import Action, RestAct
from app.panel.api.body import read_body, read_form
from app.panel.api.errors import Problem
from app.panel.api.rows import row_in_scope, row_response
from app.panel.api.versions import check_version_header, refuse_other_version
from app.panel.bulk.conditions import run_locked
from app.panel.section import Section
from models.job import BulkJob


def run_action(section: Section, pk: str, *, chosen: Action) -> Response:
    """Run an action with `rest` on one row, under the same condition as in the list."""
    lock_membership()
    row = row_in_scope(section, pk)
    if request.headers.get("If-Match"):
        check_version_header()
        refuse_other_version(row)
    form = None
    body = read_body() if chosen.form or request.content_length else {}
    if chosen.form is not None:
        _check, form = read_form(section, row, chosen.form, body, existing=False)
    elif body:
        raise _no_values(body)
    with _refused_as_problem():
        run_locked(section, chosen, [row], form)
        db.session.commit()
    return row_response(section, row_in_scope(section, pk))


def run_act(section: Section, pk: str, *, act: RestAct) -> Response:
    """Run an act of the section and answer with its row, or with 202 and the job that does the work."""
    lock_membership()
    body = read_body() if act.form or request.content_length else {}
    form = None
    if act.form is not None:
        _check, form = read_form(section, section.model(), act.form, body, existing=False)
    elif body:
        raise _no_values(body)
    with _refused_as_problem():
        done = act.run(section, int(pk), form)
        db.session.commit()
    if isinstance(done, BulkJob):
        response = jsonify(job=done.id)
        response.status_code, response.headers["Location"] = 202, f"/jobs/{done.id}"
        return response
    return row_response(section, row_in_scope(section, str(done.id)))


def _no_values(body: Mapping[str, Any]) -> Problem:
    return Problem(422, errors={name: [_("This action has no such value.")] for name in body})


@contextmanager
def _refused_as_problem() -> Iterator[None]:
    """Roll back what was refused, and answer with the reason."""
    try:
        yield
    except DomainError as error:
        db.session.rollback()
        errors = {error.field: [str(error)]} if error.field else None
        raise Problem(409 if isinstance(error, Conflict) else 422, str(error), errors=errors) from error
