"""The parts of the overall report that count numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from flask_babel import gettext as _

from app.lib.jalali import today
from app.lib.persian import group_number, persian_digits
from app.panel.report.parts import Count, Part, PartRow, heat_of
from app.panel.report.shares import tenths
from app.panel.report.values import percent
from app.services.report.cells import MOST_CALLS, Key, name_of
from app.services.report.numbers import NOT_CALLED, State
from app.services.report.periods import Period
from views.reports.overall.figures import STATES, WAIT_LABELS, Overall, member_label

_DAYS = (1, 3, 7, 14, 30, 60)


def share(part: int, whole: int) -> str:
    return percent(tenths(part, whole) / 10) if whole else ""


def decimal(value: float) -> str:
    return persian_digits(f"{value:.1f}").replace(".", "٫")


def states(all_of: Overall) -> Part:
    """The state of the assigned numbers."""
    found, whole = all_of.count_by("state"), len(all_of.numbers)
    rows = [
        PartRow(str(label), [Count(found[state.value,], name_of(state=state.value), whole)], colour)
        for state, (label, colour) in STATES.items()
    ]
    bought = found[State.BOUGHT.value,]
    return Part(
        _("State of the assigned numbers"),
        _("%(share)s of the numbers bought.", share=share(bought, whole)),
        _("State"),
        [_("Numbers")],
        rows,
        [PartRow(_("Total"), [Count(whole, "", whole)])],
        has_bar=True,
    )


def open_results(all_of: Overall) -> Part:
    """The follow-ups that are not over, by their last result."""
    found = all_of.count_by("pending", "result")
    keys = [key for key in all_of.shown_results() if found[1, key]]
    whole = sum(found[1, key] for key in keys)
    rows = [
        PartRow(
            all_of.result_label(key),
            [Count(found[1, key], name_of(pending=1, result=key), whole)],
            all_of.result_colour(key),
        )
        for key in keys
    ]
    summary = _("%(count)s numbers are still open.", count=group_number(whole))
    total = [PartRow(_("Total"), [Count(whole, name_of(pending=1), whole)])]
    return Part(
        _("State of the open follow-ups"),
        summary,
        _("Last result"),
        [_("Numbers")],
        rows,
        total,
        has_bar=True,
    )


def attempts(all_of: Overall) -> Part:
    """How many calls the numbers got, and how many of them bought."""
    found, bought = all_of.count_by("calls"), all_of.count_by("calls", "state")
    rows = []
    for calls in range(MOST_CALLS + 1):
        label = (
            _("%(count)s and more", count=group_number(calls)) if calls == MOST_CALLS else group_number(calls)
        )
        won = Count(
            bought[calls, State.BOUGHT.value], name_of(calls=calls, state=State.BOUGHT.value), found[calls,]
        )
        rows.append(PartRow(label, [Count(found[calls,], name_of(calls=calls)), won]))
    whole, calls_of_all = len(all_of.numbers), sum(each.calls for each in all_of.numbers)
    mean = decimal(calls_of_all / whole if whole else 0)
    sold = sum(count for (_calls, state), count in bought.items() if state == State.BOUGHT.value)
    return Part(
        _("Calls to a number"),
        _("%(calls)s calls, %(mean)s to a number on average.", calls=group_number(calls_of_all), mean=mean),
        _("Calls"),
        [_("Numbers"), _("Has bought")],
        rows,
        [PartRow(_("Total"), [Count(whole, ""), Count(sold, name_of(state=State.BOUGHT.value), whole)])],
    )


def waits(all_of: Overall) -> Part:
    """The working time from the assignment to the first call."""
    found, bought = all_of.count_by("wait"), all_of.count_by("wait", "state")
    whole = len(all_of.numbers)
    rows = [
        PartRow(
            str(label),
            [
                Count(found[step,], name_of(wait=step), whole),
                Count(
                    bought[step, State.BOUGHT.value],
                    name_of(wait=step, state=State.BOUGHT.value),
                    found[step,],
                ),
            ],
            "red" if step == NOT_CALLED and found[step,] else "",
        )
        for step, label in enumerate(WAIT_LABELS)
    ]
    return Part(
        _("Time to the first call"),
        _median_words(all_of),
        _("Working time"),
        [_("Numbers"), _("Has bought")],
        rows,
    )


def _median_words(all_of: Overall) -> str:
    waited = sorted(each.waited for each in all_of.numbers if each.waited is not None)
    if not waited:
        return str(_("No call was recorded yet."))
    median = waited[(len(waited) - 1) // 2]
    return str(_("Half of them within %(minutes)s working minutes.", minutes=group_number(median)))


def cross(all_of: Overall) -> Part:
    """The last results by consultant; by week for a member who sees their own numbers."""
    axis = "week" if all_of.is_own else "member"
    found, columns, whole = all_of.count_by("result", axis), all_of.count_by(axis), len(all_of.numbers)
    keys = sorted((key for (key,) in columns), key=_week_key if all_of.is_own else _member_key)
    results = all_of.count_by("result")
    rows = []
    for result in all_of.shown_results():
        counts = [
            Count(found[result, key], name_of(result=result, **{axis: key}), columns[key,]) for key in keys
        ]
        counts.append(Count(results[result,], name_of(result=result), whole))
        rows.append(PartRow(all_of.result_label(result), counts, all_of.result_colour(result)))
    total = [*(Count(columns[key,], name_of(**{axis: key})) for key in keys), Count(whole, "")]
    labels = [all_of.week_label(int(key)) if all_of.is_own else member_label(int(key)) for key in keys]
    title = _("Result by week") if all_of.is_own else _("Result by consultant")
    summary = _("The share is that of the column.")
    return Part(
        title,
        summary,
        _("Last result"),
        [*labels, _("All")],
        rows,
        [PartRow(_("Total"), total)],
        is_wide=True,
    )


def _week_key(key: int | str) -> int:
    return int(key)


def _member_key(key: int | str) -> tuple[str, int]:
    return member_label(int(key)), int(key)


def cohorts(all_of: Overall) -> Part:
    """How many numbers of each week of assignment had bought after some days."""
    sizes, sold = all_of.count_by("week"), all_of.count_by("week", "state")
    within = Counter(
        (each.week, days)
        for each in all_of.numbers
        for days in _DAYS
        if each.bought_after is not None and each.bought_after <= days
    )
    most = max((count / sizes[place,] for (place, _within), count in within.items()), default=0)
    rows = []
    for number in sorted(int(place) for (place,) in sizes):
        size = sizes[number,]
        counts: list[Count | str] = [Count(size, name_of(week=number))]
        for days in _DAYS:
            bought = within[number, days]
            count = Count(bought, name_of(week=number, within=days), size, heat_of(bought / size, most))
            counts.append(_reached(all_of.weeks[number], days, count))
        won = sold[number, State.BOUGHT.value]
        counts.append(Count(won, name_of(week=number, state=State.BOUGHT.value), size))
        rows.append(PartRow(all_of.week_label(number), counts))
    return Part(
        _("Conversion by week of assignment"),
        _("How many numbers of each week had bought by that day; «·» means that the day has not come yet."),
        _("Week of assignment"),
        [
            _("Numbers"),
            *(_("within %(days)s days", days=group_number(days)) for days in _DAYS),
            _("Until today"),
        ],
        rows,
        [_ripe(all_of, within, sizes)],
        is_wide=True,
        has_heat=True,
    )


def _reached(week: Period, days: int, count: Count) -> Count:
    """*count* where the day has come for some numbers of *week*."""
    if week.first + timedelta(days=days) > today():
        return Count(None)
    if week.last + timedelta(days=days) <= today():
        return count
    return replace(count, is_partial=True, hint=_("This week is not complete yet."))


def _ripe(all_of: Overall, within: Counter[tuple[int, int]], sizes: Counter[tuple[Key, ...]]) -> PartRow:
    """The shares of the weeks whose day has come for all numbers."""
    counts: list[Count | str] = [Count(len(all_of.numbers), "")]
    for days in _DAYS:
        ripe = [
            int(place)
            for (place,) in sizes
            if all_of.weeks[int(place)].last + timedelta(days=days) <= today()
        ]
        whole = sum(sizes[place,] for place in ripe)
        counts.append(share(sum(within[place, days] for place in ripe), whole) or "·")
    bought = sum(1 for each in all_of.numbers if each.state is State.BOUGHT)
    counts.append(Count(bought, name_of(state=State.BOUGHT.value), len(all_of.numbers)))
    return PartRow(str(_("All")), counts)


def number_parts(all_of: Overall) -> Sequence[Part]:
    return [states(all_of), open_results(all_of), attempts(all_of), waits(all_of)]


def wide_parts(all_of: Overall) -> Sequence[Part]:
    return [cross(all_of), cohorts(all_of)]
