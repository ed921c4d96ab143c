"""Numbers of the dashboard with their words: amounts, shares and spans."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import ngettext

from app.lib.jalali import day_and_month, format_date, to_jalali
from app.lib.money import Currency, format_amount
from app.lib.persian import group_number, latin_digits, persian_digits
from app.panel.access import permitted_section
from app.panel.actor import currency
from app.panel.formatting import NOTHING, currency_unit
from app.panel.report.shares import percents, tenths
from app.services.report.spans import Span
from models.sale import SaleStatus

# Shorter amounts are shown in full.
_MILLION = 1_000_000
COUNTED_SALES = tuple(
    status.value for status in SaleStatus if status not in {SaleStatus.DRAFT, SaleStatus.CANCELLED}
)


def address(slug: str, **arguments: Any) -> str | None:
    """The address of the rows of a section with these filters; None where the member may not list them."""
    section = permitted_section(slug, "can_list")
    if section is None:
        return None
    pairs = [(name, value) for name, value in arguments.items() if value not in {None, ""}]
    query = urlencode(pairs, doseq=True)
    return f"{section.base_url}?{query}" if query else str(section.base_url)


def may_see_sales() -> bool:
    """Whether the figures of sales are shown: only to those who may list the sales."""
    return permitted_section("sales", "can_list") is not None


def sales_address(span: Span, member: int | None) -> str | None:
    """The sales that the figures of *span* count."""
    return address("sales", f_status=COUNTED_SALES, f_consultant=member, **days_of("sold_at", span))


def days_of(column: str, span: Span) -> dict[str, str]:
    """The arguments of a list that filter *column* by the days of *span*."""
    return {
        f"f_{column}_from": latin_digits(format_date(span.first)),
        f"f_{column}_to": latin_digits(format_date(span.last)),
    }


def span_words(span: Span) -> str:
    """«۸ آذر», «۱ تا ۸ آبان» or «۲۵ مهر تا ۳ آبان»."""
    last = day_and_month(span.last)
    if span.first == span.last:
        return last
    first, end = to_jalali(span.first), to_jalali(span.last)
    is_one_month = (first.year, first.month) == (end.year, end.month)
    start = persian_digits(first.day) if is_one_month else day_and_month(span.first)
    return str(_("%(start)s to %(end)s", start=start, end=last))


def decimal(value: float, places: int = 1) -> str:
    return persian_digits(f"{value:,.{places}f}").replace(",", "٬").replace(".", "٫")


def percent(part: int, whole: int) -> str:
    """The share as «۱۶٫۷٪»; «—» of nothing."""
    return f"{decimal(tenths(part, whole) / 10)}٪" if whole else NOTHING


def whole_percent(part: int, whole: int) -> str:
    return f"{group_number(percents(part, whole))}٪" if whole else NOTHING


def short_amount(rials: int) -> tuple[str, str]:
    """(number, unit): millions with one decimal from a million on, otherwise the whole amount."""
    unit, name = currency(), currency_unit(currency())
    amount = rials // 10 if unit is Currency.TOMAN else rials
    if amount < _MILLION:
        return format_amount(rials, unit), name
    return decimal(amount / _MILLION), str(_("million %(unit)s", unit=name))


def minutes_words(minutes: float) -> str:
    """«۱۹ دقیقه», «۳ ساعت» or «۲ روز»."""
    count = int(minutes)
    if count < 120:
        return ngettext("%(count)s minute", "%(count)s minutes", count, count=group_number(count))
    hours = round(count / 60)
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours, count=group_number(hours))
    days = round(hours / 24)
    return ngettext("%(count)s day", "%(count)s days", days, count=group_number(days))
