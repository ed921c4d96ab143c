"""The side column of a customer's page: figures, open follow-ups, the dossier of their company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.panel.access import permitted, permitted_section
from app.panel.actor import sees_own_rows_only
from app.panel.section import Section
from app.panel.view_models import Button, NextStep, SideItem, SideSheet
from models.customer import Customer
from views.customer_overview import MOST_SHOWN, OpenFollowUp, overview_of
from views.timelines.ahead import step_of


class CustomerSheets(Section):
    """Each sheet needs the right of its own section, and shows the rows in the scope of the member."""

    def next_step(self, row: Any) -> NextStep | None:
        open_ones = overview_of(row).follow_ups
        return step_of(open_ones[0]) if open_ones else None

    def side_sheets(self, row: Any) -> Sequence[SideSheet]:
        overview = overview_of(row)
        sheets = [SideSheet("figures", _("Figures"), figures=overview.figures)] if overview.figures else []
        if overview.follow_ups is not None:
            sheets.append(_open_follow_ups(overview.follow_ups))
        return [*sheets, *self._dossier(row)]

    def _dossier(self, row: Customer) -> Sequence[SideSheet]:
        dossiers = permitted_section("dossiers", "can_show")
        if dossiers is None:
            return ()
        found = overview_of(row).dossier
        may_add = permitted(dossiers, "can_add") and permitted(self, "can_edit") and found is None
        add = Button(_("Make one"), "plus", f"{dossiers.base_url}for/{row.id}") if may_add else None
        items = [SideItem(found, f"{dossiers.base_url}show/{row.dossier_id}")] if found is not None else []
        empty = _("This customer belongs to no company.")
        return [SideSheet("dossier", _("Organisation dossier"), items=items, button=add, empty=empty)]


def _open_follow_ups(follow_ups: Sequence[OpenFollowUp]) -> SideSheet:
    alone = sees_own_rows_only()
    items = [
        SideItem(
            each.product,
            f"/follow-ups/show/{each.id}",
            hint="" if alone else f"{each.first_name or ''} {each.last_name or ''}".strip(),
            colour=each.colour.value if each.colour else "gray",
        )
        for each in follow_ups[:MOST_SHOWN]
    ]
    empty = _("No follow-up is open.")
    return SideSheet(
        "follow-ups", _("Open follow-ups"), items=items, empty=empty, has_more=len(follow_ups) > MOST_SHOWN
    )
