"""The parts of the overall report that count work: calls by the hour, and SMS."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.persian import group_number
from app.panel.report.parts import Count, Part, PartRow, heat_of
from app.services.report.calls import Hours, calls_by_hour
from app.services.report.messages import SENT, Fate, message_counts
from app.services.report.question import Question
from views.reports.overall.parts import share

# The name of an hour or a fate that stands for all of them.
EVERY = "every"
# The hours that always have a column; calls at other hours add theirs.
_HOURS = range(8, 22)
ANSWERED, UNANSWERED = 1, 0
FATES: dict[Fate, tuple[LazyString, str]] = {
    Fate.DELIVERED: (_l("Delivered to the phone"), "green"),
    Fate.ON_THE_WAY: (_l("Sent, without a report yet"), "blue"),
    Fate.NOT_DELIVERED: (_l("Not delivered"), "red"),
    Fate.NOT_SENT: (_l("Not sent"), "gray"),
    Fate.WAITING: (_l("In the queue"), "amber"),
}


def hours(question: Question) -> Part:
    """The calls by the hour of the day in Tehran."""
    found = calls_by_hour(question)
    columns = sorted({hour for hour, _answered in found} | set(_HOURS))
    shown = [
        _row(found, columns, ANSWERED, str(_("Was answered"))),
        _row(found, columns, UNANSWERED, str(_("Was not answered"))),
    ]
    total = [Count(_of_hour(found, hour), f"hour-{hour}") for hour in columns]
    whole = sum(found.values())
    return Part(
        _("Calls by the hour"),
        _summary(found, whole),
        _("Hour"),
        [*(group_number(hour) for hour in columns), _("All")],
        shown,
        [PartRow(_("Calls"), [*total, Count(whole, f"hour-{EVERY}")])],
        is_wide=True,
        has_heat=True,
    )


def _row(found: Hours, columns: list[int], answered: int, label: str) -> PartRow:
    most = max(found.values(), default=0)
    counts = [
        Count(
            found[hour, answered],
            f"hour-{hour}.answered-{answered}",
            _of_hour(found, hour) or None,
            heat_of(found[hour, answered], most),
        )
        for hour in columns
    ]
    whole = sum(count for (_hour, each), count in found.items() if each == answered)
    return PartRow(label, [*counts, Count(whole, f"answered-{answered}", sum(found.values()))])


def _of_hour(found: Hours, hour: int) -> int:
    return found[hour, ANSWERED] + found[hour, UNANSWERED]


def _summary(found: Hours, whole: int) -> str:
    if not whole:
        return str(_("No call was recorded in this range."))
    answered = sum(count for (_hour, is_answered), count in found.items() if is_answered)
    return str(
        _(
            "Of %(calls)s calls, %(share)s were answered.",
            calls=group_number(whole),
            share=share(answered, whole),
        )
    )


def sms(question: Question) -> Part:
    """The messages by what became of them."""
    found = message_counts(question)
    whole, sent = sum(found.values()), sum(found[each] for each in SENT)
    rows = [
        PartRow(str(label), [Count(found[fate], f"sms-{fate.value}", whole)], colour)
        for fate, (label, colour) in FATES.items()
    ]
    summary = _("No SMS was sent in this range.")
    if sent:
        summary = _(
            "Of %(sent)s sent SMS, %(delivered)s were delivered: %(share)s",
            sent=group_number(sent),
            delivered=group_number(found[Fate.DELIVERED]),
            share=share(found[Fate.DELIVERED], sent),
        )
    total = [
        PartRow(str(_("Sent")), [Count(sent, "sms-sent", whole)]),
        PartRow(str(_("Total")), [Count(whole, f"sms-{EVERY}", whole)]),
    ]
    return Part(_("SMS"), summary, _("State"), [_("SMS")], rows, total, has_bar=True)
