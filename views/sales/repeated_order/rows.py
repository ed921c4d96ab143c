"""What the list of repeated orders shows of a row, and which decisions the row allows."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.lib.persian import persian_digits
from app.services.order.decide import follow_up_of_first
from app.services.order.first_work import first_work
from models.order import OrderStatus, RepeatDecision
from views.timelines.orders import COLOURS

DECIDED = {
    RepeatDecision.ATTACHED: "teal",
    RepeatDecision.SAME_CONSULTANT: "blue",
    RepeatDecision.NOT_REPEAT: "gray",
}


# The conditions of the decisions: the reason why one is not possible, or None.


def waits(row: Any) -> Any:
    return None if row.status is OrderStatus.HELD else _l("This order waits for no decision.")


def can_attach(row: Any) -> Any:
    if row.status is not OrderStatus.HELD:
        return waits(row)
    work = work_of(row)
    return None if work and work.is_open else _l("The first order has no open follow-up.")


def can_go_back(row: Any) -> Any:
    if row.status is not OrderStatus.HELD:
        return waits(row)
    work = work_of(row)
    if work is None:
        return _l("The first order has no consultant.")
    return None if work.can_be_given_work else _l("The consultant of the first order can't be given work.")


def can_release(row: Any) -> Any:
    return None if row.status is OrderStatus.ATTACHED else waits(row)


def work_of(row: Any) -> Any:
    """The work on the first order; lists load it for all rows at once."""
    if not hasattr(row, "work"):
        row.work = first_work([row]).get(row.repeat_of_id)
    return row.work


# The values of the columns.


def gap(row: Any) -> str:
    """The time between the two orders, in days, hours or minutes."""
    if row.repeat_of is None:
        return ""
    seconds = (row.ordered_at - row.repeat_of.ordered_at).total_seconds()
    minutes = int(abs(seconds)) // 60
    if minutes == 0:
        return _("At the same time")
    if minutes >= 24 * 60:
        words = ngettext("%(num)s day", "%(num)s days", minutes // (24 * 60))
    elif minutes >= 60:
        words = ngettext("%(num)s hour", "%(num)s hours", minutes // 60)
    else:
        words = ngettext("%(num)s minute", "%(num)s minutes", minutes)
    words = _("%(time)s later", time=words) if seconds >= 0 else _("%(time)s earlier", time=words)
    return persian_digits(words)


def result_words(row: Any) -> str | None:
    work = work_of(row)
    if work is None:
        return None
    return work.result or (_("New") if work.is_open else None)


def result_colour(row: Any) -> str:
    work = work_of(row)
    if work is not None and (work.result or work.is_open):
        return work.colour or "gray"
    return COLOURS.get(row.repeat_of.status, "gray") if row.repeat_of else "gray"


def consultant(row: Any) -> str:
    work = work_of(row)
    return work.consultant if work else ""


def follow_up_url(row: Any) -> str:
    """The follow-up that the order is joined to; its own page where there is none."""
    key = follow_up_of_first(row)
    return f"/follow-ups/show/{key}" if key else f"/repeated-orders/show/{row.id}"
