"""The dashboard of a manager: the team in a span of days, and what waits now."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.lib.jalali import today
from app.lib.persian import group_number
from app.panel.charts import spark_bars
from app.panel.formatting import badge, spoken_time
from app.panel.queries.counts import capped_counts
from app.services.report import dashboard
from app.services.report.dashboard import Sold
from app.services.report.spans import last_days
from app.services.report.team import TeamMember, team
from models.order import Order, OrderStatus
from models.transaction import Transaction, TransactionStatus
from views.day.dashboard.changes import (
    Number,
    amount_change,
    change_of,
    conversion_change,
    neutral,
    than_span,
)
from views.day.dashboard.choice import Choice, preset_links, read_choice
from views.day.dashboard.consultant import late_lines, sales_chart
from views.day.dashboard.words import address, may_see_sales, percent, sales_address, short_amount, span_words

_CHART_DAYS, _SPARK_DAYS = 36, 14
MOST_LATE = 4


def manager_parts(given: dict[str, str], base_url: str) -> dict[str, Any]:
    """The values of the template."""
    members = team()
    choice = read_choice(given, members)
    has_sales = may_see_sales()
    sold = dashboard.sales_by_day(choice.of, last_days(today(), _CHART_DAYS)) if has_sales else []
    active = [each for each in members if each.is_active]
    late = sorted((each for each in members if each.late), key=lambda each: (-each.late, each.name))
    late_count = sum(each.late for each in late if choice.of in {None, each.id})
    late_url = address("follow-ups", tab="due", f_next_at="overdue", f_consultant=choice.of)
    return {
        "choice": choice,
        "members": active,
        # With the chosen one, whose figures the page shows after they have left too.
        "offered": [each for each in members if each.is_active or each.id == choice.of],
        "presets": preset_links(choice, base_url),
        "span_words": span_words(choice.span),
        "numbers": [*_numbers(choice, sold), _late_number(late_count, late_url)],
        "waiting": _waiting(),
        "late": [_late_of(each) for each in late[:MOST_LATE]] if choice.of is None else late_lines(choice.of),
        "late_count": late_count,
        "late_url": late_url,
        "has_sales": has_sales,
        "chart": sales_chart(choice.of, sold, today()) if sold else None,
    }


def _numbers(choice: Choice, sold: list[Sold]) -> list[Number]:
    given, given_before = dashboard.numbers(choice.of, [choice.span, choice.before])
    change = change_of(given, given_before, than_span(choice.before), lambda by: group_number(int(by)))
    numbers = Number(_("Assigned numbers"), group_number(given), change=neutral(change))
    return [numbers, *(_sales(choice, sold, given, given_before) if sold else ())]


def _sales(choice: Choice, sold: list[Sold], given: int, given_before: int) -> list[Number]:
    """The sales of the span and their share in the numbers."""
    sales, before = dashboard.sales(choice.of, [choice.span, choice.before])
    value, unit = short_amount(sales.amount)
    url = sales_address(choice.span, choice.of) if sales.count else None
    pair = {"sales": group_number(sales.count), "numbers": group_number(given)}
    return [
        Number(
            _("Sales"),
            group_number(sales.count),
            hint=f"{value} {unit}" if sales.count else "",
            change=amount_change(sales.amount, before.amount, choice.before),
            url=url,
            spark=spark_bars([each.count for each in sold[-_SPARK_DAYS:]]),
        ),
        Number(
            _("Conversion"),
            percent(sales.count, given),
            hint=_("%(sales)s of %(numbers)s", **pair) if given else "",
            change=conversion_change(sales.count, given, before.count, given_before, choice.before),
            note="" if given else _("after the first assigned number"),
            url=url if given else None,
        ),
    ]


def _late_number(count: int, url: str | None) -> Number:
    return Number(
        _("Late follow-ups"),
        group_number(count),
        note=_("now, in whatever span") if count else "",
        url=url if count else None,
    )


def _late_of(member: TeamMember) -> dict[str, Any]:
    return {
        "name": member.name,
        "count": member.late,
        "oldest": spoken_time(member.oldest, can_be_late=True) if member.oldest else None,
        "url": address("follow-ups", tab="due", f_next_at="overdue", f_consultant=member.id),
    }


def _waiting() -> list[dict[str, Any]]:
    """What waits for the manager, each with its number and its list; parts that they may not open are left out."""
    lines = {
        "tray": (_("orders without a consultant"), "shopping-cart", address("orders", tab="waiting")),
        "pending": (_("transactions to verify"), "cash", address("transactions", tab="pending")),
        "repeats": (_("repeated orders to decide"), "repeat", address("repeated-orders", tab="held")),
    }
    statements = {
        "tray": select(Order).where(Order.status == OrderStatus.NEW),
        "pending": select(Transaction).where(Transaction.status == TransactionStatus.PENDING),
        "repeats": select(Order).where(Order.status == OrderStatus.HELD, Order.repeat_of_id.is_not(None)),
    }
    counts = capped_counts({name: statements[name] for name, line in lines.items() if line[2]})
    return [
        {"key": name, "count": badge(counts[name]), "words": words, "icon": icon, "url": url}
        for name, (words, icon, url) in lines.items()
        if url and counts[name]
    ]
