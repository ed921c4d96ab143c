"""The consultant and the span that a manager's dashboard shows, as its address names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from flask_babel import gettext as _

from app.lib.jalali import (
    JalaliError,
    add_months,
    format_date,
    month_start,
    parse_date,
    today,
    week_start,
)
from app.lib.persian import latin_digits
from app.panel.messages import explain
from app.panel.view_models import TabLink
from app.services.report.spans import Span, last_days
from app.services.report.team import TeamMember

DEFAULT = "month"
CUSTOM = "days"
MOST_MONTHS = 4
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Choice:
    """The chosen consultant, None for all, and the span with the one that it is compared with."""

    member: TeamMember | None
    key: str
    span: Span
    before: Span
    first_text: str = ""
    last_text: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def of(self) -> int | None:
        return self.member.id if self.member else None

    @property
    def query(self) -> str:
        """The arguments of the address."""
        return arguments(self.key, self.of, self.span)


def arguments(key: str, member: int | None, span: Span) -> str:
    pairs = {"consultant": member or "", "range": key}
    if key == CUSTOM:
        pairs |= {name: latin_digits(format_date(day)) for name, day in _ends(span)}
    return urlencode({name: value for name, value in pairs.items() if value})


def _ends(span: Span) -> tuple[tuple[str, date], tuple[str, date]]:
    return ("from", span.first), ("to", span.last)


def presets(day: date) -> dict[str, Span]:
    return {
        "today": Span(day, day),
        "week": Span(week_start(day), day),
        "month": Span(month_start(day), day),
        "last30": last_days(day, 30),
    }


def read_choice(given: Mapping[str, str], members: Sequence[TeamMember]) -> Choice:
    """The choice of the arguments *given*; what can't be read has an error at its field, and the default instead."""
    errors: dict[str, str] = {}
    named, key = given.get("consultant", ""), given.get("range", DEFAULT)
    member = next((each for each in members if str(each.id) == named), None)
    if named and member is None:
        errors["consultant"] = _("This consultant is not in your organisation.")
    known = presets(today())
    span = _custom(given, errors) if key == CUSTOM else known.get(key)
    if span is None:
        key, span = (CUSTOM if key == CUSTOM else DEFAULT), known[DEFAULT]
    before = span.month_before() if key == DEFAULT else span.before()
    if key == "week":
        before = Span(span.first - _WEEK, span.last - _WEEK)
    return Choice(member, key, span, before, given.get("from", "")[:20], given.get("to", "")[:20], errors)


def _custom(given: Mapping[str, str], errors: dict[str, str]) -> Span | None:
    """The span of the days ``from`` and ``to``."""
    ends = {}
    for name in ("from", "to"):
        try:
            ends[name] = parse_date(given.get(name, "")[:20])
        except JalaliError as error:
            errors[name] = str(explain(error))
    if errors.keys() & {"from", "to"}:
        return None
    span = Span(ends["from"], ends["to"])
    if span.last < span.first:
        errors["to"] = _("The end lies before the beginning.")
    elif span.last >= add_months(span.first, MOST_MONTHS):
        errors["to"] = _("A span has at most four months.")
    return None if "to" in errors else span


def preset_links(choice: Choice, base_url: str) -> list[TabLink]:
    """The spans to choose from, without the days of one's own."""
    labels = {"today": _("Today"), "week": _("This week"), "month": _("This month"), "last30": _("30 days")}
    return [
        TabLink(key, label, f"{base_url}?{arguments(key, choice.of, choice.span)}", None, choice.key == key)
        for key, label in labels.items()
    ]
