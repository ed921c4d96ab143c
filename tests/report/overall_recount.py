"""The figures of the overall report again: slowly, row by row, in plain Python, and with definitions of their own."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from app.extensions import db
from app.services.report.question import Group
from models.assignment import Assignment
from models.follow_up import FollowUp, FollowUpEntry
from models.order import Order
from models.result_title import ResultKind, ResultTitle
from models.sale import Sale, SaleStatus
from models.sms.message import MessageState, SmsMessage
from tests.report.recount import TEHRAN, day_of, period_of, rows_of

_ENDLESS = datetime.max.replace(tzinfo=UTC)
_SENT = {MessageState.ACCEPTED, MessageState.SENT}
_NOT_DELIVERED = {MessageState.UNDELIVERED, MessageState.BLOCKED}
_NOT_SENT = {MessageState.FAILED, MessageState.CANCELLED, MessageState.EXPIRED}


def working_minutes(organization, start, end):
    """The whole working minutes between two moments, day by day."""
    passed, day = timedelta(), day_of(start)
    while day <= day_of(end):
        jalali_weekday = (day.weekday() + 2) % 7
        if day.isoformat() not in organization.holidays and jalali_weekday in _workdays(organization):
            opens = datetime.combine(day, organization.works_from or time.min, TEHRAN)
            closes = datetime.combine(day, organization.works_until or time.max, TEHRAN)
            passed += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return passed


def _workdays(organization):
    """The numbers of the working days, 0 for Saturday."""
    names = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday")
    return {names.index(each) for each in organization.working_days}


class OverallRecount:
    def __init__(self, organization, member_id=None) -> None:
        db.session.expire_all()
        self.organization, self.member_id = organization, member_id
        self.lines, self.sales, self.entries = rows_of(Assignment), rows_of(Sale), rows_of(FollowUpEntry)
        self.orders = {each.id: each for each in rows_of(Order)}
        self.follow_ups = {each.id: each for each in rows_of(FollowUp)}
        self.kinds = {each.id: each.kind for each in rows_of(ResultTitle)}
        self.messages = rows_of(SmsMessage)

    def numbers(self, asked):
        """(member, customer) → what is known of the number."""
        found = {}
        for line in self.lines:
            if line.to_member_id is None or line.undone_at is not None or line.undoes_id is not None:
                continue
            if self._fits(asked, line.started_at, line.to_member_id, line.order_id):
                found.setdefault((line.to_member_id, line.counted_customer_id), []).append(line)
        return {pair: self._number(asked, pair, lines) for pair, lines in found.items()}

    def _number(self, asked, pair, lines):
        started = min(line.started_at for line in lines)
        begun = {}
        for line in lines:
            begun[line.order_id] = min(begun.get(line.order_id, _ENDLESS), line.started_at)
        calls = [each for each in self.entries if self._is_call(each, pair[0], begun)]
        sold = [self._days(started, sale) for sale in self.sales if self._is_sale(asked, sale, pair, started)]
        last = calls[-1].result_title_id if calls else 0
        first = min((each.at for each in calls), default=None)
        wait = None
        if first is not None:
            wait = working_minutes(
                self.organization, started.replace(microsecond=0), first.replace(microsecond=0)
            ) // timedelta(minutes=1)
        return {
            "key": min(line.id for line in lines),
            "calls": len(calls),
            "result": last,
            "bought": min(sold, default=None),
            "state": self._state(calls, last, sold),
            "waited": wait,
            "week": period_of(day_of(started), Group.WEEK),
            "month": period_of(day_of(started), Group.MONTH),
        }

    def _is_call(self, entry, member_id, begun):
        order_id = self.follow_ups[entry.follow_up_id].order_id
        if entry.is_undone or order_id not in begun or entry.at < begun[order_id]:
            return False
        return any(
            line.order_id == order_id
            and line.to_member_id == member_id
            and line.started_at <= entry.at < (line.ended_at or _ENDLESS)
            for line in self.lines
        )

    def _is_sale(self, asked, sale, pair, started):
        counts = sale.deleted_at is None and sale.status not in {SaleStatus.DRAFT, SaleStatus.CANCELLED}
        is_theirs = (sale.consultant_id, sale.counted_customer_id) == pair
        is_later = day_of(sale.sold_at) >= day_of(started)
        return counts and is_theirs and is_later and self._is_of_order(asked, sale.order_id)

    def _days(self, started, sale):
        return (day_of(sale.sold_at) - day_of(started)).days

    def _state(self, calls, last, sold):
        if sold:
            return "bought"
        if not calls:
            return "new"
        kind = self.kinds[last]
        if kind is ResultKind.INVALID:
            return "invalid"
        return "lost" if kind in {ResultKind.WON, ResultKind.LOST} else "open"

    def calls(self, asked):
        found = {}
        for entry in self.entries:
            order_id = self.follow_ups[entry.follow_up_id].order_id
            if not entry.is_undone and self._fits(asked, entry.at, entry.by_id, order_id):
                answered = int(self.kinds[entry.result_title_id] is not ResultKind.UNREACHABLE)
                found.setdefault((entry.at.astimezone(TEHRAN).hour, answered), []).append(entry.id)
        return found

    def sms(self, asked):
        found = {}
        for row in self.messages:
            work = self.follow_ups.get(row.follow_up_id)
            wants_order = asked.product_id is not None or asked.source_id is not None
            if (wants_order and work is None) or not self._fits(
                asked, row.created_at, row.created_by_id, work and work.order_id
            ):
                continue
            fate = "waiting"
            for name, states in (
                ("delivered", {MessageState.DELIVERED}),
                ("on_the_way", _SENT),
                ("not_delivered", _NOT_DELIVERED),
                ("not_sent", _NOT_SENT),
            ):
                fate = name if row.state in states else fate
            found.setdefault(fate, []).append(row.id)
        return found

    def _fits(self, asked, at, member_id, order_id):
        wanted = {asked.consultant_id, self.member_id} - {None}
        is_theirs = all(each == member_id for each in wanted)
        return is_theirs and asked.first <= day_of(at) <= asked.last and self._is_of_order(asked, order_id)

    def _is_of_order(self, asked, order_id):
        if asked.product_id is None and asked.source_id is None:
            return True
        order = self.orders[order_id]
        return asked.product_id in {None, order.product_id} and asked.source_id in {None, order.source_id}
