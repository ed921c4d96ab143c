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


def row_menus(page: str) -> list[str]:
    """The items of each ⋮ menu of a list, which share them."""
    found = []
    for numbers, content in re.findall(r'<template data-menus="([^"]*)">(.*?)</template>', page, re.DOTALL):
        items = [each[0] for each in re.findall(r"(<(a|button) .*?</\2>)", content, re.DOTALL)]
        items = [each for each in items if "data-choose" not in each]
        found += ["\n".join(items[int(number)] for number in menu.split()) for menu in numbers.split("|")]
    return found


def acts_of(page: str, key: int) -> str:
    """The buttons in the row of *key*, which share them with other rows."""
    row = page.split(f'id="row-{key}"')[1].split("</tr>", maxsplit=1)[0]
    number = re.search(r"<td data-acts-of=(\d+)>", row)
    return (
        page.split(f'<template data-acts-of="{number[1]}">')[1].split("</template>", maxsplit=1)[0]
        if number
        else ""
    )


def ticks(page: str) -> dict[str, str]:
    """What a list tells of the versions of its rows when some are ticked."""
    found = re.search(r'name="versions" value="([^"]*)"', page)
    return {"versions": found[1]} if found else {}
