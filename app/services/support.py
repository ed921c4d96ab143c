"""Support of sales: records an entry, moves the sale's last result and next contact, and takes an entry back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from app.errors import RowChanged
from app.extensions import db
from app.services.audit.record import record
from app.services.result import Result, ResultRefused, UndoRefused, refuse_incomplete, withdraw_sms
from app.services.result_entry import Entries, former_title
from models.result_title import ResultScope
from models.sale import UNSUPPORTED, Sale
from models.support import SupportEntry

UNDO_FOR = timedelta(minutes=10)
ENTRIES = Entries(SupportEntry, "sale_id", UNDO_FOR)


def record_support(sale: Sale, result: Result) -> SupportEntry:
    """Append *result* to the support of *sale*. Raises `ResultRefused` and `RowChanged`."""
    # Concurrent entries of one sale wait here.
    db.session.refresh(sale, with_for_update=True)
    earlier: SupportEntry | None = ENTRIES.recorded(result.token)
    if earlier is not None:
        return earlier
    if result.version is not None and result.version != sale.row_version:
        raise RowChanged(_("This sale was changed meanwhile."))
    if sale.status in UNSUPPORTED:
        raise ResultRefused(_("This sale is cancelled or still a draft; it has no support."))
    refuse_incomplete(result, ResultScope.SUPPORT)

    entry: SupportEntry = ENTRIES.append(sale, result, result.next_at, _state_of(sale))
    sale.last_support_result_id, sale.support_next_at = result.title.id, result.next_at
    db.session.flush()
    record("support", sale)
    return entry


def undo_support(sale: Sale, entry: SupportEntry) -> SupportEntry:
    """Restore *sale* as it was before *entry*, and append the entry that says so. Raises `UndoRefused`."""
    # Entries and undos of one sale wait here for each other.
    db.session.refresh(sale, with_for_update=True)
    db.session.refresh(entry)
    before = _refuse(sale, entry)
    withdraw_sms(entry.client_token)
    moment = before["support_next_at"]
    sale.last_support_result = former_title(before["last_support_result_id"])
    sale.support_next_at = datetime.fromisoformat(moment) if moment else None
    undo: SupportEntry = ENTRIES.append_undo(sale, entry)
    record("undo support", sale)
    return undo


def _state_of(sale: Sale) -> dict[str, Any]:
    """The values that an entry changes, as JSON."""
    moment = sale.support_next_at
    return {
        "last_support_result_id": sale.last_support_result_id,
        "support_next_at": moment.isoformat() if moment else None,
    }


def _refuse(sale: Sale, entry: SupportEntry) -> dict[str, Any]:
    """The values to restore; raises `UndoRefused` where they must not be."""
    before = ENTRIES.values_before(sale, entry)
    if sale.support_next_at != entry.next_at:
        raise UndoRefused(_("This sale was changed meanwhile; the result can't be taken back."))
    return before
