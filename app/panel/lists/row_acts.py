"""Actions as buttons in the rows of a list (`on_row`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.panel.action import Action
from app.panel.declaration import Declaration
from app.panel.view_models import RowButton, TableRow


def row_acts(section: Declaration, on_row: Sequence[Action], row: Any) -> Sequence[RowButton]:
    """The buttons of *row*, in the order of their declaration; none where none of them can run."""
    refusals = [each.refusal(row) for each in on_row]
    if all(refusals):
        return ()
    proposed = section.proposed_act(row)
    return [
        RowButton(each.name, str(each.label), refusal, each.name == proposed)
        for each, refusal in zip(on_row, refusals, strict=True)
    ]


def acts_heading(section: Declaration, rows: Sequence[TableRow]) -> str | None:
    """The heading of the buttons; None where no row has any."""
    return str(section.acts_title or _("Actions")) if any(row.acts for row in rows) else None
