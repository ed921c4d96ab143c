"""Steps of the tests of repeated orders."""

from __future__ import annotations

import json

from app.lib.persian import persian_digits
from models.order import OrderStatus, RepeatDecision

HTMX = {"HX-Request": "true"}
BESIDE = {"_place": "act-popover"}
BASE = "/repeated-orders/"


def decide(browser, name, *keys):
    data = {"action": name, "_step": "run", "rowid": [str(key) for key in keys]}
    return browser.post(f"{BASE}action_post", data=data, headers=HTMX)


def toast(answer):
    found = json.loads(answer.headers["HX-Trigger"])["toast"]
    return found | {"text": persian_digits(found["text"])}


def undo(browser, answer):
    return browser.post(toast(answer)["undo_url"], headers=HTMX)


HELD = (OrderStatus.HELD, True, None)
ATTACHED = (OrderStatus.ATTACHED, True, RepeatDecision.ATTACHED)
BACK = (OrderStatus.ASSIGNED, True, RepeatDecision.SAME_CONSULTANT)
RELEASED = (OrderStatus.NEW, False, RepeatDecision.NOT_REPEAT)
