"""Responses to forms whose token has expired, where sending them again does not help."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from app.panel.access import require_login, wants_fragment
from app.panel.errors.page import error_page
from app.panel.errors.resubmission import view_of_request
from app.panel.page import PageAudience


def answer_old_form() -> Any:
    """The response of the view, or the way to the login for those who have logged out; otherwise None."""
    view = view_of_request()
    if hasattr(view, "answer_old_form"):
        return view.answer_old_form()
    if current_user.is_authenticated or getattr(view, "audience", None) is PageAudience.EVERYBODY:
        return None
    # Not by `require_login`, which raises: nothing handles what an error handler raises.
    return error_page(401) if wants_fragment() else require_login()
