"""What a provider takes as a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.lib.sms_text.size import Size


@dataclass(frozen=True)
class TextLimits:
    """The limits of texts of one provider, or of several together.

    `latin` counts for texts of the GSM alphabet, `persian` for all others, both as `Size.length`. `patterns` are
    the forms of the codes of stored patterns with the number of values that each takes, None for any number.
    `latin_footer` is the line for opting out that keeps a Latin text Latin, None where only the Persian one is taken.
    """

    persian: int
    latin: int
    patterns: tuple[tuple[re.Pattern[str], int | None], ...]
    latin_footer: str | None
    takes_links: bool = True

    def most(self, size: Size) -> int:
        """The length that is taken of a text of the alphabet of *size*."""
        return self.latin if size.is_latin else self.persian

    def takes_pattern(self, code: str, values: int) -> bool:
        """Whether a pattern can have this code and as many values."""
        return any(form.fullmatch(code) and (most is None or values <= most) for form, most in self.patterns)


def strictest(limits: Sequence[TextLimits]) -> TextLimits:
    """The limits of texts that each of several providers takes; a pattern belongs to one of them."""
    first, *others = limits
    for each in others:
        first = replace(
            first,
            persian=min(first.persian, each.persian),
            latin=min(first.latin, each.latin),
            patterns=first.patterns + each.patterns,
            latin_footer=first.latin_footer if first.latin_footer == each.latin_footer else None,
            takes_links=first.takes_links and each.takes_links,
        )
    return first
