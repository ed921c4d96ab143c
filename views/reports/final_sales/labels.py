"""The labels of the rows of the final sales report."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.jalali import day_and_month, month_and_year, weekday
from app.services.report.periods import Grain, Period
from app.services.report.question import Group, Question
from views.report_choices import names

GROUPS: dict[Group, LazyString] = {
    Group.CONSULTANT: _l("Consultant"),
    Group.MONTH: _l("Month"),
    Group.WEEK: _l("Week"),
    Group.DAY: _l("Day"),
    Group.PRODUCT: _l("Product"),
    Group.SOURCE: _l("Source"),
}
_NOTHING = {
    Group.CONSULTANT: _l("Without a consultant"),
    Group.PRODUCT: _l("Without a product"),
    Group.SOURCE: _l("Without a source"),
}


def label_of(question: Question, group: Group, key: int | None) -> str:
    """The label of the row *key* of a table by *group*."""
    if group.grain is not None:
        return period_label(question.periods(group.grain)[key or 0], group.grain)
    return named(group, key)


def named(group: Group, key: int | None) -> str:
    """The name of a consultant, product or source."""
    if key is None:
        return str(_NOTHING[group])
    known = names().known[group]
    # A default of `get` would be translated for every row.
    return known[key] if key in known else _("Other")


def period_label(period: Period, grain: Grain) -> str:
    if grain is Grain.DAY:
        return f"{weekday(period.first)} {day_and_month(period.first)}"
    if grain is Grain.MONTH:
        return month_and_year(period.first)
    first, last = day_and_month(period.first), day_and_month(period.last)
    return _("%(first)s until %(last)s", first=first, last=last)


def period_note(period: Period, grain: Grain) -> str:
    if period.is_whole:
        return ""
    return _("part of a week") if grain is Grain.WEEK else _("part of a month")
