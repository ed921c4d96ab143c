"""Result titles, with their colours and required fields."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.panel.access import Access
from app.panel.displays import Chip
from app.panel.section import Section
from models.result_title import ResultTitle
from views import groups


def _colour_of(row: Any) -> str:
    return str(row.colour.value)


class ResultTitles(Section):
    model = ResultTitle
    slug = "result-titles"
    rest = True
    title, title_one = _("Result titles"), _("result title")
    group, icon, menu_order = groups.ORGANIZATION, "palette", 520

    columns = (
        Chip("title", _colour_of, reads=("colour",)),
        "kind",
        "scope",
        "requires_note",
        "requires_file",
        "requires_next",
        "is_active",
    )
    preload = ("colour",)
    filters = ("scope", "kind", "is_active")
    sortable = ("position",)
    sort = "position"
    form = (
        "title",
        "colour",
        "kind",
        "scope",
        "requires_note",
        "requires_file",
        "requires_next",
        "sms_template",
        "position",
        "is_active",
    )

    roles = {"Manager": Access.FULL, "Consultant": Access.READ, "SupportAgent": Access.READ}

    def row_colour(self, row: Any) -> str | None:
        return _colour_of(row)
