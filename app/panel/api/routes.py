"""The REST routes of sections with `rest = True`, with the rows, forms, rights and messages of the panel."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, g, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import appbuilder, csrf, db
from app.panel.access import lock_membership, log_view, permitted
from app.panel.api.auth import ROOT
from app.panel.api.body import read_form, save_form
from app.panel.api.errors import Problem, handle_problems
from app.panel.api.openapi import IDEMPOTENCY_KEY, KEY_SCHEMA, describe, openapi
from app.panel.api.schemas import ETAGS, argument_schemas
from app.panel.api.serialization import row_as_json
from app.panel.api.validation import check_arguments, read_json
from app.panel.errors.organization_needed import rest_hint
from app.panel.forms.idempotency import NONCE
from app.panel.forms.locking import version_of
from app.panel.lists.list_query import ListQuery, read_list_query
from app.panel.lists.page import list_url, page_data
from app.panel.queries import counts, cursor
from app.panel.section import Section
from models.account import TokenScope
from models.base import Row

api = Blueprint("api", __name__, url_prefix=ROOT.rstrip("/"))
handle_problems(api)
MOST_BYTES = 256 * 1024


def init_rest(app: Flask) -> None:
    """Add the REST routes of all mounted sections; each section gets only the routes that its rights allow."""
    app.url_map.converters["key"] = _Key
    csrf.exempt(api)  # Requests are authenticated by token, never by cookie.
    api.add_url_rule("/openapi.json", "openapi", describe_all)
    for section in rest_sections().values():
        _route(section)
    app.register_blueprint(api)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has it


def rest_sections() -> Mapping[str, Section]:
    """The sections with REST routes, by slug."""
    views = (view for view in appbuilder.baseviews if isinstance(view, Section))
    return {view.slug: view for view in views if view.rest}


class _Key(BaseConverter):
    """The URL converter of row keys: digits without leading zeros."""

    regex = "[1-9][0-9]{0,17}"


@dataclass(frozen=True)
class _Verb:
    """An HTTP method of an address, the right that it needs, and its function."""

    method: str
    path: str
    right: str
    answer: Callable[..., Any]


@dataclass(frozen=True)
class Guarded:
    """A verb of one section behind its checks: first authentication (401), then rights (403)."""

    section: Section
    verb: _Verb

    @property
    def permission(self) -> str:
        return f"can_{self.verb.right}"

    def __call__(self, **arguments: Any) -> Any:
        if not current_user.is_authenticated:
            raise Problem(401)
        may_write = g.api_token.scope is TokenScope.WRITE
        if not permitted(self.section, self.permission) or (self.verb.method != "GET" and not may_write):
            raise Problem(403)
        if self.verb.method != "GET" and self.section.needs_organization and (hint := rest_hint()):
            raise Problem(409, hint)
        return self.verb.answer(self.section, **arguments)


def _route(section: Section) -> None:
    for verb in _VERBS:
        guarded = Guarded(section, verb)
        if guarded.permission in section.all_permissions():
            rule, endpoint = f"/{section.slug}/{verb.path}", f"{section.slug} {verb.answer.__name__}"
            api.add_url_rule(rule, endpoint, guarded, methods=[verb.method])


def describe_all() -> Response:
    return jsonify(openapi(rest_sections()))


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
    links = data.page_links(
        list_query.state.size,
        lambda changes: list_url(
            section, arguments, drop=cursor.POSITION, at=request.path, **_without_number(changes)
        ),
    )
    hint = rest_hint() if section.needs_organization else None
    return jsonify(
        **({} if hint is None else {"hint": hint}),
        items=[row_as_json(rows[key], section.offered_columns) for key in keys if key in rows],
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
    row = _row(section, pk)
    log_view(section, pk)
    response = _row_response(section, row)
    return response.make_conditional(request)


def add(section: Section) -> Response:
    body = _body()
    _claim(section, body)
    row = section.model()
    check, form = read_form(section, row, section.add_form_class(), body, existing=False)
    saved = save_form(section, row, check, form, existing=False)
    response = _row_response(section, saved)
    response.status_code = 201
    response.headers["Location"] = f"{ROOT}{section.slug}/{saved.id}"
    return response


def edit(section: Section, pk: str) -> Response:
    row = _row(section, pk, lock=True)
    body = _body()
    check, form = read_form(section, row, section.edit_form_class(), body, existing=True)
    _refuse_other_version(row)
    return _row_response(section, save_form(section, row, check, form, existing=True))


def delete(section: Section, pk: str) -> tuple[str, int]:
    lock_membership()
    row = _row(section, pk, lock=True)
    _refuse_other_version(row)
    try:
        section.delete_rows([row], None)
        db.session.commit()
    except DomainError as error:
        raise Problem(409, str(error)) from error
    return "", 204


def _row(section: Section, pk: str, *, lock: bool = False) -> Any:
    statement = section.statement().where(section.model.id == int(pk))
    if lock:
        statement = statement.with_for_update(of=section.model).execution_options(populate_existing=True)
    row = db.session.scalar(statement)
    if row is None:
        raise Problem(404)
    # Checked before the body: a change without a version must not report other errors.
    if lock and not re.fullmatch(ETAGS["pattern"], request.headers.get("If-Match", "")):
        raise Problem(428)
    return row


def _refuse_other_version(row: Row) -> None:
    """Raise `Problem` unless If-Match names the version of *row*."""
    if not request.if_match.contains(_etag(row)):
        raise Problem(412)


def _etag(row: Row) -> str:
    return f"{row.id}-{version_of(row)}"


def _row_response(section: Section, row: Row) -> Response:
    """*row* as JSON with its ETag."""
    response: Response = jsonify(row_as_json(row, section.offered_columns))
    response.set_etag(_etag(row))
    return response


def _body() -> dict[str, Any]:
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


def _claim(section: Section, body: Mapping[str, Any]) -> None:
    """Store the Idempotency-Key as the nonce that `FormScreen.save` claims."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not re.fullmatch(KEY_SCHEMA["pattern"], key):
        raise Problem(422, errors={IDEMPOTENCY_KEY: [_("Send 1 to 60 letters, digits or marks.")]})
    sent = {NONCE: f"api {key}", "body": str(sorted(body.items(), key=str))} if key else {}
    g.rest_claim = MultiDict(sent)


_VERBS = (
    _Verb("GET", "", "list", index),
    _Verb("GET", "_info", "list", describe),
    _Verb("GET", "<key:pk>", "show", show),
    _Verb("POST", "", "add", add),
    _Verb("PUT", "<key:pk>", "edit", edit),
    _Verb("DELETE", "<key:pk>", "delete", delete),
)
