"""Texts that a spreadsheet would compute as a formula."""

from __future__ import annotations

import re

# Characters that begin a formula in spreadsheets, with their full-width forms.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫")
# Invisible characters and spaces that may precede the formula.
_UNSEEN = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]+"
)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would compute *text*; invisible characters before the sign are taken into account."""
    unseen = _UNSEEN.match(text)
    visible = text[unseen.end() :] if unseen else text
    return visible.startswith(_FORMULA) or text.startswith(_FORMULA)
