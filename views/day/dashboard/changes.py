"""Numbers of the dashboard beside those of an earlier span."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from app.lib.persian import group_number
from app.panel.charts import Spark
from app.panel.report.shares import tenths
from app.services.report.spans import Span
from views.day.dashboard.words import decimal, span_words


@dataclass(frozen=True)
class Change:
    """The difference from an earlier span: `icon` with `text`, then `words`; up or down may be good or bad."""

    words: str
    text: str = ""
    icon: str | None = None
    is_good: bool | None = None


@dataclass(frozen=True)
class Number:
    """One of the four numbers at the top, with the address of its rows."""

    label: str
    value: str
    unit: str = ""
    hint: str = ""
    change: Change | None = None
    late: str = ""
    note: str = ""
    url: str | None = None
    spark: Spark | None = None


def neutral(change: Change) -> Change:
    """The change of a number of which more is neither good nor bad."""
    return replace(change, is_good=None)


def change_of(now: float, before: float, than: Callable[[str], str], text: Callable[[float], str]) -> Change:
    """The change from *before* to *now*, where more is good; *than* makes the words of «more», «less» or «same»."""
    if now == before:
        return Change(than("same"))
    is_up = now > before
    icon = "arrow-narrow-up" if is_up else "arrow-narrow-down"
    return Change(than("more" if is_up else "less"), text(abs(now - before)), icon, is_up)


def than_span(span: Span) -> Callable[[str], str]:
    """The words of a change since *span*."""

    def words(direction: str) -> str:
        texts = {
            "more": _("more than %(days)s", days=span_words(span)),
            "less": _("less than %(days)s", days=span_words(span)),
            "same": _("as much as %(days)s", days=span_words(span)),
        }
        return str(texts[direction])

    return words


def than_yesterday(direction: str) -> str:
    texts = {
        "more": _("more than yesterday"),
        "less": _("less than yesterday"),
        "same": _("as many as yesterday"),
    }
    return str(texts[direction])


def conversion_change(
    sold: int, given: int, sold_before: int, given_before: int, span: Span
) -> Change | None:
    """The change of a conversion in points; None where one of both has no numbers."""
    if not given or not given_before:
        return None
    now, before = tenths(sold, given), tenths(sold_before, given_before)
    return change_of(now, before, than_span(span), lambda by: _("%(points)s points", points=decimal(by / 10)))


def amount_change(amount: int, before: int, span: Span) -> Change | None:
    """The change of an amount in percent; None where there was none before."""
    if not before:
        return None
    share = round(100 * (amount - before) / before)
    return change_of(share, 0, than_span(span), lambda by: f"{group_number(int(by))}٪")
