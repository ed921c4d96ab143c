"""Steps of the tests of tickets."""

from __future__ import annotations

import json

from models.messages.thread import Thread
from tests.notifications.steps import HTMX

URL = "/tickets/"
EVERYWHERE = {"unscoped": True}
FORM = {"subject": "خط پیامک وصل نمی‌شود", "urgency": "high", "text": "از صبح پیامکی نمی‌رود."}


def stored(session, key):
    return session.get(Thread, key, populate_existing=True, execution_options=EVERYWHERE)


def page(client, key):
    return client.get(f"{URL}show/{key}")


def bulk(client, action, keys, **sent):
    data = {"action": action, "_step": "run", "rowid": keys, **sent}
    return client.post(f"{URL}action_post", data=data, headers=HTMX)


def toast(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]
