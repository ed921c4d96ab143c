"""What the tests of the undo of results share."""

from __future__ import annotations

import json

HTMX = {"HX-Request": "true"}


def undo_of(answer) -> str:
    assert answer.status_code == 204
    return json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]


def undo(browser, url):
    """The toast that answers."""
    answer = browser.post(url, headers=HTMX)
    assert answer.status_code == 204
    return json.loads(answer.headers["HX-Trigger"])["toast"]
