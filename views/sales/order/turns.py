"""Preview and result of assigning orders in turn (round robin)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func
from wtforms import HiddenField

from app.extensions import db
from app.lib.persian import persian_digits
from app.panel.action import Done
from app.panel.forms.builder import PanelForm
from app.services.assignment.share import MemberShare, preview_shares, shares_of
from app.services.assignment.share_words import (
    assigned_in_words,
    preview_in_words,
    waiting_in_words,
    why_waiting,
)
from models.member import Member
from models.order import Order, OrderStatus


class TurnsForm(PanelForm):
    """The preview of the dialog, so that the result can be compared with it."""

    foreseen = HiddenField()


def preview_turns(_section: Any, statement: Any, form: TurnsForm) -> Sequence[str]:
    """Sentences on how many of the statement's orders each consultant would get, and how many would wait."""
    waiting = statement.where(Order.status == OrderStatus.NEW).order_by(None)
    figures = waiting.with_only_columns(func.count(), func.min(Order.id), maintain_column_froms=True)
    amount, first_id = db.session.execute(figures).one()
    if not amount:
        return [_("None of these orders waits for a consultant.")]
    found = preview_shares(amount, first_id)
    form.foreseen.data = _token(found.shares)
    lines = [preview_in_words(found.shares)] if found.shares else []
    return [*lines, waiting_in_words(found.waiting)] if found.waiting else lines


def turns_result(rows: Sequence[Order], given: Mapping[int, Member], form: TurnsForm | None) -> Done:
    """The result: the orders per consultant, why others wait, and whether it differs from the preview."""
    shares = shares_of(given.values())
    words = [assigned_in_words(shares)]
    left = [row for row in rows if row.id not in given]
    waiting = [row for row in left if row.status is OrderStatus.NEW]
    if waiting:
        words.append(waiting_in_words(len(waiting)))
    if taken := len(left) - len(waiting):
        words.append(ngettext("%(num)s did not wait.", "%(num)s did not wait.", taken))
    if form is not None and form.foreseen.data and form.foreseen.data != _token(shares):
        words.append(_("This differs from the dialog: orders or consultants have changed since."))
    why = why_waiting() if waiting else ""
    reason = _("This order does not wait for anybody.")
    return Done(
        persian_digits(" ".join(words)),
        refused={row.id: why if row.status is OrderStatus.NEW else reason for row in left},
        tally={share.name: share.orders for share in shares},
    )


def _token(shares: Sequence[MemberShare]) -> str:
    return ",".join(f"{share.member_id}:{share.orders}" for share in shares)
