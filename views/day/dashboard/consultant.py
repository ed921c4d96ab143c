"""The dashboard of a consultant: the day, four numbers, what to do now, sales and results."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.lib.jalali import add_months, long_date, month_and_year, month_start, today
from app.lib.persian import group_number
from app.panel.access import permitted_section
from app.panel.actor import current_member, member_id
from app.panel.charts import DayChart, day_chart, spark_bars, spark_line
from app.panel.formatting import spoken_time
from app.services.report import dashboard
from app.services.report.dashboard import Due, Sold, Today
from app.services.report.spans import Span, last_days
from views.day.dashboard.changes import (
    Number,
    amount_change,
    change_of,
    conversion_change,
    neutral,
    than_yesterday,
)
from views.day.dashboard.words import (
    address,
    days_of,
    may_see_sales,
    percent,
    sales_address,
    short_amount,
    span_words,
    whole_percent,
)

SPARK_DAYS, CHART_DAYS, RESULT_DAYS, MONTHS = 14, 30, 90, 12
# The first day of the chart has a mean of seven days too.
_BEFORE = 6
MOST_LATE = 4


def consultant_parts() -> dict[str, Any]:
    """The values of the template."""
    of, day = member_id(), today()
    due, done = dashboard.due(of, SPARK_DAYS), dashboard.done_today(of)
    arrived = dashboard.arrivals(of, last_days(day, SPARK_DAYS))
    has_sales = may_see_sales()
    sold = dashboard.sales_by_day(of, last_days(day, CHART_DAYS + _BEFORE)) if has_sales else []
    month = MonthNumbers(of, day) if has_sales else None
    # A consultant without numbers may still have follow-ups, of an undone assignment or an import.
    is_new = not (due.total or done.new or done.calls or any(arrived) or (month and month.has_any))
    ahead = dashboard.next_contact(of) if not due.late and not is_new else None
    return {
        "line": day_line(done, sold[-1] if sold else None),
        "numbers": [
            _due_number(due),
            _new_number(done, arrived),
            *(_month_numbers(month, sold) if month else ()),
        ],
        "has_sales": has_sales,
        "is_new": is_new,
        "is_away": not getattr(current_member(), "accepts_orders", True),
        "late": late_lines(of) if due.late else [],
        "late_count": due.late,
        "late_url": address("follow-ups", tab="due", f_next_at="overdue"),
        "ahead": (spoken_time(ahead[0]).words, ahead[1]) if ahead else None,
        "add_url": _add_order_url(),
        "chart": sales_chart(of, sold, day) if sold else None,
        "results_days": RESULT_DAYS,
    }


def day_line(done: Today, sold: Sold | None) -> list[tuple[str, str | None]]:
    """The day, and what was done on it until now, each with its address."""
    day = today()
    calls = ngettext("%(count)s call", "%(count)s calls", done.calls, count=group_number(done.calls))
    line: list[tuple[str, str | None]] = [(long_date(day), None), (calls, None)]
    if sold is not None:
        words = ngettext("%(count)s sale", "%(count)s sales", sold.count, count=group_number(sold.count))
        line.append((words, sales_address(Span(day, day), None) if sold.count else None))
    sms_url, count = address("sent-sms", f_created_at="today"), group_number(done.messages)
    if sms_url is not None:
        words = ngettext("%(count)s SMS", "%(count)s SMS messages", done.messages, count=count)
        line.append((words, sms_url if done.messages else None))
    return line


def late_lines(of: int | None) -> list[dict[str, Any]]:
    """The follow-ups that are late, the oldest first."""
    section = permitted_section("follow-ups", "can_list")
    lines = []
    for row in dashboard.late_follow_ups(of, MOST_LATE):
        result = row.last_result
        lines.append(
            {
                "key": row.id,
                "name": str(row.customer),
                "about": " · ".join(str(each) for each in (row.product, result) if each),
                "colour": result.colour.value if result else "gray",
                "delay": spoken_time(row.next_at, can_be_late=True) if row.next_at else None,
                "mobile": row.customer.mobile,
                "url": f"{section.base_url}{row.id}/panel" if section else None,
            }
        )
    return lines


class MonthNumbers:
    """The months until this one, this month until today, and the same days of the month before."""

    def __init__(self, of: int | None, day: date) -> None:
        first = month_start(day)
        self.span = Span(first, day)
        self.before = self.span.month_before()
        starts = [add_months(first, -number) for number in range(MONTHS - 1, 0, -1)]
        months = [Span(start, add_months(start, 1) - timedelta(days=1)) for start in starts]
        spans = [*months, self.span, self.before]
        self.given, self.sold = dashboard.numbers(of, spans), dashboard.sales(of, spans)

    @property
    def has_any(self) -> bool:
        return any(self.given) or any(each.count for each in self.sold)

    @property
    def conversions(self) -> list[float | None]:
        pairs = zip(self.given[:MONTHS], self.sold[:MONTHS], strict=True)
        return [sold.count / given if given else None for given, sold in pairs]


def _month_numbers(month: MonthNumbers, sold: list[Sold]) -> list[Number]:
    given, sales = month.given[-2], month.sold[-2]
    name = month_and_year(month.span.last).split(" ")[0]
    url = sales_address(month.span, None)
    change = conversion_change(sales.count, given, month.sold[-1].count, month.given[-1], month.before)
    of_words = _("%(sales)s of %(numbers)s", sales=group_number(sales.count), numbers=group_number(given))
    value, unit = short_amount(sales.amount)
    return [
        Number(
            _("Conversion in %(month)s", month=name),
            percent(sales.count, given),
            hint=of_words if given else "",
            change=change,
            note="" if given else _("after the first assigned number"),
            url=url if given and sales.count else None,
            spark=spark_line(month.conversions) if given else None,
        ),
        Number(
            _("Sales in %(month)s", month=name),
            value,
            unit=unit,
            change=amount_change(sales.amount, month.sold[-1].amount, month.before),
            note=span_words(month.span) if sales.count else _("no sale in this month yet"),
            url=url if sales.count else None,
            spark=spark_bars([each.amount for each in sold[-SPARK_DAYS:]]),
        ),
    ]


def _due_number(due: Due) -> Number:
    label = _("Follow-ups of today and late ones")
    if not due.total:
        return Number(label, "۰", note=_("no call is due"))
    late = _("%(count)s late", count=group_number(due.late)) if due.late else ""
    for_today = _("%(count)s for today", count=group_number(due.total - due.late))
    return Number(
        label,
        group_number(due.total),
        late=late,
        note=for_today,
        url=address("follow-ups", tab="due"),
        spark=spark_bars(due.by_day),
    )


def _new_number(done: Today, arrived: list[int]) -> Number:
    label = _("New orders")
    if not any(arrived) and not done.new:
        return Number(label, "۰", note=_("no order has reached you yet"))
    change = change_of(arrived[-1], arrived[-2], than_yesterday, lambda by: group_number(int(by)))
    url = address("follow-ups", tab="new") if done.new else None
    return Number(label, group_number(done.new), change=neutral(change), url=url, spark=spark_bars(arrived))


def sales_chart(of: int | None, sold: list[Sold], day: date) -> DayChart | None:
    """The sales of the last days; *sold* begins six days earlier."""
    days = last_days(day, len(sold) - _BEFORE).days
    counts, amounts = [each.count for each in sold], [each.amount for each in sold]
    return day_chart(days, counts, amounts, lambda each: sales_address(Span(each, each), of))


def _add_order_url() -> str | None:
    orders = permitted_section("orders", "can_add")
    return f"{orders.base_url}add" if orders is not None else None


def result_lines(of: int | None, span: Span) -> dict[str, Any]:
    """The share of each result among the follow-ups that began in *span*."""
    shares = dashboard.result_shares(of, span)
    total = sum(share.count for share in shares)
    most = max((share.count for share in shares), default=1)
    arguments = {"tab": "all", "f_consultant": of, **days_of("created_at", span)}
    lines = [
        {
            "title": share.title,
            "colour": share.colour,
            "count": share.count,
            "part": share.count / most,
            "share": whole_percent(share.count, total),
            "url": address("follow-ups", f_last_result=share.title_id, **arguments),
        }
        for share in shares
    ]
    return {"lines": lines, "total": total}
