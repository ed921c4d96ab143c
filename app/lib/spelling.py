"""The ways in which people write a number or a name, so that it is found in texts of all kinds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from urllib.parse import quote, quote_plus

from app.lib.persian import escape_like, fold, latin_digits, persian_digits

_DIGITS = re.compile(r"\+?\d+", re.ASCII)
# What stands between groups of digits and between words, also in the query of an address.
_GAP = r"(?:[\s\u200c\u200e\u200f.()/_+-]|%20|%E2%80%8C|%C2%A0|%28|%29|%2F){0,3}"
_COUNTRY = "+98"
_LETTERS = {"ی": "یيى", "ک": "کك"}
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


class Spelling:
    """A number or a text that names a person: how it is found in a column, and replaced in a value."""

    def __init__(self, text: str) -> None:
        self._is_number = bool(_DIGITS.fullmatch(text))
        self._text = text.removeprefix(_COUNTRY) if self._is_number else text
        self._prefix = _prefix() if text.startswith(_COUNTRY) else ""

    @property
    def has_cases(self) -> bool:
        """Whether it has letters of two cases; a comparison that ignores them takes longer."""
        return self._text.lower() != self._text.upper()

    def likes(self, *, escaped: bool) -> Iterator[str]:
        """Patterns of LIKE for texts that may contain it; *escaped* for JSON with escapes."""
        for parts in self._alternatives():
            yield _like(parts)
            if escaped and not all(part.isascii() for part in parts):
                yield _like([json.dumps(part)[1:-1] for part in parts])

    def replaced(self, value: str, label: str) -> str:
        """*value* with *label* in its place; the query of an address stays one."""
        return self._pattern.sub(
            lambda found: quote_plus(label) if "%" in found[0] else label,
            value,
        )

    def is_in(self, value: str) -> bool:
        return self._pattern.search(value) is not None

    def _alternatives(self) -> Iterator[Sequence[str]]:
        """The parts that follow one another in each spelling."""
        if self._is_number:
            for spelt in (self._text, persian_digits(self._text), self._text.translate(_ARABIC)):
                yield list(spelt)
            yield [quote(digit) for digit in persian_digits(self._text)]
            return
        # Any character stands for a letter that has two forms.
        words = re.split(r"[\s\u200cیک]+", self._text)
        yield words
        yield [quote(word) for word in words]
        if (folded := fold(self._text)) != self._text:
            yield [folded]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        if self._is_number:
            inner, outer = self._prefix + _GAP.join(map(_digit, self._text)), r"\d"
        else:
            # The name of somebody else may end or begin with this one.
            inner, outer = _GAP.join(map(_letter, re.sub(r"[\s\u200c]+", "", self._text))), r"[^\W\d_]"
        return re.compile(f"(?<!{outer}){inner}(?!{outer})", re.IGNORECASE)


def spellings_of(texts: Sequence[str]) -> Sequence[Spelling]:
    return [Spelling(text) for text in texts]


def _prefix() -> str:
    """What may stand before a number: 0, 98, +98 or 0098."""
    zero, country = _digit("0"), _GAP.join(map(_digit, "98"))
    return rf"(?:(?:\+|%2B|{zero}{zero})?{country}{_GAP}{zero}?|{zero}{_GAP})?"


def _digit(digit: str) -> str:
    latin = latin_digits(digit)
    return _any_of([latin, persian_digits(latin), latin.translate(_ARABIC)])


def _letter(letter: str) -> str:
    return _digit(letter) if letter.isdecimal() else _any_of(_LETTERS.get(letter, letter))


def _any_of(characters: Sequence[str]) -> str:
    spelt = dict.fromkeys(each for character in characters for each in (character, quote_plus(character)))
    return f"(?:{'|'.join(map(re.escape, spelt))})"


def _like(parts: Sequence[str]) -> str:
    return f"%{'%'.join(map(escape_like, parts))}%"
