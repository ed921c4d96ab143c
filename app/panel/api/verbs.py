"""What REST does with rows: list, show, add, edit, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import g, jsonify, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import lock_membership, log_view
from app.panel.api.argument_schemas import argument_schemas
from app.panel.api.auth import ROOT
from app.panel.api.body import read_body, read_form, save_form
from app.panel.api.errors import Problem
from app.panel.api.paths import IDEMPOTENCY_KEY, KEY_SCHEMA
from app.panel.api.rows import row_in_scope, row_response
from app.panel.api.serialization import row_as_json
from app.panel.api.validation import check_arguments
from app.panel.api.versions import refuse_other_version
from app.panel.errors.organization_needed import rest_hint
from app.panel.forms.idempotency import NONCE
from app.panel.forms.lines.rows import load_lines
from app.panel.lists.list_query import ListQuery, read_list_query
from app.panel.lists.page import list_url, page_data
from app.panel.queries import counts, cursor
from app.panel.section import Section


def index(section: Section) -> Response:
    arguments = MultiDict(request.args.items(multi=True))
    list_query = _list_query(section, arguments)
    log_view(section, None)
    total = counts.capped_counts({"rest": list_query.template}, exact={"rest"}, values=list_query.parameters)[
        "rest"
    ]
    place = cursor.read_cursor(arguments, list_query.order)
    if place == cursor.Cursor() and not {cursor.AFTER, cursor.BEFORE}.isdisjoint(arguments):
        raise Problem(404)  # An unreadable cursor would show the first page again, and the client would loop.
    data = page_data(section, list_query, total, arguments)
    keys = [row.id for row in data.shown.rows]
    rows = {row.id: row for row in db.session.scalars(section.statement().where(section.model.id.in_(keys)))}
    load_lines(section.model, section.lines, list(rows.values()))
    links = data.page_links(
        list_query.state.size,
        lambda changes: list_url(
            section, arguments, drop=cursor.POSITION, at=request.path, **_without_number(changes)
        ),
    )
    hint = rest_hint() if section.needs_organization else None
    return jsonify(
        **({} if hint is None else {"hint": hint}),
        items=[row_as_json(section, rows[key]) for key in keys if key in rows],
        count=min(total, counts.COUNT_CAP),
        count_is_capped=total > counts.COUNT_CAP,
        next=links.next,
        previous=links.previous if place else None,
    )


def _without_number(changes: Mapping[str, Any]) -> dict[str, Any]:
    """*changes* without the row number, which only the pages of the panel show."""
    return {name: value for name, value in changes.items() if name != cursor.NUMBER}


def _list_query(section: Section, arguments: MultiDict[str, str]) -> ListQuery:
    """The query of the address, by default for all rows; raises `Problem` for unknown or unreadable arguments."""
    check = check_arguments(argument_schemas(section), arguments)
    if section.tabs and "tab" not in arguments:
        arguments["tab"] = "all" if any(tab.key == "all" for tab in section.tabs) else section.tabs[0].key
    list_query = read_list_query(section, arguments)
    unreadable = {each.argument: [each.sentence] for each in list_query.filters.problems}
    if unreadable or check.refused:
        raise Problem(check.code_of(unreadable), errors={**check.refused, **unreadable})
    return list_query


def show(section: Section, pk: str) -> Response:
    row = row_in_scope(section, pk)
    log_view(section, pk)
    response = row_response(section, row)
    return response.make_conditional(request)


def add(section: Section) -> Response:
    body = read_body()
    _claim(section, body)
    row = section.model()
    check, form = read_form(section, row, section.add_form_class(), body, existing=False)
    saved = save_form(section, row, check, form, existing=False)
    response = row_response(section, saved)
    response.status_code = 201
    response.headers["Location"] = f"{ROOT}{section.slug}/{saved.id}"
    return response


def edit(section: Section, pk: str) -> Response:
    row = row_in_scope(section, pk, lock=True)
    load_lines(section.model, section.lines, [row])
    body = read_body()
    check, form = read_form(section, row, section.edit_form_class(), body, existing=True)
    refuse_other_version(row)
    return row_response(section, save_form(section, row, check, form, existing=True))


def delete(section: Section, pk: str) -> tuple[str, int]:
    lock_membership()
    row = row_in_scope(section, pk, lock=True)
    refuse_other_version(row)
    try:
        section.delete_rows([row], None)
        db.session.commit()
    except DomainError as error:
        raise Problem(409, str(error)) from error
    return "", 204


def _claim(section: Section, body: Mapping[str, Any]) -> None:
    """Store the Idempotency-Key as the nonce that `FormScreen.save` claims."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not re.fullmatch(KEY_SCHEMA["pattern"], key):
        raise Problem(422, errors={IDEMPOTENCY_KEY: [_("Send 1 to 60 letters, digits or marks.")]})
    sent = {NONCE: f"api {key}", "body": str(sorted(body.items(), key=str))} if key else {}
    g.rest_claim = MultiDict(sent)
