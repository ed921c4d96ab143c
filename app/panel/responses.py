"""Answers that an open page understands: toasts, closing of panels, refreshing of lists."""

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
from models.attachment import Attachment
from models.job import ExportJob


def toast(done: Done, *, level: str = "success", code: str = "", **events: Any) -> dict[str, str]:
    """The header that shows *done* as a toast and fires *events* (``panel_close=True``) in the page; *code*: to be quoted."""
    payload: dict[str, Any] = {"toast": {"text": done.message, "level": level, "undo_url": done.undo_url}}
    if code:
        payload["toast"]["code"] = code
    payload.update({name.replace("_", ":", 1): value for name, value in events.items()})
    return {"HX-Trigger": json.dumps(payload)}


def success(done: Done, back_url: str) -> Response:
    """After an act: a toast in the open page, or the next page with it."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers.update(toast(done, dialog_close=True, list_reload=True))
        return response
    flash(json.dumps({"text": done.message, "undo_url": done.undo_url}), "toast")
    return redirect(back_url)


def failure(message: str, back_url: str) -> Response:
    """A rule said no to an act without a form of its own."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers.update(toast(Done(message), level="danger"))
        return response
    flash(message, "danger")
    return redirect(back_url)


def send_attachment(attachment: Attachment | ExportJob) -> Response:
    """Somebody's file, as a download under its own name: a browser must never show it as a page of ours."""
    try:
        stream = storage().open(str(attachment.stored_name))
    except FileNotFoundError:
        abort(404)
    except StoreUnavailable:
        abort(503)
    name = attachment.original_name
    response = send_file(stream, mimetype="application/octet-stream", as_attachment=True, download_name=name)
    response.content_length = attachment.size
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def with_etag(html: str) -> Response:
    """A list that the browser keeps and asks about each time: what did not change is not sent again.

    Tokens are new each time and make no other page; every half hour counts as a change, so that those kept stay valid.
    """
    body = html.encode()
    steady = hashlib.sha256(str(now().timestamp() // 1800).encode())
    steady.update(body.replace(generate_csrf().encode(), b""))
    response = make_response(body)
    response.set_etag(steady.hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("HX-Request")
    return response.make_conditional(request)


def fragment_or_page(fragment: str, page: str, **context: Any) -> str:
    """The inner template for an open page, the outer one for a browser that just arrived."""
    return render_template(fragment if wants_fragment() else page, **context)
