"""What a browser would read off a page."""

from __future__ import annotations

import html
import re

_INPUT = re.compile(r"<input ([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z_-]+)="([^"]*)"')


def untouched(page: str, form: str = 'id="form"') -> dict[str, str]:
    """What the form on *page* would send of hidden fields and chosen radio buttons, if nobody touched it."""
    found = {}
    for tag in _INPUT.findall(page[page.index(form) :]):
        given = dict(_ATTRIBUTE.findall(tag))
        if given.get("type") == "hidden" or (given.get("type") == "radio" and "checked" in tag):
            found[given["name"]] = html.unescape(given["value"])
    return found


def carried(page: str) -> dict[str, list[str]]:
    """All that the form for the password, on a page or in a dialog, would send besides it."""
    found: dict[str, list[str]] = {}
    form = page[page.rindex("<form", 0, page.index("sudo_password")) :]
    for tag in _INPUT.findall(form):
        given = dict(_ATTRIBUTE.findall(tag))
        if given.get("type") == "hidden":
            found.setdefault(given["name"], []).append(html.unescape(given["value"]))
    return found


def ticks(page: str) -> dict[str, str]:
    """What a list tells of the versions of its rows when some are ticked."""
    found = re.search(r'name="versions" value="([^"]*)"', page)
    return {"versions": found[1]} if found else {}
