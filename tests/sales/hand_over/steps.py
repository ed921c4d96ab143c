"""What the tests of work that is handed over share."""

import json

from app.lib.persian import persian_digits

HTMX = {"HX-Request": "true"}


def act(browser, section, action, keys, **fields):
    data = {"action": action, "_step": "run", "rowid": keys} | fields
    return browser.post(f"/{section}/action_post", data=data, headers=HTMX)


def toast(answer):
    found = json.loads(answer.headers["HX-Trigger"])["toast"]
    return found | {"text": persian_digits(found["text"])}


def undo(browser, answer):
    return browser.post(toast(answer)["undo_url"], headers=HTMX)
