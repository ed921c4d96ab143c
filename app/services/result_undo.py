"""Undo of a result: a compensating entry that restores the follow-up and its order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import exists, select

from app.extensions import db
from app.services.audit.record import record
from app.services.follow_up import ENTRIES, MOMENTS, locked_order, states_after
from app.services.result import UndoRefused, withdraw_sms
from app.services.result_entry import former_title
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.order import Order, OrderStatus
from models.sale import Sale
from models.tenancy.scope import whole_organization


def undo_result(follow_up: FollowUp, entry: FollowUpEntry) -> FollowUpEntry:
    """Restore *follow_up* as it was before *entry*, and append the entry that says so. Raises `UndoRefused`."""
    # Results and undos of one follow-up wait here for each other.
    db.session.refresh(follow_up, with_for_update=True)
    order = locked_order(follow_up.order_id)
    db.session.refresh(entry)
    before = _refuse(follow_up, order, entry)
    withdraw_sms(entry.client_token)
    _restore(follow_up, order, before)
    undo: FollowUpEntry = ENTRIES.append_undo(follow_up, entry)
    record("undo result", follow_up)
    return undo


def _refuse(follow_up: FollowUp, order: Order, entry: FollowUpEntry) -> dict[str, Any]:
    """The values to restore; raises `UndoRefused` where they must not be."""
    before = ENTRIES.values_before(follow_up, entry)
    # Also a sale that a manager has added for another consultant, or has dated earlier.
    sold = exists(select(Sale.id).where(Sale.order_id == follow_up.order_id, Sale.created_at >= entry.at))
    with whole_organization(db.session()):
        is_sold = db.session.scalar(select(sold))
    if is_sold:
        raise UndoRefused(_("This result has made a sale; it can't be taken back."))
    left = states_after(entry.result_title.kind, entry)
    if follow_up.next_at != entry.next_at or (follow_up.status, order.status) != left:
        raise UndoRefused(_("This follow-up was changed meanwhile; the result can't be taken back."))
    return before


def _restore(follow_up: FollowUp, order: Order, before: dict[str, Any]) -> None:
    follow_up.status = FollowUpStatus[before["status"]]
    follow_up.last_result = former_title(before["last_result_id"])
    follow_up.attempts = before["attempts"]
    for name in MOMENTS:
        text = before[name]
        setattr(follow_up, name, datetime.fromisoformat(text) if text else None)
    order.status = OrderStatus[before["order_status"]]
