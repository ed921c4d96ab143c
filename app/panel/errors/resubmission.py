"""What somebody wrote in a form that could not be taken, for a page that shows it and sends it once more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from wtforms import PasswordField, SelectField

from app.panel.columns import Kind
from app.panel.forms.fields import RelationField

# Never comes back in a page: the form asks for it again.
_SECRET = re.compile(r"password|secret|sealed|^present$|^again$|^csrf_token$", re.IGNORECASE)
# Secrets unless a section declares them as columns of its rows, such as the code of a product.
_DOUBTFUL = frozenset({"code", "key"})
_LONGEST, _MOST = 2_000, 60
# Their values are keys, not words.
_KEYS = frozenset({Kind.RELATION, Kind.BOOLEAN, Kind.CHOICE, Kind.COLOUR})
_TYPED = re.compile(r"[^\x00-\x7f]|\s")


def resubmittable_fields() -> list[tuple[str, str]]:
    """The fields of the request but for secrets and files; none when another site sent them in somebody's name."""
    sender = request.headers.get("Origin") or request.referrer or ""
    if urlsplit(sender).netloc != request.host:
        return []
    view = _view()
    try:
        return [pair for pair in request.form.items(multi=True) if not _is_secret(pair[0], view)]
    except HTTPException:
        # Too large to be read at all.
        return []


def readable(written: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """(label, text) of what a person typed, to be copied; the label is empty where only the text speaks."""
    view = _view()
    found = [(_label(name, view), text) for name, text in written if text.strip() and name[0:1] != "_"]
    shown = [(label, text[:_LONGEST]) for label, text in found if label is not None]
    return [(label, text) for label, text in shown if label or _TYPED.search(text.strip())][:_MOST]


def _view() -> Any:
    """The section or page whose address was asked for; None for any other."""
    function = current_app.view_functions.get(request.endpoint or "")
    return getattr(function, "__self__", None)


def _is_secret(name: str, view: Any) -> bool:
    extra = _extra(view)
    if _SECRET.search(name):
        return True
    if name in extra:
        return issubclass(extra[name].field_class, PasswordField)
    return name in _DOUBTFUL and name not in (*_columns(view), *getattr(view, "plain_fields", ()))


def _extra(view: Any) -> dict[str, Any]:
    """The fields of the view's forms that are no columns, unbound."""
    return {**getattr(view, "extra_fields", {}), **getattr(view, "extra_edit_fields", {})}


def _columns(view: Any) -> Sequence[str]:
    return (*getattr(view, "form", ()), *(getattr(view, "edit_fields", None) or ()))


def _label(name: str, view: Any) -> str | None:
    """The words of the field; None for one whose value is a key and no words."""
    extra = _extra(view).get(name)
    if extra is not None:
        is_key = issubclass(extra.field_class, RelationField | SelectField)
        return None if is_key else str(extra.args[0] if extra.args else "")
    if name not in _columns(view):
        return ""
    column = view.describe(name)
    return None if column.kind in _KEYS else str(column.label)
