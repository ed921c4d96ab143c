"""What a reader sees of a page, and which parts of it are no Persian: identifiers, English words, Arabic letters.

User data stands in ``<bdi>``, ``dir="ltr"``, the values of a row (``data-pk``) or of its page (``<dd>``), where Latin
letters may be; identifiers are looked for there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from app.extensions import appbuilder
from models.types import Choice

# Names of formats, keys and standards that Persian sentences use.
_ALLOWED = frozenset(
    [
        "csv",
        "xlsx",
        "xls",
        "docx",
        "json",
        "jpg",
        "png",
        "webp",
        "pdf",
        "mp3",
        "mp",
        "ogg",
        "txt",
        "utf",
        "api",
        "rest",
        "ip",
        "url",
        "openapi",
        "html",
        "iban",
        "qr",
        "ctrl",
        "alt",
        "esc",
        "enter",
        "shift",
        "home",
        "end",
        "space",
    ]
)
_LATIN = re.compile(r"[A-Za-z][A-Za-z_]+")
_ADDRESS = re.compile(r"https?://\S+|/[\w/{}.-]+|[\w.+-]+@[\w.-]+|\{[^}]*\}")
_RIGHT = re.compile(r"\bcan_[a-z_]+")
_ARABIC = re.compile("[يك]")
# Attributes whose text a page shows or a screen reader speaks.
_SPOKEN = (
    "title",
    "aria-label",
    "placeholder",
    "alt",
    "data-confirm",
    "data-confirm-label",
    "data-label",
    "data-toast",
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_UNSEEN = frozenset({"script", "style", "svg"})
# The values of inputs and the texts of a code are data.
_DATA = frozenset({"bdi", "dd", "kbd", "code", "textarea"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool, bool]] = []
        self.parts: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        is_data = (
            self._is_data()
            or tag in _DATA
            or given.get("dir") == "ltr"
            or "ltr" in given.get("class", "").split()
        )
        is_data = is_data or "data-pk" in given
        for name in _SPOKEN:
            if given.get(name):
                self.parts.append((given[name], is_data))
        if tag not in _VOID:
            unseen = tag in _UNSEEN or (bool(self.open) and self.open[-1][2])
            self.open.append((tag, is_data, unseen))

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.open and self.open[-1][2]):
            self.parts.append((" ".join(data.split()), self._is_data()))

    def _is_data(self) -> bool:
        return bool(self.open) and self.open[-1][1]


def parts_of(page: str) -> list[tuple[str, bool]]:
    """The texts of *page* in their order, and whether each is marked as data."""
    reader = _Reader()
    reader.feed(page)
    return reader.parts


def identifiers() -> frozenset[str]:
    """Names of classes and raw values of choices, which no page shows."""
    views = {type(view).__name__ for view in appbuilder.baseviews}
    models = {view.model.__name__ for view in appbuilder.baseviews if getattr(view, "model", None)}
    values = {str(each.value) for kind in _choices(Choice) for each in kind}
    return frozenset(views | models | {value for value in values if _LATIN.fullmatch(value)})


def _choices(base: type) -> Iterator[type]:
    for each in base.__subclasses__():
        yield each
        yield from _choices(each)


def unreadable(page: str, known: frozenset[str]) -> list[str]:
    """The parts of *page* that are no Persian for its reader."""
    found = []
    for text, is_data in parts_of(page):
        if _ARABIC.search(text):
            found.append(f"Arabic letter: {text}")
        elif _RIGHT.search(text) or text in known:
            found.append(f"identifier: {text}")
        elif not is_data:
            words = {word.lower() for word in _LATIN.findall(_ADDRESS.sub(" ", text))} - _ALLOWED
            if words:
                found.append(f"English: {text}")
    return sorted(set(found))
