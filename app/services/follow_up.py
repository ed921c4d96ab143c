"""Follow-ups: records the result of a contact and its consequences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from app.errors import RowChanged
from app.extensions import db
from app.services.audit.record import record
from app.services.result import Result, ResultRefused, refuse_incomplete
from app.services.result_entry import Entries
from app.services.sale.confirm import confirm_sale
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.order import Order, OrderStatus
from models.result_title import ResultKind, ResultScope

# The button stands for ten seconds, and longer under a pointer or with the focus.
UNDO_FOR = timedelta(minutes=2)
ENTRIES = Entries(FollowUpEntry, "follow_up_id", UNDO_FOR)
MOMENTS = ("next_at", "first_contact_at", "last_entry_at", "closed_at")
_CLOSED: dict[ResultKind, tuple[FollowUpStatus, OrderStatus]] = {
    ResultKind.WON: (FollowUpStatus.WON, OrderStatus.WON),
    ResultKind.LOST: (FollowUpStatus.LOST, OrderStatus.LOST),
    ResultKind.INVALID: (FollowUpStatus.INVALID, OrderStatus.INVALID),
}


def record_result(follow_up: FollowUp, result: Result) -> FollowUpEntry:
    """Append *result* to *follow_up*, update it and its order, and confirm the sale when won.

    Raises `ResultRefused` and `RowChanged`.
    """
    # Concurrent results of one follow-up wait here.
    db.session.refresh(follow_up, with_for_update=True)
    # A reference is needed: without one the session drops the locked row and reads it again.
    order = locked_order(follow_up.order_id)
    earlier: FollowUpEntry | None = ENTRIES.recorded(result.token)
    if earlier is not None:
        return earlier
    if result.version is not None and result.version != follow_up.row_version:
        raise RowChanged(_("This follow-up was changed meanwhile."))
    refuse_incomplete(result, ResultScope.FOLLOW_UP)

    next_at = None if result.title.kind.closes else result.next_at
    entry: FollowUpEntry = ENTRIES.append(follow_up, result, next_at, state_of(follow_up, order))
    _move(follow_up, order, result, entry)
    if result.sale is not None and result.title.kind is ResultKind.WON:
        confirm_sale(follow_up, result.sale)
    db.session.flush()
    record("result", follow_up)
    return entry


def locked_order(key: int) -> Order:
    """The present state of the order, locked; also a deleted one."""
    order = db.session.get(
        Order, key, with_for_update=True, populate_existing=True, execution_options={"with_deleted": True}
    )
    if order is None:
        # The follow-up went to somebody else, or its assignment was undone, while this request waited for the lock.
        raise ResultRefused(_("Nothing matches any more."))
    return order


def _move(follow_up: FollowUp, order: Order, result: Result, entry: FollowUpEntry) -> None:
    follow_up.last_result_id = result.title.id
    follow_up.attempts += 1
    follow_up.last_entry_at = entry.at
    follow_up.first_contact_at = follow_up.first_contact_at or entry.at
    follow_up.next_at = entry.next_at
    # A further result reopens a closed follow-up.
    follow_up.status, order.status = states_after(result.title.kind, entry)
    follow_up.closed_at = entry.at if result.title.kind.closes else None


def states_after(kind: ResultKind, entry: FollowUpEntry) -> tuple[FollowUpStatus, OrderStatus]:
    """The states of a follow-up and of its order after *entry*, whose title is of *kind*."""
    if kind in _CLOSED:
        return _CLOSED[kind]
    return FollowUpStatus.WAITING if entry.next_at else FollowUpStatus.OPEN, OrderStatus.ASSIGNED


def follow_edited_contact(follow_up: FollowUp) -> None:
    """Let *follow_up* wait for a next contact that was edited by hand; raises `ResultRefused` for a closed one."""
    if not follow_up.status.is_closed:
        follow_up.status = FollowUpStatus.WAITING if follow_up.next_at else FollowUpStatus.OPEN
    elif follow_up.next_at is not None:
        raise ResultRefused(
            _("This follow-up is closed; register a result to contact the customer again."), field="next_at"
        )


def state_of(follow_up: FollowUp, order: Order) -> dict[str, Any]:
    """The values that a result changes, as JSON."""
    moments = {name: getattr(follow_up, name) for name in MOMENTS}
    return {
        "status": follow_up.status.name,
        "order_status": order.status.name,
        "last_result_id": follow_up.last_result_id,
        "attempts": follow_up.attempts,
        **{name: moment and moment.isoformat() for name, moment in moments.items()},
    }
