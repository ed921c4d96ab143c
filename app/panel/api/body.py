"""REST request bodies, validated and saved by the section's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from app.extensions import db
from app.panel.api.errors import Problem
from app.panel.api.row_schemas import body_schema
from app.panel.api.serialization import sent_values
from app.panel.api.validation import Check, check_body, read_json
from app.panel.forms.builder import PanelForm
from app.panel.forms.idempotency import DuplicateSubmission
from app.panel.forms.lines.field import LinesField
from app.panel.section import Section
from models.base import Row

MOST_BYTES = 256 * 1024


def read_body() -> dict[str, Any]:
    if not request.is_json:
        raise Problem(415)
    if (request.content_length or 0) > MOST_BYTES:
        raise Problem(413)
    try:
        body = read_json(request.get_data())
    except (HTTPException, RecursionError, ValueError) as error:
        raise Problem(400) from error
    if not isinstance(body, dict):
        raise Problem(422, errors={"": [_("Send an object of names and values.")]})
    return body


def read_form(
    section: Section, row: Row, form_class: type[PanelForm], body: Mapping[str, Any], *, existing: bool
) -> tuple[Check, PanelForm]:
    """The schema check and the valid form of *body*; raises `Problem` for invalid values."""
    check = check_body(body_schema(form_class, is_new=not existing), body)
    meta = {"csrf": False, "wrap_formdata": lambda _form, formdata: formdata}
    shown = row if existing else None
    blank = form_class(formdata=None, obj=shown, meta=meta)
    form = form_class(formdata=sent_values(blank, _names(blank), body), obj=shown, meta=meta)
    if not form.validate() or check.refused:
        raise _refusal(check, form)
    return check, form


def _names(form: PanelForm) -> list[str]:
    return [name for name in form._fields if name != "csrf_token"]


def save_form(section: Section, row: Row, check: Check, form: PanelForm, *, existing: bool) -> Any:
    claim = MultiDict() if existing else g.rest_claim
    try:
        saved = section.save(row, form, _names(form), existing=existing, sent=claim)
    except DuplicateSubmission as before:
        return _first_of(section, before)
    if saved is None:
        raise _refusal(check, form)
    return saved


def _first_of(section: Section, before: DuplicateSubmission) -> Any:
    """The row that the first request with this key added; raises `Problem` when the content differs."""
    db.session.rollback()
    first = db.session.scalar(section.statement().where(section.model.id == before.row_id))
    if before.is_same and first is not None:
        return first
    raise Problem(409) from before


def _refusal(check: Check, form: PanelForm) -> Problem:
    errors = _form_errors(form)
    return Problem(
        check.code_of(errors), _("Some values can't be taken."), errors={**errors, **check.refused, **errors}
    )


def _form_errors(form: PanelForm) -> dict[str, list[str]]:
    errors = {str(name or ""): [str(each) for each in found] for name, found in form.errors.items() if found}
    for field in form:
        for each in field.problems if isinstance(field, LinesField) else ():
            errors[each.path] = [str(message) for message in each.messages]
    return errors
