"""The page of a campaign: progress, control and manual review."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.digits import parse_int
from app.lib.persian import group_number
from app.panel.access import lock_membership, permitted, requires, row_key
from app.panel.action import Done
from app.panel.actor import member_id
from app.panel.bulk.selection import MOST_UNTYPED, TYPED, read_count
from app.panel.messages import storable_text
from app.panel.rates.groups import Group, limited
from app.panel.responses import failure, success_at
from app.panel.section import Section
from app.services.sms.campaign.create import cancel, count_states, decide, pause, resume
from app.services.sms.delivery.manual_review import MANUAL_DECISIONS
from app.services.sms.text.footer import split_footer
from models.member import Member
from models.sms.campaign import CampaignStatus, LeftOut, SmsCampaign, SmsExclusion
from models.sms.message import FINAL, HANDED_OVER, MessageState, SmsMessage

MOST_FAILURES = 50
# The order of the progress bar, from delivered to waiting messages.
_ORDER = (
    MessageState.DELIVERED,
    MessageState.SENT,
    MessageState.ACCEPTED,
    MessageState.SUBMITTING,
    MessageState.CLAIMED,
    MessageState.QUEUED,
    MessageState.UNKNOWN,
    MessageState.NEEDS_REVIEW,
    MessageState.UNDELIVERED,
    MessageState.BLOCKED,
    MessageState.FAILED,
    MessageState.EXPIRED,
    MessageState.CANCELLED,
)
_FAILED = (MessageState.FAILED, MessageState.UNDELIVERED, MessageState.BLOCKED, MessageState.EXPIRED)
_STEPS: dict[str, Callable[..., Any]] = {"pause": pause, "resume": resume, "cancel": cancel}


@dataclass(frozen=True)
class BarPart:
    """The part of one state in the progress bar; *start* and *width* in thousandths."""

    state: MessageState
    count: int
    start: int
    width: int


@dataclass(frozen=True)
class Progress:
    campaign: SmsCampaign
    shares: Sequence[BarPart]
    done: int
    reviewed: int
    left_out: dict[LeftOut, int]
    failures: Sequence[SmsMessage]
    summary: str
    rate: int  # handed over within the last minute
    waiting: int

    @property
    def minutes_left(self) -> int | None:
        """The remaining minutes at the present rate; None while nothing is sent."""
        if self.campaign.status is not CampaignStatus.RUNNING or not (self.rate and self.waiting):
            return None
        return ceil(self.waiting / self.rate)

    @property
    def is_moving(self) -> bool:
        """Whether the figures may change without any user action."""
        return self.campaign.is_open or any(
            share.state not in FINAL and share.state is not MessageState.NEEDS_REVIEW for share in self.shares
        )


class CampaignProgress(Section):
    """GET /show/<pk> and /progress/<pk>; POST /steer/<pk>/<step> and /review/<pk>."""

    @expose("/show/<pk>")
    @requires("show")
    def show(self, pk: str) -> str:
        campaign: SmsCampaign = self.get_row(row_key(pk))
        return self.render_template(
            "sms/campaign.html",
            progress=progress_of(campaign),
            text=split_footer(campaign.body),
            again=request.args.get("again") == "1",
            may_steer=permitted(self, "can_cancel"),
            base_url=self.base_url,
        )

    @expose("/progress/<pk>")
    @requires("show")
    @limited(read=Group.NEWS)
    def progress(self, pk: str) -> str:
        """The progress fragment, which polls itself while figures may change."""
        return self._figures(self.get_row(row_key(pk)))

    @expose("/steer/<pk>/<step>", methods=["POST"])
    @requires("cancel")
    def steer(self, pk: str, step: str) -> Response:
        lock_membership()
        campaign: SmsCampaign = self.get_row(row_key(pk))
        url = f"{self.base_url}show/{campaign.id}"
        if step not in _STEPS:
            return failure(_("This address does not do that"), url)
        version = request.form.get("row_version", "")
        try:
            taken = _STEPS[step](campaign, row_version=parse_int(version))
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), url)
        words = {
            "pause": _("The campaign is paused; what is on its way arrives."),
            "resume": _("The campaign goes on."),
            "cancel": ngettext(
                "%(num)s message is taken back.", "%(num)s messages are taken back.", taken or 0
            ),
        }
        return self._steered(Done(words[step]), url)

    @expose("/review/<pk>", methods=["POST"])
    @requires("cancel")
    def review(self, pk: str) -> Response:
        """Decide on the campaign's messages in review, all or the ticked ones."""
        lock_membership()
        campaign: SmsCampaign = self.get_row(row_key(pk))
        url = f"{self.base_url}show/{campaign.id}"
        decision = next(
            (each for each in MANUAL_DECISIONS if each.value == request.form.get("decision")), None
        )
        if decision is None:
            return failure(_("Please choose one."), url)
        waiting = count_states(campaign).get(MessageState.NEEDS_REVIEW, 0)
        if waiting > MOST_UNTYPED and read_count(request.form.get(TYPED, "")) != waiting:
            return failure(_("The number is not right; write %(count)s.", count=group_number(waiting)), url)
        by = db.session.get_one(Member, member_id())
        try:
            reason = storable_text(request.form.get("reason", ""), field="reason")
            number = decide(campaign, decision, reason=reason, by=by)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), url)
        words = ngettext("Decided on %(num)s message.", "Decided on %(num)s messages.", number)
        return self._steered(Done(words), url)

    def _steered(self, done: Done, url: str) -> Response:
        return success_at(done, url)

    def _figures(self, campaign: SmsCampaign) -> str:
        return self.render_template(
            "sms/_progress.html",
            progress=progress_of(campaign),
            may_steer=permitted(self, "can_cancel"),
            base_url=self.base_url,
        )


def progress_of(campaign: SmsCampaign) -> Progress:
    """The current figures of the campaign."""
    states = count_states(campaign)
    left_out = (
        select(SmsExclusion.reason, func.count().label("number"))
        .where(SmsExclusion.campaign_id == campaign.id)
        .group_by(SmsExclusion.reason)
    )
    failed = select(SmsMessage).where(SmsMessage.campaign_id == campaign.id, SmsMessage.state.in_(_FAILED))
    recent = (
        select(func.count())
        .select_from(SmsMessage)
        .where(SmsMessage.campaign_id == campaign.id, SmsMessage.accepted_at > now() - timedelta(minutes=1))
    )
    waiting = (MessageState.QUEUED, MessageState.CLAIMED, MessageState.SUBMITTING, MessageState.UNKNOWN)
    return Progress(
        campaign=campaign,
        shares=_shares(states),
        done=sum(count for state, count in states.items() if state not in waiting),
        reviewed=states.get(MessageState.NEEDS_REVIEW, 0),
        left_out={row.reason: row.number for row in db.session.execute(left_out)},
        failures=db.session.scalars(failed.order_by(SmsMessage.id.desc()).limit(MOST_FAILURES)).all(),
        summary=_summary(campaign, states),
        rate=db.session.scalar(recent) or 0,
        waiting=sum(states.get(state, 0) for state in waiting),
    )


def _shares(states: dict[MessageState, int]) -> list[BarPart]:
    total, start, shares = sum(states.values()), 0, []
    for state in _ORDER:
        count = states.get(state, 0)
        if count:
            width = max(round(1000 * count / total), 4)
            shares.append(BarPart(state, count, start, width))
            start += width
    return shares


def _summary(campaign: SmsCampaign, states: dict[MessageState, int]) -> str:
    """A sentence on the state of a cancelled or paused campaign, otherwise empty."""
    if campaign.status is CampaignStatus.CANCELLED:
        sent = sum(count for state, count in states.items() if state in HANDED_OVER)
        cancelled = states.get(MessageState.CANCELLED, 0)
        return _(
            "%(cancelled)s cancelled, %(sent)s had been sent before.",
            cancelled=group_number(cancelled),
            sent=group_number(sent),
        )
    if campaign.status is CampaignStatus.PAUSED and campaign.pause_reason is not None:
        return str(campaign.pause_reason.label)
    return ""
