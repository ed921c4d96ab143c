"""The results of follow-ups: how one is recorded and taken back, and the files of both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select
from werkzeug.wrappers import Response

from app.panel.access import requires, row_key
from app.panel.action import Done
from app.panel.forms.lines.amounts import set_amounts
from app.panel.forms.lines.totals import totals_response
from app.panel.rates.groups import Group, limited
from app.panel.side import EntryForm
from app.services.follow_up import ENTRIES, record_result
from app.services.result import Result
from app.services.result_undo import undo_result
from app.services.sms.campaign.recipients import Selection
from models.attachment import Attachment
from models.follow_up import FollowUp, FollowUpEntry
from models.result_title import ResultKind, ResultScope
from models.sale import Sale, SaleItem
from models.sms.campaign import Audience
from views.day.follow_up.form import FollowUpForm
from views.results.section import Results
from views.sold import SOLD


class FollowUpResults(Results):
    """What the side panel of a follow-up registers."""

    result_scope = ResultScope.FOLLOW_UP
    below_titles = "day/follow_up/_sale.html"

    def files_of(self, row: FollowUp) -> ColumnElement[bool]:
        """The files of the follow-up and of its results."""
        entries = select(FollowUpEntry.id).where(FollowUpEntry.follow_up_id == row.id)
        return or_(super().files_of(row), Attachment.follow_up_entry_id.in_(entries))

    def panel_form(self, row: FollowUp) -> EntryForm:
        form = super().panel_form(row)
        if isinstance(form, FollowUpForm):
            form.items.begin_with([SaleItem(product=row.product, quantity=row.order.quantity)])
            form.city.data, form.province.data = row.customer.city, row.customer.province
        return form

    def panel_context(self, row: FollowUp, form: EntryForm) -> dict[str, Any]:
        set_amounts(form, SOLD, Sale)
        return super().panel_context(row, form)

    @expose("/<pk>/result/totals", methods=["POST"])
    @requires("record")
    @limited(write=Group.PAGE)
    def totals(self, pk: str) -> Response:
        """The amounts of the sale as it is typed."""
        self.get_row(row_key(pk))
        return totals_response(FollowUpForm(), SOLD, Sale)

    def result_of(self, form: Any) -> Result:
        result = super().result_of(form)
        return replace(result, sale=form.sale()) if result.title.kind is ResultKind.WON else result

    def record_entry(self, row: FollowUp, result: Result) -> int:
        return record_result(row, result).id

    def undo_registered(self, row: FollowUp, entry: int) -> Done | None:
        # Read before the commit, which expires the row.
        who = str(row.customer)
        recorded = ENTRIES.own(row, entry)
        if recorded is None:
            return None
        undo_result(row, recorded)
        return Done(_("The result for %(who)s is taken back.", who=who))

    def receivers(self, row: FollowUp) -> Selection:
        return Selection(Audience.FOLLOW_UPS, [row.id])
