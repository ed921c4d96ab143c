"""Tasks of the demo's members: of today, late ones, of later days, and some that are finished."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select

from app.extensions import db
from app.lib.jalali import instant, today
from app.lib.persian import persian_digits
from app.lib.position import first_keys
from app.services.demo.draw import Draw
from models.follow_up import FollowUp
from models.schedule.task_schedule import Reminder, Repeat
from models.task import Task, TaskStatus

TODO, DOING, DONE, CANCELLED = TaskStatus


class _Plan(NamedTuple):
    """A task: its title, None for one of a follow-up, and its day as a distance from today."""

    title: str | None
    status: TaskStatus
    days: int | None
    clock: time | None = None
    text: str | None = None
    repeats: Repeat = Repeat.NEVER
    remind: Reminder = Reminder.NONE


_OF_CONSULTANTS = (
    _Plan(None, TODO, -2, None, "زنگ بزنم برای شهریهٔ قسطی"),
    _Plan("جلسهٔ هفتگی فروش", TODO, 0, time(16), None, Repeat.WEEKLY, Reminder.QUARTER),
    _Plan(
        "مرور شماره‌های بی‌پاسخ این ماه",
        TODO,
        0,
        None,
        "فهرست «پاسخ نداد» را یک بار دیگر از اول ببینم و آن‌هایی را که بیش از پنج تماس داشته‌اند ببندم.",
    ),
    _Plan(None, TODO, 1, time(9), "سرفصل‌ها را گرفت؟", Repeat.NEVER, Reminder.HOUR),
    _Plan("تمدید قرارداد شرکت پارس‌گستر فناوری جنوب", TODO, 34),
    _Plan(None, DOING, 0, time(12, 30), "پیش‌فاکتور را بفرستم"),
    _Plan("ارسال کاتالوگ", DOING, -1, time(8), "برای خانم نادری، با قیمت گروهی"),
    _Plan("نوشتن متن پیامک یلدا", DOING, 6),
    _Plan("پاسخ پیام مدیر دربارهٔ تخفیف", DONE, 0, time(9)),
    _Plan(None, DONE, -1, None, "لینک ثبت‌نام را فرستادم"),
    _Plan("بایگانی رسیدهای ماه گذشته", DONE, -3),
    _Plan(None, CANCELLED, -4, None, "شماره اشتباه بود"),
)
_OF_MANAGERS = (
    _Plan("بررسی گزارش فروش هفته", TODO, 0, time(17), None, Repeat.WEEKLY, Reminder.HOUR),
    _Plan("تعیین سهمیهٔ پیامک", DOING, 1, None, None, Repeat.MONTHLY, Reminder.AT_TIME),
    _Plan("مصاحبه با مشاور تازه", DONE, -1, time(11)),
    _Plan("چاپ بروشور", CANCELLED, None),
)
_OF_AGENTS = (
    _Plan("تماس دوباره با خریداران هفتهٔ پیش", TODO, 0),
    _Plan("هماهنگی ارسال بسته‌ها", DOING, 0, time(15), None, Repeat.DAILY),
    _Plan("ثبت شکایت‌ها", DONE, -2),
    _Plan("پیگیری مرسولهٔ برگشتی", CANCELLED, -5),
)


def write_tasks(draw: Draw, manager_id: int, agent_id: int, consultants: Sequence[int]) -> None:
    """Add tasks of the manager, the support agent and the *consultants*, those of consultants partly of follow-ups."""
    plans: list[tuple[int, Sequence[_Plan]]] = [(manager_id, _OF_MANAGERS), (agent_id, _OF_AGENTS)]
    plans += [(consultant, _OF_CONSULTANTS) for consultant in consultants]
    owned = [(owner, plan) for owner, all_of in plans for plan in all_of]
    follow_ups = {owner: _follow_ups_of(owner) for owner in consultants}
    keys = first_keys(len(owned))
    for (owner, plan), key in zip(owned, keys, strict=True):
        follow_up = next(follow_ups[owner], None) if plan.title is None else None
        task = Task(
            title=plan.title or (_number(follow_up) if follow_up else plan.text),
            description=plan.text,
            due_on=None if plan.days is None else today() + timedelta(days=plan.days),
            due_time=plan.clock,
            repeats=plan.repeats,
            remind=plan.remind,
            status=plan.status,
            position=key,
            owner_id=owner,
            created_by_id=owner,
            created_at=draw.start - timedelta(days=6),
            follow_up_id=follow_up.id if follow_up else None,
            done_at=_done_at(draw, plan),
        )
        db.session.add(task)
    db.session.flush()


def _follow_ups_of(owner: int) -> Iterator[FollowUp]:
    return iter(
        db.session.scalars(
            select(FollowUp).where(FollowUp.consultant_id == owner).order_by(FollowUp.id).limit(5)
        ).all()
    )


def _number(follow_up: FollowUp) -> str:
    return persian_digits("0" + follow_up.customer.mobile.removeprefix("+98"))


def _done_at(draw: Draw, plan: _Plan) -> datetime | None:
    """When a finished task was done: on its day, and not later than now."""
    if plan.status is not DONE:
        return None
    day: date = today() + timedelta(days=plan.days or 0)
    return min(instant(day, plan.clock or time(10)), draw.start)
