"""Result titles, with their colours, required fields, suggested next contact and order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, select

from app.errors import DomainError
from app.lib.persian import persian_digits
from app.panel.access import Access
from app.panel.action import counted
from app.panel.displays import Chip, Computed
from app.panel.layout.first_day import FirstStep
from app.panel.section import Section
from app.panel.words import Tab
from app.services.result import DIGITS, result_titles
from models.result_title import MOST_SUGGESTED, ResultScope, ResultTitle, SuggestedTime
from views import groups


def _colour_of(row: Any) -> str:
    return str(row.colour.value)


def _digit_of(row: Any) -> str:
    return str(row.digit)


def _suggestion_of(row: Any) -> str | None:
    """The suggestion with its number; None for the text of the value."""
    count = row.suggested_count or 0
    if row.suggested_time is SuggestedTime.MINUTES:
        words = ngettext("%(num)s minute later", "%(num)s minutes later", count)
    elif row.suggested_time is SuggestedTime.HOURS:
        words = ngettext("%(num)s hour later", "%(num)s hours later", count)
    elif row.suggested_time is SuggestedTime.DAYS:
        words = ngettext("%(num)s day later", "%(num)s days later", count)
    else:
        return None
    return str(persian_digits(words))


class ResultTitles(Section):
    model = ResultTitle
    slug = "result-titles"
    rest = True
    title, title_one = _("Result titles"), _("result title")
    group, icon, menu_order = groups.ORGANIZATION, "palette", 520
    menu_right = "edit"

    columns = (
        Chip("title", _colour_of, reads=("colour",)),
        Computed("position", _digit_of),
        "kind",
        "requires_note",
        "requires_file",
        "requires_next",
        Computed("suggested_time", _suggestion_of, reads=("suggested_count",)),
        "is_active",
    )
    labels = {"position": _("Key")}
    preload = ("colour",)
    tabs = (
        Tab("follow_up", _("Follow-up"), lambda: ResultTitle.scope == ResultScope.FOLLOW_UP),
        Tab("support", _("Support"), lambda: ResultTitle.scope == ResultScope.SUPPORT),
    )
    filters = ("kind", "is_active")
    sortable = ("position",)
    sort = "position"
    empty = _("No result title yet")
    empty_hint = _("A consultant chooses one of these titles after each call.")
    order_column, order_within = "position", "scope"
    form = (
        "title",
        "colour",
        "kind",
        "scope",
        "requires_note",
        "requires_file",
        "requires_next",
        "suggested_time",
        "suggested_count",
        "sms_template",
        "is_active",
    )

    first_step = FirstStep(
        2,
        _("Result title"),
        todo=_("A consultant chooses one of these titles after each call."),
        done=counted(
            "%(num)s title is ready; change it whenever you like.",
            "%(num)s titles are ready; change them whenever you like.",
        ),
        rows=lambda: select(ResultTitle.id).where(ResultTitle.scope == ResultScope.FOLLOW_UP),
        label=_("Add a result title"),
        icon="palette",
    )

    roles = {"Manager": Access.FULL, "Consultant": Access.READ, "SupportAgent": Access.READ}

    def row_colour(self, row: Any) -> str | None:
        return _colour_of(row)

    def complete(self, rows: Sequence[Any]) -> None:
        """Add the digit of the keyboard that chooses the title in the side panel."""
        digits = {title.id: number for number, title in enumerate(result_titles(), start=1)}
        for row in rows:
            number = digits.get(row.id, DIGITS + 1)
            row.digit = persian_digits(str(number)) if number <= DIGITS else ""

    def rows_to_order(self) -> Select[Any]:
        return super().rows_to_order().where(ResultTitle.is_active.is_(True))

    def check(self, item: Any) -> None:
        """A title for support ends no order; a suggestion in minutes, hours or days has a number."""
        if item.scope is ResultScope.SUPPORT and not item.kind.is_of_support:
            raise DomainError(_("A title for support is open, call again or unreachable."), field="kind")
        unit = item.suggested_time
        if unit is None or not unit.is_counted or 1 <= (item.suggested_count or 0) <= MOST_SUGGESTED:
            return
        words = _("Write a number from 1 to %(most)s.")
        raise DomainError(words, field="suggested_count", most=persian_digits(str(MOST_SUGGESTED)))
