"""Manual decisions on messages whose delivery is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from app.errors import DomainError
from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.lib.clock import now
from app.lib.persian import is_blank
from app.services.audit.record import muted, note
from app.services.sms.lease import DISPATCH_TASK, begin_writing
from app.services.sms.quota import settle
from models.member import Member
from models.sms.attempt import Decision, SmsDecision
from models.sms.campaign import CampaignStatus, SmsCampaign
from models.sms.message import MessageState, SmsMessage
from models.sms.quota import LedgerKind

MANUAL_DECISIONS = (Decision.ASSUME_SENT, Decision.SEND_AGAIN)


_EXTENSION = timedelta(days=1)


class ReasonRequired(DomainError):
    """A decision needs a reason."""


def decide(target: SmsCampaign | Sequence[int], decision: Decision, *, reason: str, by: Member) -> int:
    """Apply *decision* to a campaign's messages in review, or to those with the given ids; returns their number.

    A message that is sent again goes to the same provider with the same local id; a finished campaign is
    reopened for it.
    """
    if decision not in MANUAL_DECISIONS:
        raise ValueError(decision)
    if is_blank(reason):
        raise ReasonRequired(_("Say why."), field="reason")
    begin_writing()
    rows = _lock(target)
    for row in rows:
        if decision is Decision.ASSUME_SENT:
            _assume_sent(row)
        else:
            _send_again(row)
        db.session.add(
            SmsDecision(
                message_id=row.id,
                attempt_no=row.attempt_no,
                decision=decision,
                reason=reason.strip()[:300],
                by_id=by.id,
            )
        )
        note(decision.value, SmsMessage, row.id, after={"reason": reason.strip()[:300]}, row=row)
    db.session.flush()
    _settle(rows, decision)
    return len(rows)


def _lock(target: SmsCampaign | Sequence[int]) -> Sequence[SmsMessage]:
    whose = (
        SmsMessage.campaign_id == target.id
        if isinstance(target, SmsCampaign)
        else SmsMessage.id.in_(list(target))
    )
    statement = select(SmsMessage).where(whose, SmsMessage.state == MessageState.NEEDS_REVIEW)
    locked = statement.order_by(SmsMessage.id).with_for_update()
    return db.session.scalars(locked.execution_options(populate_existing=True)).all()


def _assume_sent(message: SmsMessage) -> None:
    message.state, message.accepted_at = MessageState.ACCEPTED, now()


def _send_again(message: SmsMessage) -> None:
    message.state, message.not_before = MessageState.QUEUED, now()
    message.look_ups, message.tries = 0, 0
    # The message may have expired since.
    message.expires_at = max(message.expires_at, now() + _EXTENSION)


def _settle(rows: Sequence[SmsMessage], decision: Decision) -> None:
    if decision is Decision.ASSUME_SENT:
        with muted():
            settle(LedgerKind.CAPTURE, rows)
        return
    over = (CampaignStatus.FINISHED, CampaignStatus.CANCELLED)
    statement = update(SmsCampaign).where(
        SmsCampaign.id.in_({row.campaign_id for row in rows}), SmsCampaign.status.in_(over)
    )
    values: dict[str, Any] = {"status": CampaignStatus.RUNNING, "finished_at": None, "cancelled_at": None}
    db.session.execute(statement.values(**values))
    enqueue_after_commit(DISPATCH_TASK)
