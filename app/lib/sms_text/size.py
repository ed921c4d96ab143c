"""The size of an SMS text, as operators count it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = set("^{}\\[~]|€\f")
_LARGEST_UNIT = "\uffff"
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]*://|\bwww\.|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:ir|com|org|net|info|co|io|me|app|shop|link|site|online)\b",
    re.IGNORECASE,
)


class Size(NamedTuple):
    """The pages of a text, and the characters left on the last one.

    `length` is the number of characters up to the end of the text, with those that stay empty at the end of a page.
    """

    pages: int
    left: int
    length: int
    is_latin: bool


def is_latin(text: str) -> bool:
    """Whether *text* has only characters of the GSM alphabet; one other character makes all of them longer."""
    return all(letter in _GSM or letter in _GSM_EXTENDED for letter in text)


def size_of(text: str) -> Size:
    """The size of *text*: a character of two units is never divided by the end of a page."""
    latin = is_latin(text)
    first, further = (160, 153) if latin else (70, 67)
    widths = [1 + (letter in _GSM_EXTENDED if latin else letter > _LARGEST_UNIT) for letter in text]
    length = sum(widths)
    if length <= first:
        return Size(1, first - length, length, latin)
    pages, used = _fill(widths, further)
    return Size(pages, further - used, (pages - 1) * further + used, latin)


def _fill(widths: Iterable[int], room: int) -> tuple[int, int]:
    """(number of pages, characters used on the last page)."""
    pages, used = 1, 0
    for width in widths:
        if used + width > room:
            pages, used = pages + 1, 0
        used += width
    return pages, used


def has_link(text: str) -> bool:
    """Whether phones and providers read an address of the web in *text*."""
    return _LINK.search(text) is not None
