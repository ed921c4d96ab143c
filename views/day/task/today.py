"""The tasks of today in the top bar: their number, and the popover in which they are ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import make_response, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from app.extensions import db
from app.lib.jalali import format_time, today
from app.panel.access import permitted, requires, row_key
from app.panel.action import Done
from app.panel.actor import member_id
from app.panel.formatting import SpokenTime, spoken_time
from app.panel.layout.navigation import TopBarButton
from app.panel.queries.clauses import acting_member
from app.panel.queries.counts import count_on_every_page, page_count
from app.panel.queries.moments import day, midnight
from app.panel.responses import toast
from app.panel.section import Section
from app.services.task.remind import Snooze
from models.task import Task, TaskStatus

_COUNT = "tasks of today"
# The popover has a link to all of them.
_MOST = 20
_NEXT = {
    TaskStatus.TODO: TaskStatus.DOING,
    TaskStatus.DOING: TaskStatus.DONE,
    TaskStatus.DONE: TaskStatus.DOING,
    TaskStatus.CANCELLED: TaskStatus.TODO,
}
_ICONS = {
    TaskStatus.TODO: "circle",
    TaskStatus.DOING: "circle-dot",
    TaskStatus.DONE: "circle-check",
    TaskStatus.CANCELLED: "circle-x",
}


def due_today() -> ColumnElement[bool]:
    """The acting member's open tasks of today and the late ones."""
    return and_(Task.not_closed(), Task.due_on <= day(), Task.owner_id == acting_member())


# Read with the first count of a page, as the number of the bell.
count_on_every_page(_COUNT, select(Task).where(due_today()))


def count_today() -> int:
    return page_count(_COUNT)


class TodayTask(NamedTuple):
    """A task in the popover."""

    key: int
    title: str
    about: str
    status: TaskStatus
    icon: str
    next_status: TaskStatus
    is_late: bool
    may_put_off: bool
    when: str
    full_time: str
    url: str


class TodaysTasks(Section):
    """/today, and POST of /today/<pk>."""

    top_bar = TopBarButton(_l("Tasks of today"), "checkbox", "today", count_today, "tasks-today", key="T")

    @expose("/today")
    @requires("list")
    def today(self) -> str:
        """The popover: the member's open tasks of today and late ones."""
        return self.render_template(
            "day/task/today.html",
            **self.todays_tasks(_MOST),
            may_add=permitted(self, "can_add"),
            day=today(),
            **progress(),
        )

    def todays_tasks(self, most: int) -> dict[str, Any]:
        """The first *most* of them, as the macro `today_item` shows them."""
        statement = self.statement().where(due_today()).options(selectinload(Task.customer))
        rows = db.session.scalars(statement.order_by(Task.due_at, Task.id).limit(most)).all()
        may_put_off = permitted(self, "can_edit")
        return {
            "tasks": [_shown(row, self.base_url, may_put_off=may_put_off) for row in rows],
            "snoozes": [(each.value, each.label) for each in Snooze],
            "may_edit": permitted(self, "can_move"),
            "base_url": self.base_url,
        }

    @expose("/today/<pk>", methods=["POST"])
    @requires("move")
    def tick(self, pk: str) -> Response:
        """Move a task on, from the status that the popover showed; one that has moved meanwhile stays where it is."""
        task = self.get_row(row_key(pk))
        has_moved = request.args.get("from") != task.status.value
        if not has_moved:
            task.status = _NEXT[task.status]
            db.session.commit()
        response = make_response(
            self.render_template(
                "day/task/_today_item.html",
                task=_shown(task, self.base_url, may_put_off=permitted(self, "can_edit")),
                snoozes=[(each.value, each.label) for each in Snooze],
                may_edit=True,
                base_url=self.base_url,
                **progress(),
            )
        )
        if has_moved:
            response.headers.update(toast(Done(_("This task has been moved meanwhile.")), level="warning"))
        return response


def progress() -> dict[str, int]:
    """How many tasks of today the member has done, and how many are open."""
    mine = Task.owner_id == member_id(), Task.due_on <= today()
    done = select(func.count(Task.id)).where(*mine, Task.done_at >= midnight())
    left = select(func.count(Task.id)).where(due_today())
    numbers = db.session.execute(select(done.scalar_subquery(), left.scalar_subquery())).one()
    return {"done": numbers[0], "left": numbers[1]}


def _shown(row: Any, base_url: str, *, may_put_off: bool) -> TodayTask:
    time = _time_of(row)
    person = str(row.customer) if row.customer is not None else ""
    about: Sequence[str] = [each for each in (person, (row.description or "").partition("\n")[0]) if each]
    return TodayTask(
        key=row.id,
        title=row.title,
        about=" · ".join(about),
        status=row.status,
        icon=_ICONS[row.status],
        next_status=_NEXT[row.status],
        is_late=row.is_late,
        may_put_off=may_put_off and not row.status.is_closed,
        when=time.words,
        full_time=time.full,
        url=f"{base_url}show/{row.id}",
    )


def _time_of(row: Any) -> SpokenTime:
    """The delay of a late task, the hour of one of today."""
    spoken = spoken_time(row.due_at if row.due_time else row.due_on, can_be_late=not row.status.is_closed)
    if spoken.is_late:
        return spoken
    return spoken._replace(words=format_time(row.due_at) if row.due_time else "")
