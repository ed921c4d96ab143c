"""The numbers of the side menu after an act or a change: a response header, which the open page reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError

from app.panel.access import wants_fragment
from app.panel.outage import leave_transaction

HEADER = "X-Menu-Counts"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CHANGED = "counts_changed"


def mark_counts_changed() -> None:
    """Send the numbers with the response of a route that only reads or that checks no right."""
    setattr(g, _CHANGED, True)


def init_menu_counts(app: Flask, read: Callable[[], Mapping[str, str]]) -> None:
    """Add the numbers that *read* returns to the response of each act in an open page."""

    @app.after_request
    def add_counts(response: Response) -> Response:
        # Without a checked right the request was no act on rows.
        has_acted = request.method not in _SAFE and "permission_pairs" in g
        has_changed = response.status_code < 300 and (has_acted or g.get(_CHANGED))
        if not has_changed or not wants_fragment():
            return response
        # The request counted before it wrote.
        g.pop("counts", None)
        try:
            counts = read()
        except DBAPIError:
            # The act is stored, so a lost database connection does not change its response.
            leave_transaction()
            return response
        if counts:
            response.headers[HEADER] = json.dumps(counts)
        return response
