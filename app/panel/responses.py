"""Responses for full pages and for fragments of an open page: toasts, redirects, files."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, send_file
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.gateways.storage import StoreUnavailable, storage
from app.lib.clock import now
from app.panel.access import wants_fragment
from app.panel.action import Done
from models.attachment import Attachment, AttachmentState
from models.job import ExportJob


def toast(done: Done, *, level: str = "success", code: str = "", **events: object) -> dict[str, str]:
    """The header that shows *done* as a toast and fires *events* (``panel_close=True``) in the page.

    *code* is the tracking code that the toast shows.
    """
    payload: dict[str, Any] = {"toast": {"text": done.message, "level": level, "undo_url": done.undo_url}}
    if code:
        payload["toast"]["code"] = code
    payload.update({name.replace("_", ":", 1): value for name, value in events.items()})
    return {"HX-Trigger": json.dumps(payload)}


def success(done: Done, back_url: str) -> Response:
    """The response to a completed action: a toast in the open page, or a redirect to a page that shows it."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers.update(toast(done, dialog_close=True, list_reload=True))
        return response
    leave_toast(done)
    return redirect(back_url)


def leave_toast(done: Done) -> None:
    """Show *done* as a toast in the next page."""
    flash(json.dumps({"text": done.message, "undo_url": done.undo_url}), "toast")


def success_at(done: Done, url: str) -> Response:
    """The response to a completed action whose result is the page *url*, which shows the toast."""
    leave_toast(done)
    return lead_to(url)


def lead_to(url: str) -> Response:
    """A redirect to *url*, which replaces the open page where its script asks."""
    if not wants_fragment():
        return redirect(url)
    # A redirect would be followed by the script, whose answer would use the toast up.
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def failure(message: str, back_url: str, **events: bool) -> Response:
    """The response to a refused action that has no form; an open page gets *events* as in `toast`."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers.update(toast(Done(message), level="danger", code="", **events))
        return response
    flash(message, "danger")
    return redirect(back_url)


def send_attachment(attachment: Attachment | ExportJob) -> Response:
    """An uploaded or exported file as a download under its original name; 403 for an infected one."""
    if isinstance(attachment, Attachment) and attachment.state is AttachmentState.INFECTED:
        abort(403)
    try:
        stream = storage().open(str(attachment.stored_name))
    except FileNotFoundError:
        abort(404)
    except StoreUnavailable:
        abort(503)
    name = attachment.original_name
    response = send_file(stream, mimetype="application/octet-stream", as_attachment=True, download_name=name)
    response.content_length = attachment.size
    # A browser must never show the file as a page of the panel.
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def with_etag(html: str) -> Response:
    """A page that the browser caches and revalidates; 304 where it did not change."""
    body = html.encode()
    # The hash leaves out the form token, which differs in each response. It changes every half hour, so that the
    # token in a cached page stays valid.
    steady = hashlib.sha256(str(now().timestamp() // 1800).encode())
    steady.update(body.replace(generate_csrf().encode(), b""))
    response = make_response(body)
    response.set_etag(steady.hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("HX-Request")
    return response.make_conditional(request)


def fragment_or_page(fragment: str, page: str, **context: Any) -> str:
    """The template *fragment* for a request from an open page, else *page*."""
    return render_template(fragment if wants_fragment() else page, **context)
