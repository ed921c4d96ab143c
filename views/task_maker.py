"""The action that makes a task about a follow-up or a customer: in the ⋮ menu, in the side panel, by the key T."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.jalali import today
from app.panel.action import Done, action, counted
from app.panel.actor import member_id
from app.panel.formatting import spoken_time
from app.panel.forms.builder import Filled, Length, MayBeEmpty, PanelForm
from app.panel.forms.fields import JalaliDateField, NoteField, TextField
from app.panel.section import Section
from app.services.task.make import task_about, title_of
from models.customer import Customer
from models.follow_up import FollowUp


class TaskForm(PanelForm):
    title = TextField(_l("Title"), [Filled(_l("Please fill in this field.")), Length(max=160)])
    due_on = JalaliDateField(_l("Date"), [MayBeEmpty()], render_kw={"data-ahead": ""})
    description = NoteField(_l("Description"), [MayBeEmpty()])


def _begin(form: TaskForm, row: FollowUp | Customer) -> None:
    form.title.data = title_of(row.customer if isinstance(row, FollowUp) else row)
    form.due_on.data = today()


class TaskMaker(Section):
    """Follow-ups and customers from which members make tasks of their own."""

    @action(
        _l("Create a task"),
        icon="checkbox",
        confirm=counted(
            "The task is yours, and leads back here.", "The tasks are yours, and lead back here."
        ),
        submit=counted("Create the task", "Create the tasks"),
        form=TaskForm,
        bulk=False,
        prefill=_begin,
        key="T",
    )
    def create_task(self, rows: Sequence[FollowUp | Customer], form: Any) -> Done:
        (row,) = rows
        task = task_about(
            row,
            owner_id=member_id(),
            title=form.title.data,
            due_on=form.due_on.data,
            description=form.description.data,
        )
        if task.due_on is None:
            return Done(_("The task is created."))
        return Done(_("The task is created for %(day)s.", day=spoken_time(task.due_on).words))
