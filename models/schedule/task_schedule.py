"""The recurrence and the reminder of a task."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Date, SmallInteger, inspect
from sqlalchemy.orm import Mapped, mapped_column

from app.lib.clock import now
from app.lib.jalali import instant, month_length, to_jalali, today
from app.lib.persian import persian_digits
from app.lib.recurrence import Period, Recurrence
from models.base import field, reads
from models.types import WEEKDAY_NAMES, Choice, Key, UtcDateTime, WeekdayList, Weekdays, choice

# Tasks without a time are reminded of in the morning.
MORNING = time(9)
_RULE = ("due_on", "repeats", "repeat_weekdays", "status")
REMINDER_PARTS = ("due_on", "due_time", "remind")
_PUT_OFF = "date that was put off"


class Repeat(Choice):
    NEVER = "never", _("Does not repeat")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month, on this day")
    MONTH_END = "month_end", _("On the last day of every month")


class Reminder(Choice):
    NONE = "none", _("No reminder")
    AT_TIME = "at_time", _("At its time")
    QUARTER = "quarter", _("15 minutes before")
    HOUR = "hour", _("One hour before")
    DAY = "day", _("One day before")


_BEFORE = {
    Reminder.AT_TIME: timedelta(0),
    Reminder.QUARTER: timedelta(minutes=15),
    Reminder.HOUR: timedelta(hours=1),
    Reminder.DAY: timedelta(days=1),
}


class Scheduled:
    """The columns of a task that recurs and that its owner is reminded of; `plan` computes what follows from others."""

    if TYPE_CHECKING:  # declared by the task
        due_on: Mapped[date | None]
        due_time: Mapped[time | None]

        @property
        def is_done(self) -> bool: ...

    repeats: Mapped[Repeat] = field(
        _("Repetition"), choice(Repeat), default=Repeat.NEVER, server_default=Repeat.NEVER.value
    )
    repeat_weekdays: Mapped[WeekdayList | None] = field(
        _("Days of the week"),
        Weekdays,
        help=_("Of a weekly task; without one it is the weekday of its date."),
    )
    # The day of the Jalali month, which shorter months do not change.
    repeat_day: Mapped[int | None] = mapped_column(SmallInteger)
    # The day on which the next task is made: its own, or today once this one is done. None once it is made.
    next_on: Mapped[date | None] = mapped_column(Date)
    has_next: Mapped[bool] = mapped_column(default=False, server_default="0")

    remind: Mapped[Reminder] = field(
        _("Reminder"), choice(Reminder), default=Reminder.NONE, server_default=Reminder.NONE.value
    )
    # The moment of the next reminder, None once it is sent; a snooze moves it.
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # The task that this one repeats; unique, so that a task has one successor. Without a foreign key, because rows are
    # erased.
    previous_id: Mapped[int | None] = mapped_column(Key)

    @property
    @reads("repeats", "repeat_weekdays", "repeat_day")
    def repetition(self) -> str | None:
        """The rule in words: «هر هفته شنبه و دوشنبه»."""
        if self.repeats is Repeat.WEEKLY and self.repeat_weekdays:
            return gettext("Every week on %(days)s", days=str(self.repeat_weekdays))
        if self.repeats is Repeat.MONTHLY and self.repeat_day:
            return persian_digits(gettext("On day %(day)s of every month", day=self.repeat_day))
        return None if self.repeats in {None, Repeat.NEVER} else str(self.repeats)

    def recurrence(self) -> Recurrence | None:
        """The rule of the days; None for a task that does not repeat or has no date."""
        if self.due_on is None or self.repeats in {None, Repeat.NEVER}:
            return None
        if self.repeats is Repeat.WEEKLY and self.repeat_weekdays:
            return Recurrence(Period.WEEK, weekdays=self.repeat_weekdays.numbers)
        if self.repeats is Repeat.DAILY:
            return Recurrence(Period.DAY)
        is_on_day = self.repeats is Repeat.MONTHLY and self.repeat_day
        return Recurrence(Period.MONTH, month_day=self.repeat_day if is_on_day else 31)  # type: ignore[arg-type]


def plan(task: Scheduled) -> None:
    """Compute the day of the next task and the moment of the reminder, where what they follow from has changed."""
    if has_changed(task, _RULE):
        _plan_next(task)
    if has_changed(task, REMINDER_PARTS):
        moment = reminder_of(task.due_on, task.due_time, task.remind)
        task.remind_at = moment if moment is not None and moment > now() else None


def _plan_next(task: Scheduled) -> None:
    _fill_rule(task)
    rule = task.recurrence()
    if task.due_on is None or rule is None or task.has_next:
        task.next_on = None
    else:
        task.next_on = today() if task.is_done else rule.next_after(task.due_on)


def _fill_rule(task: Scheduled) -> None:
    """The weekday or the day of the month that the rule does not name is that of the date."""
    day = to_jalali(task.due_on) if task.due_on is not None else None
    if task.repeats is not Repeat.WEEKLY:
        task.repeat_weekdays = None
    elif day is not None and not task.repeat_weekdays:
        task.repeat_weekdays = WeekdayList(WEEKDAY_NAMES[day.weekday()])
    if task.repeats is not Repeat.MONTHLY or day is None:
        task.repeat_day = None
    # A date that the rule has put on the last day of a shorter month does not change the rule.
    elif _has_new_day(task) and day.day != min(task.repeat_day or 0, month_length(day.year, day.month)):
        task.repeat_day = day.day


def put_off(task: Scheduled, day: date | None) -> None:
    """Give the task another date, which does not change the rule of those that follow."""
    task.due_on = day
    inspect(task).info[_PUT_OFF] = day


def _has_new_day(task: Scheduled) -> bool:
    """Whether the day of the month follows from the date: the date or the rule is new, and the date was not put off."""
    state = inspect(task)
    is_put_off = state.info.get(_PUT_OFF) == task.due_on and task.repeat_day is not None
    return not is_put_off and has_changed(task, ("due_on", "repeats"))


def reminder_of(day: date | None, clock: time | None, remind: Reminder | None) -> datetime | None:
    """The moment of the reminder of a task of *day*; without a time it is counted from the morning."""
    if day is None or remind not in _BEFORE:
        return None
    return instant(day, clock or MORNING) - _BEFORE[remind]


def has_changed(task: Any, names: tuple[str, ...]) -> bool:
    """Whether one of the columns has another value than the stored one."""
    return any(inspect(task).attrs[name].history.has_changes() for name in names)
