"""Reading leaves a trace where the reader comes from outside: the platform's admin in an organisation."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request
from flask_login import current_user

from app.extensions import db
from models.audit.recorder import record_change
from models.base import Tenant
from models.member import Member
from models.tenancy.scope import actor_of


def note_visit(view: Any, key: Any) -> None:
    """Remember that the request reads rows of *view*, or the one with *key*; told when the answer shows them."""
    g.visit = getattr(view, "model", None), int(key) if key and str(key).isdecimal() else None


def _tell(response: Response) -> Response:
    model, key = g.get("visit", (None, None))
    # A redirect showed nothing; what an act changes is told by the act.
    if model is None or request.method != "GET" or response.status_code not in {200, 304}:
        return response
    if _comes_from_outside() and issubclass(model, Tenant | Member):
        record_change(db.session(), "view", model, key)
        db.session.commit()
    return response


def _comes_from_outside() -> bool:
    if not current_user.is_authenticated or current_user.organization_id is not None:
        return False
    return actor_of(db.session()).organization_id is not None


def init_visits(app: Flask) -> None:
    app.after_request(_tell)
