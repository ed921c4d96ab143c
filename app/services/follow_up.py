"""Follow-ups: records the result of a contact and its consequences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.lib.clock import now
from app.services.attachment.attach import attach
from app.services.audit.record import record
from app.services.sale import SaleDetails, confirm_sale
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.order import Order, OrderStatus
from models.result_title import ResultKind, ResultScope, ResultTitle
from models.tenancy.scope import actor_of

# The form is open during a call, so the next contact may be this far in the past when it is sent.
GRACE = timedelta(minutes=10)
FARTHEST = timedelta(days=2 * 365)

_CLOSED: dict[ResultKind, tuple[FollowUpStatus, OrderStatus]] = {
    ResultKind.WON: (FollowUpStatus.WON, OrderStatus.WON),
    ResultKind.LOST: (FollowUpStatus.LOST, OrderStatus.LOST),
    ResultKind.INVALID: (FollowUpStatus.INVALID, OrderStatus.INVALID),
}


class ResultRefused(DomainError):
    """A result that is incomplete or contradictory."""


@dataclass(frozen=True)
class Result:
    """The result of one contact; `token` identifies the form, so that it is recorded once."""

    title: ResultTitle
    note: str | None = None
    next_at: datetime | None = None
    uploads: Sequence[Upload] = ()
    sale: SaleDetails | None = None
    token: UUID | None = None


def record_result(follow_up: FollowUp, result: Result) -> FollowUpEntry:
    """Append *result* to *follow_up*, update it and its order, and confirm the sale when won. Raises `ResultRefused`."""
    # Concurrent results of one follow-up wait here.
    db.session.refresh(follow_up, with_for_update=True)
    # A reference is needed: without one the session drops the locked row and reads it again.
    order = _locked_order(follow_up.order_id)
    if (earlier := _already_recorded(result.token)) is not None:
        return earlier
    _refuse_incomplete(result)

    entry = _append(follow_up, result)
    attach(entry, result.uploads)
    _move(follow_up, order, result, entry)
    if result.sale is not None and result.title.kind is ResultKind.WON:
        confirm_sale(follow_up, result.sale)
    db.session.flush()
    record("result", follow_up)
    return entry


def _locked_order(key: int) -> Order:
    """The present state of the order, locked; also a deleted one."""
    return db.session.get_one(
        Order, key, with_for_update=True, populate_existing=True, execution_options={"with_deleted": True}
    )


def _already_recorded(token: UUID | None) -> FollowUpEntry | None:
    if token is None:
        return None
    return db.session.scalar(select(FollowUpEntry).where(FollowUpEntry.client_token == token))


def _refuse_incomplete(result: Result) -> None:
    title = result.title
    if title.scope is not ResultScope.FOLLOW_UP or not title.is_active:
        raise ResultRefused(_("Choose one of the result titles."), field="result_title")
    if title.requires_note and not result.note:
        raise ResultRefused(_("This result needs a note."), field="note")
    if title.requires_file and not result.uploads:
        raise ResultRefused(_("This result needs a file."), field="files")
    if title.requires_next and result.next_at is None:
        raise ResultRefused(_("This result needs the time of the next contact."), field="next_at")
    if title.kind is ResultKind.WON and result.sale is None:
        raise ResultRefused(_("Write down what was sold."), field="product")
    if result.next_at is not None:
        _refuse_bad_time(result.next_at)


def _refuse_bad_time(next_at: datetime) -> None:
    if next_at < now() - GRACE:
        raise ResultRefused(_("The next contact can't lie in the past."), field="next_at")
    if next_at > now() + FARTHEST:
        raise ResultRefused(_("The next contact is more than two years away."), field="next_at")


def _append(follow_up: FollowUp, result: Result) -> FollowUpEntry:
    entry = FollowUpEntry(
        follow_up_id=follow_up.id,
        result_title_id=result.title.id,
        note=result.note or None,
        next_at=None if result.title.kind.closes else result.next_at,
        at=now(),
        by_id=actor_of(db.session()).member_id,
        client_token=result.token,
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def _move(follow_up: FollowUp, order: Order, result: Result, entry: FollowUpEntry) -> None:
    follow_up.last_result_id = result.title.id
    follow_up.attempts += 1
    follow_up.last_entry_at = entry.at
    follow_up.first_contact_at = follow_up.first_contact_at or entry.at
    follow_up.next_at = entry.next_at
    if result.title.kind in _CLOSED:
        follow_up.status, order.status = _CLOSED[result.title.kind]
        follow_up.closed_at = entry.at
        return
    # A further result reopens a closed follow-up.
    follow_up.status = FollowUpStatus.WAITING if entry.next_at else FollowUpStatus.OPEN
    follow_up.closed_at = None
    order.status = OrderStatus.ASSIGNED


def result_titles() -> Iterable[ResultTitle]:
    """The active result titles with their SMS templates, in the organisation's order."""
    return db.session.scalars(
        select(ResultTitle)
        .outerjoin(ResultTitle.sms_template)
        .options(contains_eager(ResultTitle.sms_template))
        .where(ResultTitle.scope == ResultScope.FOLLOW_UP, ResultTitle.is_active.is_(True))
        .order_by(ResultTitle.position, ResultTitle.id)
    ).all()


def entries_of(follow_up: FollowUp) -> Sequence[FollowUpEntry]:
    """The entries of *follow_up* with their authors, newest first."""
    return db.session.scalars(
        select(FollowUpEntry)
        .options(joinedload(FollowUpEntry.by))
        .where(FollowUpEntry.follow_up_id == follow_up.id)
        .order_by(FollowUpEntry.id.desc())
    ).all()
