"""Table rows of the trash: row, time, author, other rows of the batch, time left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.lib.clock import now
from app.lib.persian import group_number, persian_digits
from app.panel.formatting import NOTHING, time_cell
from app.panel.lists.row_menus import RowMenus
from app.panel.queries.counts import BADGE_CAP
from app.panel.section import Section
from app.panel.view_models import Cell, Heading, TableRow
from models.trash import TRASH_RETENTION
from views.oversight.trash.restore import TrashDetails


def trash_headings(section: Section) -> Sequence[Heading]:
    return [
        Heading("row", str(section.title_one), "text"),
        Heading("deleted_at", _("Deleted at"), "datetime"),
        Heading("deleted_by", _("Deleted by"), "text"),
        Heading("together", _("In the same act"), "text"),
        Heading("left", _("Time left"), "text"),
    ]


def trash_row(row: Any, details: TrashDetails, menus: RowMenus) -> TableRow:
    label = str(row)
    others = _others(details.together.get(row.delete_batch, 1))
    return TableRow(
        pk=row.id,
        label=label,
        cells=(
            Cell("row", "text", label),
            time_cell("deleted_at", row.deleted_at),
            Cell("deleted_by", "text", details.names.get(row.deleted_by_id, NOTHING)),
            Cell("together", "text", others),
            Cell("left", "text", _time_left(row)),
        ),
        colour=None,
        href=None,
        panel_url=None,
        menu=menus.number_of(row),
    )


def _others(together: int) -> str:
    """The number of other rows in the same batch; a capped number is shown as «more than»."""
    if together > BADGE_CAP:
        return _("More than %(count)s other rows", count=group_number(BADGE_CAP))
    others = together - 1
    count = group_number(others)
    return ngettext("%(count)s other row", "%(count)s other rows", others, count=count) if others else NOTHING


def _time_left(row: Any) -> str:
    days = (row.deleted_at + TRASH_RETENTION - now()).days
    if days < 1:
        return _("Less than a day")
    return persian_digits(ngettext("%(num)s day", "%(num)s days", days))
