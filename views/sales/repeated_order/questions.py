"""The questions before decisions on repeated orders: of one order with its names, of several with their number."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select

from app.extensions import db
from app.lib.persian import persian_digits
from app.panel.action import Question
from app.panel.formatting import spoken_time
from views.sales.repeated_order.rows import work_of


def ask_attach(_section: Any, statement: Select[Any], count: int) -> Question:
    row = _single(statement, count)
    if row is None:
        return Question(
            persian_digits(ngettext("Attach %(num)s order?", "Attach %(num)s orders?", count)),
            [_("They get no follow-ups of their own; the timelines of their first orders show them.")],
            ngettext("Attach %(num)s order", "Attach %(num)s orders", count),
        )
    return Question(
        _(
            "Attach the order of %(when)s to the open follow-up of %(who)s?",
            when=_when(row),
            who=_who(row),
        ),
        [
            _(
                "It gets no follow-up of its own; %(who)s sees in the timeline that %(customer)s ordered again.",
                who=_who(row),
                customer=row.customer,
            )
        ],
        _("Join the follow-up"),
    )


def ask_same_consultant(_section: Any, statement: Select[Any], count: int) -> Question:
    row = _single(statement, count)
    if row is None:
        return Question(
            persian_digits(
                ngettext(
                    "Give %(num)s order to its consultant?",
                    "Give %(num)s orders to their consultants?",
                    count,
                )
            ),
            [_("Each gets a follow-up of its own, with the consultant of its first order.")],
            ngettext(
                "Give %(num)s order to its consultant", "Give %(num)s orders to their consultants", count
            ),
        )
    return Question(
        _("Give the order of %(when)s to %(who)s?", when=_when(row), who=_who(row)),
        [_("%(who)s gets a new follow-up of %(customer)s.", who=_who(row), customer=row.customer)],
        _("Give to %(who)s", who=_who(row)),
    )


def ask_release(_section: Any, statement: Select[Any], count: int) -> Question:
    row = _single(statement, count)
    if row is None:
        return Question(
            persian_digits(ngettext("Is %(num)s order no repeat?", "Are %(num)s orders no repeats?", count)),
            [_("They become orders of their own and wait for a consultant.")],
            ngettext("%(num)s order is no repeat", "%(num)s orders are no repeats", count),
        )
    return Question(
        _("Is the order of %(when)s no repeat?", when=_when(row)),
        [
            _(
                "It becomes an order of %(customer)s of its own and waits for a consultant.",
                customer=row.customer,
            )
        ],
        _("It is no repeat"),
    )


def _single(statement: Select[Any], count: int) -> Any:
    """The only row of *statement*; None where there are several."""
    return db.session.scalar(statement) if count == 1 else None


def _when(row: Any) -> str:
    return spoken_time(row.ordered_at).words


def _who(row: Any) -> str:
    work = work_of(row)
    return work.consultant if work else ""
