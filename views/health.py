"""Addresses for load balancers and service managers: whether the process lives, and whether it can serve."""

from __future__ import annotations

from flask import Response, jsonify
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from sqlalchemy import literal, select
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.panel.outage import leave_transaction
from app.panel.page import Page, PageAudience
from app.panel.rates.groups import Group, limited

_RETRY_AFTER = "5"
PROBES = frozenset({"/healthz", "/readyz"})


class Health(Page):
    """GET of /healthz: 200 as long as the process answers; nothing else is asked."""

    slug = "healthz"
    title = _l("Health")
    audience = PageAudience.EVERYBODY

    @expose("")
    @limited(read=Group.FREE)
    def index(self) -> Response:
        return jsonify(status="ok")


class Readiness(Page):
    """GET of /readyz: 200 when the database answers, else 503. A missing broker delays work and stops no page."""

    slug = "readyz"
    title = _l("Readiness")
    audience = PageAudience.EVERYBODY

    @expose("")
    @limited(read=Group.FREE)
    def index(self) -> Response:
        try:
            db.session.execute(select(literal(1)))
        except DBAPIError:
            leave_transaction()
            response = jsonify(status="unavailable")
            response.status_code, response.headers["Retry-After"] = 503, _RETRY_AFTER
            return response
        return jsonify(status="ready")
