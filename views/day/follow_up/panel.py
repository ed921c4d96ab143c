"""The side panel of a follow-up: customer, history, and the form for a new result."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import make_response, redirect
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.panel.access import permitted, requires, row_key, wants_fragment
from app.panel.action import Done
from app.panel.actor import member_id
from app.panel.responses import toast
from app.panel.section import Section
from app.services.follow_up import Result, record_result, result_titles
from app.services.sale import SaleDetails
from app.services.sms.campaign.create import create_campaign
from app.services.sms.campaign.recipients import Selection
from models.attachment import Attachment
from models.follow_up import FollowUp, FollowUpEntry
from models.member import Member
from models.result_title import ResultKind
from models.sms.campaign import Audience, CampaignKind
from views.day.follow_up.form import ResultForm
from views.day.follow_up.timeline import timeline_of


class ResultPanel(Section):
    """GET /<pk>/panel, POST /<pk>/result."""

    @expose("/<pk>/panel")
    @requires("show")
    def panel(self, pk: str) -> str:
        follow_up = self.get_row(row_key(pk), "customer", "product", "order")
        return self._panel_page(follow_up, _blank_form(follow_up))

    @expose("/<pk>/result", methods=["POST"])
    @requires("record")
    def record(self, pk: str) -> Any:
        follow_up = self.get_row(row_key(pk))
        # Read before the commit, which expires the row. The reference stays, because the audit event reads the customer too.
        key, customer = follow_up.id, follow_up.customer
        who = str(customer)
        form = ResultForm()
        if form.validate() and self._record(follow_up, form):
            return self._recorded(key, who)
        return self._panel_page(self.get_row(row_key(pk)), form), 422

    def files_of(self, row: FollowUp) -> ColumnElement[bool]:
        """The files of the follow-up and of its results."""
        entries = select(FollowUpEntry.id).where(FollowUpEntry.follow_up_id == row.id)
        return or_(super().files_of(row), Attachment.follow_up_entry_id.in_(entries))

    def _record(self, follow_up: FollowUp, form: ResultForm) -> bool:
        try:
            result = _result_of(form)
            record_result(follow_up, result)
            if form.send_sms.data:
                _send_sms(follow_up, result)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return False
        return True

    def _recorded(self, key: int, who: str) -> Response:
        done = Done(_("The result for %(who)s is recorded.", who=who))
        if not wants_fragment():
            return redirect(f"{self.base_url}{key}/panel")
        response = make_response("", 204)
        response.headers.update(toast(done, result_saved=True, list_reload=True))
        return response

    def _panel_page(self, follow_up: FollowUp, form: ResultForm) -> str:
        return self.render_template(
            "day/follow_up/panel.html",
            follow_up=follow_up,
            form=form,
            titles=list(result_titles()),
            history=timeline_of(follow_up),
            may_record=permitted(self, "can_record"),
            base_url=self.base_url,
            won=ResultKind.WON,
        )


def _blank_form(follow_up: FollowUp) -> ResultForm:
    form = ResultForm(formdata=None)
    form.token.data = str(uuid4())
    form.product.data = follow_up.product
    form.quantity.data = follow_up.order.quantity
    if follow_up.product.price:
        form.amount.data = follow_up.product.price * follow_up.order.quantity
    form.city.data, form.province.data = follow_up.customer.city, follow_up.customer.province
    return form


def _result_of(form: ResultForm) -> Result:
    title = form.chosen()
    if title is None:
        raise DomainError(_("Choose one of the result titles."), field="result_title")
    return Result(
        title=title,
        note=form.note.data,
        next_at=form.next_at.data,
        uploads=[Upload(file.filename, file.stream) for file in form.files.data or ()],
        sale=_sale_of(form) if title.kind is ResultKind.WON else None,
        token=_token_of(form.token.data),
    )


def _sale_of(form: ResultForm) -> SaleDetails:
    if form.product.data is None:
        raise DomainError(_("Please choose one."), field="product")
    return SaleDetails(
        product=form.product.data,
        amount=form.amount.data or 0,
        quantity=form.quantity.data or 1,
        discount=form.discount.data or 0,
        address=form.address(),
    )


def _token_of(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _send_sms(follow_up: FollowUp, result: Result) -> None:
    """Queue the message that the result title offers, in the same transaction."""
    template = result.title.sms_template
    if template is None or not template.is_active:
        return
    create_campaign(
        Selection(Audience.FOLLOW_UPS, [follow_up.id]),
        template,
        client_token=result.token or uuid4(),
        by=db.session.get_one(Member, member_id()),
        kind=CampaignKind.SINGLE,
    )
