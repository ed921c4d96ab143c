"""Recognition of columns by their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.lib.persian import fold
from app.lib.tables.heading_words import MISLEADING, SYNONYMS, VAGUE

# «firstName» and «address1» have two words.
_CAMEL = re.compile("(?<=[a-z])(?=[A-Z0-9])")
_BETWEEN = re.compile(r"[\W_]+")
# Forms number their questions: «۱- نام».
_NUMBERED = re.compile("^[0-9]+(?=[^0-9])")


def heading_key(heading: str) -> str:
    """The letters and digits of a heading, folded: «first_name», «First-Name:» and «first name» have one key."""
    key = "".join(character for character in fold(heading) if character.isalnum())
    return _NUMBERED.sub("", key)


def _tokens(heading: str) -> str:
    """The words of a Latin heading, each between two spaces."""
    return f" {' '.join(_BETWEEN.split(_CAMEL.sub(' ', heading).lower())).strip()} "


def is_in_utc(heading: str) -> bool:
    """Whether *heading* says that the times below it are in UTC: «Order Date (UTC)», «date_created_gmt»."""
    words = _tokens(heading).split()
    return "utc" in words or "gmt" in words


_KEYS = {field: [heading_key(word) for word in words] for field, words in SYNONYMS.items()}
_WHOLE = {word for words in _KEYS.values() for word in words}
_VAGUE, _MISLEADING = set(map(heading_key, VAGUE)), list(map(heading_key, MISLEADING))
_SHORTEST_PART = 4
_PARTS = [
    (key, _tokens(word), field)
    for field, words in SYNONYMS.items()
    for key, word in zip(_KEYS[field], words, strict=True)
    if key not in _VAGUE
]


def guess_columns(headers: Sequence[str]) -> dict[str, int]:
    """The column of each field that a heading names; no column has two fields."""
    keys = [heading_key(header) for header in headers]
    found: dict[str, int] = {}
    for field, words in _KEYS.items():
        exact = [(words.index(heading), index) for index, heading in enumerate(keys) if heading in words]
        for _rank, index in sorted(exact):
            _claim(found, field, index)
    for _length, index, field in sorted(_parts(headers, keys)):
        _claim(found, field, index)
    _resolve_names(found)
    return found


def is_heading_word(text: str) -> bool:
    """Whether *text* is as a whole a word for a field."""
    return heading_key(text) in _WHOLE


def _resolve_names(found: dict[str, int]) -> None:
    """Resolve «نام»: the first name beside a family name, otherwise the full name."""
    if "last_name" in found and "first_name" not in found and "full_name" in found:
        found["first_name"] = found.pop("full_name")
    elif "first_name" in found and "last_name" not in found:
        first = found.pop("first_name")
        found.setdefault("full_name", first)


def _claim(found: dict[str, int], field: str, index: int) -> None:
    if field not in found and index not in found.values():
        found[field] = index


def _parts(headers: Sequence[str], keys: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(−length, column, field) for the longest word in each heading that has no match as a whole.

    A heading in Latin script has the word as words of its own, one in Persian script anywhere.
    """
    for index, (header, key) in enumerate(zip(headers, keys, strict=True)):
        if not key or key in _WHOLE or any(word in key for word in _MISLEADING):
            continue
        tokens = _tokens(header) if key.isascii() else ""
        parts = [
            (len(part), field)
            for part, words, field in _PARTS
            if (words in tokens if tokens else len(part) >= _SHORTEST_PART and part in key)
        ]
        if parts:
            length, field = max(parts)
            yield -length, index, field
