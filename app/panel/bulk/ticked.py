"""The ticked rows of a list, at most a thousand; larger selections use «all that match»."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from app.lib.persian import group_number
from app.panel.access import row_key

MOST_TICKED = 1_000
NAME = "rowid"


class WrongSelection(BadRequest):
    """No row is ticked, or too many are; the description is a message for the user."""


def ticked_keys(sent: MultiDict[str, str]) -> list[int]:
    """The keys in the form *sent*, each once; raises `WrongSelection` for none or too many."""
    keys = sent.getlist(NAME)
    if not 0 < len(keys) <= MOST_TICKED:
        words = _(
            "Tick between 1 and %(most)s rows; for more, choose all that match.",
            most=group_number(MOST_TICKED),
        )
        raise WrongSelection(words)
    return list(dict.fromkeys(row_key(key) for key in keys))
