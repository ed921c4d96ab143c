"""Results of a contact: what a result title requires, the titles of a scope, and the SMS that is withdrawn with a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import exists, select
from sqlalchemy.orm import contains_eager

from app.errors import Conflict, DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.lib.clock import now
from app.services.sale.confirm import SaleDetails
from app.services.sms.campaign.control import CANCELLABLE, cancel
from app.services.sms.campaign.create import find_campaign
from models.result_title import ResultKind, ResultScope, ResultTitle
from models.sms.message import UNSENT, SmsMessage

# The form is open during a call, so the next contact may be this far in the past when it is sent.
GRACE = timedelta(minutes=10)
# So many titles are chosen by a digit of the keyboard.
DIGITS = 9
FARTHEST = timedelta(days=2 * 365)


class ResultRefused(DomainError):
    """A result that is incomplete or contradictory."""


class UndoRefused(Conflict):
    """A result that can't be undone any more, with the reason."""


@dataclass(frozen=True)
class Result:
    """The result of one contact.

    `token` identifies the form, so that it is recorded once; `version` is the version of the row in the form.
    """

    title: ResultTitle
    note: str | None = None
    next_at: datetime | None = None
    uploads: Sequence[Upload] = ()
    sale: SaleDetails | None = None
    token: UUID | None = None
    version: int | None = None


def refuse_incomplete(result: Result, scope: ResultScope) -> None:
    """Raise `ResultRefused` for a title of another *scope*, or without what the title requires."""
    title = result.title
    if title.scope is not scope or not title.is_active:
        raise ResultRefused(_("Choose one of the result titles."), field="result_title")
    if title.requires_note and not result.note:
        raise ResultRefused(_("This result needs a note."), field="note")
    if title.requires_file and not result.uploads:
        raise ResultRefused(_("This result needs a file."), field="files")
    if title.requires_next and result.next_at is None:
        raise ResultRefused(_("This result needs the time of the next contact."), field="next_at")
    if title.kind is ResultKind.WON and result.sale is None:
        raise ResultRefused(_("Write down what was sold."), field="items")
    if result.next_at is not None:
        _refuse_bad_time(result.next_at)


def _refuse_bad_time(next_at: datetime) -> None:
    if next_at < now() - GRACE:
        raise ResultRefused(_("The next contact can't lie in the past."), field="next_at")
    if next_at > now() + FARTHEST:
        raise ResultRefused(_("The next contact is more than two years away."), field="next_at")


def result_titles(scope: ResultScope = ResultScope.FOLLOW_UP) -> Sequence[ResultTitle]:
    """The active result titles of *scope* with their SMS templates, in the organisation's order.

    The first `DIGITS` are chosen by a digit of the keyboard.
    """
    return db.session.scalars(
        select(ResultTitle)
        .outerjoin(ResultTitle.sms_template)
        .options(contains_eager(ResultTitle.sms_template))
        .where(ResultTitle.scope == scope, ResultTitle.is_active.is_(True))
        .order_by(ResultTitle.position, ResultTitle.id)
    ).all()


def withdraw_sms(token: UUID | None) -> None:
    """Cancel the SMS that was queued with the result of the form *token*.

    Raises `UndoRefused` once a provider may have it.
    """
    refusal = UndoRefused(_("The SMS of this result is on its way; the result can't be taken back."))
    campaign = find_campaign(token) if token else None
    if campaign is None:
        return
    if campaign.status in CANCELLABLE:
        try:
            cancel(campaign)
        except Conflict:
            raise refusal from None
    sent = exists(
        select(SmsMessage.id).where(SmsMessage.campaign_id == campaign.id, SmsMessage.state.not_in(UNSENT))
    )
    if db.session.scalar(select(sent)):
        raise refusal
