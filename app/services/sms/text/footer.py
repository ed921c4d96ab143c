"""The line for opting out at the end of a text."""

from __future__ import annotations

import re

from app.lib.sms_text.size import is_latin

FOOTER = "لغو۱۱"
_ENDS_WITH_FOOTER = re.compile(r"(?:لغو|\boff)[\s\u200c]*(?:11|۱۱|١١)\s*$", re.IGNORECASE)


def with_footer(text: str, latin_footer: str | None) -> str:
    """*text* with the line for opting out, unless it ends with one; a Latin text gets *latin_footer*."""
    if _ENDS_WITH_FOOTER.search(text):
        return text
    footer = latin_footer if latin_footer and is_latin(text) else FOOTER
    return f"{text.rstrip()}\n{footer}"


def split_footer(text: str) -> tuple[str, str]:
    """(text without a line for opting out at its end, this line)."""
    body, _newline, last = text.rpartition("\n")
    return (body, last) if body and _ENDS_WITH_FOOTER.fullmatch(last) else (text, "")
