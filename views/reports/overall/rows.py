"""The rows behind the figures of the overall report: numbers, calls or messages."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any

from flask_babel import gettext as _

from app.lib.jalali import format_datetime
from app.lib.persian import group_number, persian_digits
from app.panel.formatting import NOTHING
from app.panel.report.long import is_too_much
from app.panel.report.parts import Behind, RowLine, Stretch, stretch_of
from app.panel.report.words import Asked
from app.services.report.calls import calls_by_hour, calls_of
from app.services.report.cells import read_cell
from app.services.report.messages import SENT, Fate, message_counts, messages_of
from app.services.report.numbers import Number, Part, read_titles
from app.services.report.summary import lines_of
from models.assignment import Assignment
from models.follow_up import FollowUpEntry
from models.sms.message import SmsMessage
from views.report_choices import question_of
from views.report_lines import customer_line, customers_of, read_rows
from views.reports.overall.figures import STATES, Overall, member_label
from views.reports.overall.words import in_words
from views.reports.overall.work import ANSWERED, EVERY, FATES, UNANSWERED

# So many numbers of a long range are read at once for a page of rows, and for about so many seconds.
MOST_READ, LONGEST_READ = 10_000, 1.0
_CALL_AXES, _SMS_AXES = ("hour", "answered"), ("sms",)
_HOURS, _ANSWERS = (frozenset({EVERY, *map(str, each)}) for each in (range(24), (ANSWERED, UNANSWERED)))


def rows_behind(asked: Asked, cell: str) -> Behind | None:
    """The rows of *cell*; None for a name that is none."""
    question = question_of(asked)
    if (conditions := read_cell(cell, _SMS_AXES)) and cell:
        return _messages(conditions["sms"], question)
    if (conditions := read_cell(cell, _CALL_AXES)) and cell:
        return _calls(conditions, question)
    conditions = read_cell(cell)
    return None if conditions is None else _numbers(conditions, Overall(question))


def _numbers(conditions: dict[str, str], all_of: Overall) -> Behind | None:
    words = in_words(all_of, conditions)
    if words is None:
        return None
    is_long = is_too_much(lines_of(all_of.question))
    found: dict[int, Number] = {}

    def rows(after: int | None, most: int) -> Stretch:
        if is_long:
            return _read_parts(all_of, conditions, found, after, most)
        # The numbers of a short range are read anyway, for their count.
        found.update({each.key: each for each in all_of.of_cell(conditions)})
        return stretch_of(sorted((key for key in found if after is None or key < after), reverse=True), most)

    return Behind(
        words or str(_("Assigned numbers")),
        None if is_long else len(all_of.of_cell(conditions)),
        [_("Customer"), _("Consultant"), _("Assigned at"), _("State"), _("Last result"), _("Calls")],
        rows,
        lambda keys: _number_lines(all_of, [found[key] for key in keys]),
    )


def _read_parts(
    all_of: Overall, conditions: dict[str, str], found: dict[int, Number], after: int | None, most: int
) -> Stretch:
    """Read a long range part by part, until a page is full or the time for reading is over."""
    until = monotonic() + LONGEST_READ
    while True:
        part = Overall(all_of.question, all_of.titles, Part(after, MOST_READ))
        found.update({each.key: each for each in part.of_cell(conditions)})
        keys = sorted(found, reverse=True)
        if len(keys) > most or len(part.numbers) < MOST_READ:
            return stretch_of(keys, most)
        after = part.numbers[0].key
        if monotonic() >= until:
            return Stretch(keys, after)


def _number_lines(all_of: Overall, numbers: Sequence[Number]) -> list[RowLine]:
    lines = read_rows(Assignment, [each.key for each in numbers])
    customers = customers_of(list(lines.values()))
    return [
        customer_line(
            customers.get(lines[each.key].customer_id),
            member_label(each.member_id),
            persian_digits(format_datetime(lines[each.key].started_at)),
            str(STATES[each.state][0]),
            all_of.result_label(each.result_id) if each.calls else NOTHING,
            group_number(each.calls),
        )
        for each in numbers
    ]


def _calls(conditions: dict[str, str], question: Any) -> Behind | None:
    hour, answered = conditions.get("hour", EVERY), conditions.get("answered", EVERY)
    if hour not in _HOURS or answered not in _ANSWERS:
        return None
    of_cell = None if hour == EVERY else int(hour), None if answered == EVERY else int(answered)
    count = sum(
        calls
        for (each_hour, is_answered), calls in calls_by_hour(question).items()
        if of_cell[0] in {None, each_hour} and of_cell[1] in {None, is_answered}
    )
    words = [str(_("Calls"))]
    if answered != EVERY:
        words.append(str(_("Was answered") if int(answered) == ANSWERED else _("Was not answered")))
    if hour != EVERY:
        words.append(str(_("from %(hour)s o'clock", hour=group_number(int(hour)))))
    headings = [_("Customer"), _("By"), _("At"), _("Result")]
    return Behind(
        " · ".join(words),
        count,
        headings,
        lambda after, most: stretch_of(calls_of(question, *of_cell, after, most + 1), most),
        _call_lines,
    )


def _call_lines(keys: Sequence[int]) -> list[RowLine]:
    rows = read_rows(FollowUpEntry, keys)
    customers = customers_of(list(rows.values()))
    titles = read_titles()
    return [
        customer_line(
            customers.get(rows[key].customer_id),
            member_label(rows[key].by_id),
            persian_digits(format_datetime(rows[key].at)),
            titles[rows[key].result_title_id].title,
        )
        for key in keys
    ]


def _messages(fate: str, question: Any) -> Behind | None:
    fates = {EVERY: list(Fate), "sent": list(SENT)} | {each.value: [each] for each in Fate}
    if fate not in fates:
        return None
    words = str(_("SMS"))
    if fate == "sent":
        words = str(_("Sent SMS"))
    elif fate != EVERY:
        words = f"{words} · {FATES[Fate(fate)][0]}"
    headings = [_("Customer"), _("Sent by"), _("At"), _("State")]
    counts, chosen = message_counts(question), fates[fate]
    return Behind(
        words,
        sum(counts[each] for each in chosen),
        headings,
        lambda after, most: stretch_of(messages_of(question, chosen, after, most + 1), most),
        _message_lines,
    )


def _message_lines(keys: Sequence[int]) -> list[RowLine]:
    rows = read_rows(SmsMessage, keys)
    customers = customers_of(list(rows.values()))
    return [
        customer_line(
            customers.get(rows[key].customer_id),
            member_label(rows[key].created_by_id),
            persian_digits(format_datetime(rows[key].created_at)),
            str(rows[key].state.label),
        )
        for key in keys
    ]
