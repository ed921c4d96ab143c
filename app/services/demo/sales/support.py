"""Support of the demo's sales: some without an entry, one overdue, one with a history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.services.demo.draw import Draw
from models.organization import Organization
from models.result_title import ResultScope, ResultTitle
from models.sale import Sale
from models.support import SupportEntry
from models.tenancy.scope import Actor, acting_as

# For each supported sale its entries: (title, working days ago, note, day of the next contact after today).
_HISTORIES = (
    (("راهنمایی شد", 3, "فعال‌سازی حساب را قدم‌به‌قدم انجام داد", None),),
    (("راهنمایی شد", 6, "", None), ("پاسخ نداد", 2, "دو بار تماس گرفته شد", -1)),
    (("شکایت", 5, "بستهٔ پستی هنوز نرسیده است", None), ("در حال بررسی", 1, "کد رهگیری خواسته شد", 1)),
)


def support(draw: Draw, organization: Organization, agent_id: int) -> None:
    """Add support entries of the agent to the first sales of *organization*."""
    with acting_as(db.session(), Actor(organization.id, agent_id)) as session:
        found = select(ResultTitle).where(ResultTitle.scope == ResultScope.SUPPORT)
        titles = {each.title: each for each in session.scalars(found)}
        sales = session.scalars(select(Sale).order_by(Sale.id).limit(len(_HISTORIES))).all()
        for sale, history in zip(sales, _HISTORIES, strict=False):
            for title, ago, note, ahead in history:
                moment = None if ahead is None else _contact(draw, ahead)
                sale.last_support_result_id, sale.support_next_at = titles[title].id, moment
                entry = SupportEntry(
                    sale_id=sale.id,
                    customer_id=sale.customer_id,
                    result_title_id=titles[title].id,
                    note=note or None,
                    next_at=moment,
                    at=draw.calendar.working_day(ago, hour=14),
                    by_id=agent_id,
                )
                session.add(entry)


def _contact(draw: Draw, ahead: int) -> datetime:
    """The hour of a next contact: overdue, or on the next working day."""
    return (
        draw.calendar.next_working_day(hour=11) if ahead > 0 else draw.calendar.working_day(-ahead, hour=11)
    )
