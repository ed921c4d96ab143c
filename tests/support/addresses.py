"""Every address of the panel, with its arguments filled in."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

_FILLED = {
    "pk": "1",
    "name": "title",
    "slug": "products",
    "uuid": "3f0e8f0a-0000-4000-8000-000000000000",
    "batch": "3f0e8f0a-0000-4000-8000-000000000000",
    "token": "unknown",
    "moment": "1",
    "step": "cancel",
    "column": "name",
    "locale": "fa",
    "filename": "mark.svg",
    "provider": "kavenegar",
    "secret": "unknown",
    "entry": "1",
    "choice": "1",
    "key": "unknown",
    "customer": "1",
    "day": "2027-03-21",
    "lane": "todo",
}


def addresses(app: Flask) -> Iterator[tuple[Rule, str]]:
    """(rule, address) for each rule of the URL map."""
    for rule in app.url_map.iter_rules():
        names = {name: _FILLED[name] for name in rule.arguments}
        yield rule, fill(rule.rule, names)


def fill(rule: str, names: dict[str, str]) -> str:
    """*rule* with `<pk>` and `<string:pk>` replaced."""
    parts = rule.replace(">", "<").split("<")
    return "".join(names[each.rpartition(":")[2]] if place % 2 else each for place, each in enumerate(parts))
