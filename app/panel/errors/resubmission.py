"""The data of a refused form, for a page that shows it and can send it again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import current_app, request
from flask_appbuilder import BaseView
from werkzeug.exceptions import HTTPException
from wtforms import PasswordField, SelectField

from app.lib.web_address import split_address
from app.panel.columns import Kind
from app.panel.forms.fields import RelationField

# Fields that are never shown again; the user enters them anew.
_SECRET = re.compile(r"password|secret|sealed|^present$|^again$|^csrf_token$", re.IGNORECASE)
# Secrets unless a section declares them as columns, such as the code of a product.
_DOUBTFUL = frozenset({"code", "key"})
_LONGEST, _MOST = 2_000, 60
# Kinds whose values are keys instead of texts.
_KEYS = frozenset({Kind.RELATION, Kind.BOOLEAN, Kind.CHOICE, Kind.COLOUR})
_TYPED = re.compile(r"[^\x00-\x7f]|\s")


def resubmittable_fields() -> list[tuple[str, str]]:
    """The fields of the request without secrets and files; none for a request from another site."""
    if not is_of_panel():
        return []
    view = view_of_request()
    return [pair for pair in _pairs() if not _is_secret(pair[0], view)]


def is_of_panel() -> bool:
    """Whether a page of this panel has sent the request."""
    sender = request.headers.get("Origin") or request.referrer or ""
    return split_address(sender).netloc == request.host


def has_secrets() -> bool:
    """Whether the user wrote a value that `resubmittable_fields` leaves out."""
    view = view_of_request()
    return any(text and name != "csrf_token" and _is_secret(name, view) for name, text in _pairs())


def _pairs() -> list[tuple[str, str]]:
    try:
        return list(request.form.items(multi=True))
    except HTTPException:
        # The request is too large to be read.
        return []


def readable(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """(label, text) of the fields with typed text; the label is empty where the field is unknown."""
    view = view_of_request()
    found = [(_label(name, view), text) for name, text in fields if text.strip() and name[0:1] != "_"]
    shown = [(label, text[:_LONGEST]) for label, text in found if label is not None]
    return [(label, text) for label, text in shown if label or _TYPED.search(text.strip())][:_MOST]


def view_of_request() -> Any:
    """The section or page of the request; None for other routes."""
    function = current_app.view_functions.get(request.endpoint or "")
    return getattr(function, "__self__", None)


def _is_secret(name: str, view: BaseView | None) -> bool:
    extra = _extra(view)
    if _SECRET.search(name):
        return True
    if name in extra:
        return issubclass(extra[name].field_class, PasswordField)
    return name in _DOUBTFUL and name not in (*_columns(view), *getattr(view, "plain_fields", ()))


def _extra(view: BaseView | None) -> dict[str, Any]:
    """The unbound form fields of the view that are not made from columns."""
    return {**getattr(view, "extra_fields", {}), **getattr(view, "extra_edit_fields", {})}


def _columns(view: BaseView | None) -> Sequence[str]:
    return (*getattr(view, "form", ()), *(getattr(view, "edit_fields", None) or ()))


def _label(name: str, view: BaseView | None) -> str | None:
    """The label of the field; None where its value is a key, and empty where it is unknown."""
    extra = _extra(view).get(name)
    if extra is not None:
        is_key = issubclass(extra.field_class, RelationField | SelectField)
        return None if is_key else str(extra.args[0] if extra.args else "")
    if view is None or name not in _columns(view):
        return ""
    column = view.describe(name)
    return None if column.kind in _KEYS else str(column.label)
