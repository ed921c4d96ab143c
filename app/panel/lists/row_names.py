"""The names of chosen rows, for the question before an action."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select

from app.lib.persian import group_number
from app.panel.declaration import Declaration
from app.panel.queries.fetch import fetch_rows
from app.panel.queries.projection import projection_of

MOST_NAMES = 3


def row_names(section: Declaration, statement: Select[Any], count: int) -> str:
    """The first names of the *count* rows of *statement*, and the number of the others."""
    rows = fetch_rows(statement, projection_of(section.model, ("__str__",)), {}, most=MOST_NAMES)
    names = str(_("، ")).join(f"«{row}»" for row in rows)
    others = count - len(rows)
    if others <= 0:
        return names
    words: str = ngettext(
        "%(names)s and %(count)s other",
        "%(names)s and %(count)s others",
        others,
        names=names,
        count=group_number(others),
    )
    return words
