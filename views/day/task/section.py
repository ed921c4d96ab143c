"""Tasks: the list and the board of what a member wants to do."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, or_, select, true

from app.errors import DomainError
from app.panel.access import Access, permitted
from app.panel.board import Board, CardParts, Lane
from app.panel.displays import Chip
from app.panel.notifications import Notify
from app.panel.queries.clauses import acting_member
from app.panel.queries.moments import day, day_of_week, midnight
from app.panel.words import Card, Tab
from models.task import Task, TaskStatus
from views import groups
from views.day.task.assign import TaskAssignment
from views.day.task.displays import Due, Title
from views.day.task.postpone import Postponement
from views.day.task.recurrence import REMINDER, SCHEDULE, ScheduledTasks

COLOURS = {
    TaskStatus.TODO: "gray",
    TaskStatus.DOING: "teal",
    TaskStatus.DONE: "green",
    TaskStatus.CANCELLED: "gray",
}


def _today() -> ColumnElement[bool]:
    """Open and due today or earlier; or due or done today."""
    due = and_(Task.not_closed(), Task.due_on <= day())
    return or_(due, Task.due_on == day(), Task.done_at >= midnight())


def _this_week() -> ColumnElement[bool]:
    return Task.due_on.between(day_of_week(0), day_of_week(6))


class Tasks(Postponement, ScheduledTasks, TaskAssignment):
    model = Task
    slug = "tasks"
    title, title_one = _l("Tasks"), _l("task")
    group, icon, menu_order = groups.DAY, "checkbox", 120
    in_bottom_bar = True
    preload = ("status", "due_on")

    columns = (
        Title("title"),
        Due("due_on", reads=("due_time", "done_at", "status")),
        Chip("status", COLOURS),
        "customer",
        "owner",
        "created_at",
    )
    labels = {
        "created_at": _l("Added on"),
        "customer": _l("Customer"),
        "due_on": _l("Due"),
        "repetition": _l("Repetition"),
    }
    card = Card(("due_on", "customer"), chip="status")
    board = Board(
        by="status",
        right="move",
        card=CardParts("title", "description", "due_on", "customer", link_section="customers", who="owner"),
        lanes={
            TaskStatus.TODO: Lane("circle", "gray", tick=TaskStatus.DOING),
            TaskStatus.DOING: Lane("circle-dot", "teal", tick=TaskStatus.DONE),
            TaskStatus.DONE: Lane("circle-check", "green", tick=TaskStatus.DOING, is_over=True),
            TaskStatus.CANCELLED: Lane("circle-x", "gray", tick=TaskStatus.TODO, is_over=True),
        },
    )
    headline = (Due("due_on", reads=("due_time", "done_at", "status")), Chip("status", COLOURS), "owner")
    details = ("description", "customer", "follow_up", "owner", "repetition", "remind", "created_at")
    tabs = (
        Tab(
            "today",
            _l("Today"),
            _today,
            sort="due_on",
            empty=_l("Nothing is to do today."),
            empty_hint=_l("A task comes here on its day, and stays until it is done."),
        ),
        Tab(
            "week",
            _l("This week"),
            _this_week,
            sort="due_on",
            empty=_l("No task of this week."),
            empty_hint=_l("A task stands here in the week of its date."),
        ),
        Tab("all", _l("All"), true),
    )
    search, search_hint = ("self",), _l("Title or description …")
    in_palette = rest = attachments = True
    filters = ("status", "due_on", "due_time", "owner", "created_at", "title")
    sortable = ("due_on", "created_at")
    form = ("title", "description", "due_on", "due_time", "status", "owner", "follow_up", *SCHEDULE)
    bulk_edit = ("status", "due_on")
    owner, owner_right = "owner", "assign"
    empty = _l("No task yet")
    empty_hint = _l("A task reminds its owner of what is to do.")

    roles = {
        "Consultant": Access.FULL | Access.actions("move"),
        "SupportAgent": Access.FULL | Access.actions("move"),
        "Manager": Access.FULL | Access.TRAIL | Access.EXPORT | Access.actions("assign", "move"),
    }
    notify = (
        Notify(
            on="owner",
            to="owner",
            text=_l("The task «%(name)s» is yours"),
            many=_l("%(num)s tasks are yours now"),
            list_query="?tab=all",
            icon="user-plus",
            # The owner knows of the tasks that they added, and that a recurring one comes again.
            counts_added=lambda task: task.previous_id is None and task.created_by_id != task.owner_id,
        ),
        REMINDER,
    )

    def statement(self) -> Select[Any]:
        """The member's own tasks; all of the organisation for those who give tasks to others."""
        rows = select(Task)
        return rows if self.statement_key() else rows.where(Task.owner_id == acting_member())

    def statement_key(self) -> Hashable:
        return permitted(self, "can_assign")

    def check(self, item: Any) -> None:
        super().check(item)
        if item.due_time is not None and item.due_on is None:
            raise DomainError(_l("A time needs a date."), field="due_on")
