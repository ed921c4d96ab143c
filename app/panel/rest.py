"""REST for the sections that say `rest = True`: the same rows, forms, rights and sentences as in the panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, g, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import appbuilder, csrf, db
from app.panel import keyset, query
from app.panel.guard import permitted
from app.panel.membership import hold_membership
from app.panel.nonce import NONCE, SentBefore
from app.panel.rest_describe import info_of, openapi
from app.panel.rest_problem import Problem, handle_problems
from app.panel.rest_session import ROOT
from app.panel.rest_values import row_as_json, sent_values
from app.panel.section import Section
from app.panel.versions import version_of
from app.panel.visits import note_visit
from models.account import TokenScope

api = Blueprint("api", __name__, url_prefix=ROOT.rstrip("/"))
handle_problems(api)
MOST_BYTES = 256 * 1024
_READING = frozenset({"GET", "HEAD"})


def init_rest(app: Flask) -> None:
    csrf.exempt(api)  # No cookie opens anything here.
    app.register_blueprint(api)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of the provider that Flask brings


def rest_sections() -> Mapping[str, Section]:
    """The sections that speak REST, by the name of their resource."""
    views = (view for view in appbuilder.baseviews if isinstance(view, Section))
    return {view.slug: view for view in views if view.rest}


Route = Callable[..., Any]


def _needs(verb: str) -> Callable[[Route], Route]:
    """Find the section, then ask who it is, then what he may: in this order nothing is told to strangers."""

    def decorate(route: Route) -> Route:
        @wraps(route)
        def guarded(resource: str, **arguments: Any) -> Any:
            section = rest_sections().get(resource)
            if (
                section is None
                or not hasattr(section, _ROUTES[verb])
                or _ROUTES[verb] in section.exclude_route_methods
            ):
                raise Problem(404)
            _refuse_stranger()
            if not permitted(section, f"can_{verb}") or (request.method not in _READING and not _may_write()):
                raise Problem(403)
            return route(section, **arguments)

        return guarded

    return decorate


_ROUTES = {"list": "index", "show": "show", "add": "add", "edit": "edit", "delete": "delete"}


def _refuse_stranger() -> None:
    if not current_user.is_authenticated or current_user.must_change_password:
        raise Problem(401)


def _may_write() -> bool:
    return bool(g.api_token.scope is TokenScope.WRITE)


@api.get("/openapi.json")
def describe_all() -> Response:
    return jsonify(openapi(rest_sections()))


@api.get("/<resource>/_info")
@_needs("list")
def describe(section: Section) -> Response:
    return jsonify(info_of(section))


@api.get("/<resource>/")
@_needs("list")
def index(section: Section) -> Response:
    arguments = MultiDict(request.args.items(multi=True))
    if section.tabs and "tab" not in arguments:
        arguments["tab"] = "all" if any(tab.key == "all" for tab in section.tabs) else section.tabs[0].key
    narrowed = section.narrowed(arguments)
    if narrowed.filters.problems:
        raise Problem(422, errors={each.argument: [each.sentence] for each in narrowed.filters.problems})
    note_visit(section, None)
    total = query.capped_counts({"rest": narrowed.statement}, exact={"rest"})["rest"]
    place = keyset.read_place(arguments, narrowed.order)
    leaf = section.leaf(narrowed, total, arguments)
    keys = [row.id for row in leaf.shown.rows]
    rows = {row.id: row for row in db.session.scalars(section.statement().where(section.model.id.in_(keys)))}
    turns = leaf.turns(
        narrowed.state.size,
        lambda changes: section.url(arguments, drop=keyset.POSITION, at=request.path, **changes),
    )
    return jsonify(
        items=[row_as_json(rows[key], section.offered_columns) for key in keys if key in rows],
        count=min(total, query.COUNT_CAP),
        count_is_capped=total > query.COUNT_CAP,
        next=turns.next,
        previous=turns.previous if place else None,
    )


@api.get("/<resource>/<pk>")
@_needs("show")
def show(section: Section, pk: str) -> Response:
    row = _row(section, pk)
    note_visit(section, pk)
    response = _answer(section, row)
    return response.make_conditional(request)


@api.post("/<resource>/")
@_needs("add")
def add(section: Section) -> Response:
    body = _body()
    _claim(section, body)
    saved = _save(section, section.model(), section.add_form_class(), body, existing=False)
    response = _answer(section, saved)
    response.status_code = 201
    response.headers["Location"] = f"{ROOT}{section.slug}/{saved.id}"
    return response


@api.put("/<resource>/<pk>")
@_needs("edit")
def edit(section: Section, pk: str) -> Response:
    row = _matched(section, pk)
    return _answer(section, _save(section, row, section.edit_form_class(), _body(), existing=True))


@api.delete("/<resource>/<pk>")
@_needs("delete")
def delete(section: Section, pk: str) -> tuple[str, int]:
    hold_membership()
    row = _matched(section, pk)
    try:
        section.remove([row], None)
        db.session.commit()
    except DomainError as error:
        raise Problem(409, str(error)) from error
    return "", 204


def _row(section: Section, pk: str, *, held: bool = False) -> Any:
    if not (pk.isascii() and pk.isdigit() and len(pk) <= 18 and int(pk) > 0):
        raise Problem(404)
    statement = section.statement().where(section.model.id == int(pk))
    if held:
        statement = statement.with_for_update(of=section.model).execution_options(populate_existing=True)
    row = db.session.scalar(statement)
    if row is None:
        raise Problem(404)
    return row


def _matched(section: Section, pk: str) -> Any:
    """The row, held, when it is the version that If-Match names."""
    row = _row(section, pk, held=True)
    if not request.if_match:
        raise Problem(428)
    if not request.if_match.contains(_etag(row)):
        raise Problem(412)
    return row


def _etag(row: Any) -> str:
    return f"{row.id}-{version_of(row)}"


def _answer(section: Section, row: Any) -> Response:
    response: Response = jsonify(row_as_json(row, section.offered_columns))
    response.set_etag(_etag(row))
    return response


def _body() -> dict[str, Any]:
    if not request.is_json:
        raise Problem(415)
    if (request.content_length or 0) > MOST_BYTES:
        raise Problem(413)
    try:
        body = request.get_json()
    except (HTTPException, RecursionError, ValueError) as error:
        raise Problem(400) from error
    if not isinstance(body, dict):
        raise Problem(422, errors={"": [_("Send an object of names and values.")]})
    return body


def _claim(section: Section, body: Mapping[str, Any]) -> None:
    """The form's own nonce under the name that programs know; the form reads it from what was sent."""
    key = request.headers.get("Idempotency-Key", "")
    sent = (
        MultiDict({NONCE: f"api {key}"[:64], "body": str(sorted(body.items(), key=str))})
        if key
        else MultiDict()
    )
    g.rest_claim = sent


def _save(section: Section, row: Any, form_class: Any, body: Mapping[str, Any], *, existing: bool) -> Any:
    meta = {"csrf": False, "wrap_formdata": lambda _form, formdata: formdata}
    blank = form_class(formdata=None, obj=row if existing else None, meta=meta)
    names = [name for name in blank._fields if name != "csrf_token"]
    sent, errors = sent_values(blank, names, body)
    if errors:
        raise Problem(422, errors=errors)
    form = form_class(formdata=sent, obj=row if existing else None, meta=meta)
    if not form.validate():
        raise Problem(422, errors=_told(form))
    try:
        saved = section.save(
            row, form, names, existing=existing, sent=g.get("rest_claim") if not existing else MultiDict()
        )
    except SentBefore as before:
        db.session.rollback()
        first = db.session.scalar(section.statement().where(section.model.id == before.row_id))
        if before.is_same and first is not None:
            return first
        raise Problem(409) from before
    if saved is None:
        raise Problem(422, errors=_told(form))
    return saved


def _told(form: Any) -> dict[str, list[str]]:
    errors = {str(name or ""): [str(each) for each in found] for name, found in form.errors.items() if found}
    return errors or {"": [str(each) for each in form.form_errors]}
