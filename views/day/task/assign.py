"""The action that gives tasks to another member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from app.extensions import db
from app.panel.action import Done, action, counted
from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.fields import RelationField
from app.panel.records.undo import current_undo_batch
from app.services.task.undo import assign_tasks
from models.member import Member
from models.task import Task
from views.day.task.undo import UndoneTasks


def _find_member(pk: int) -> Member | None:
    statement = Member.choices(select(Member), db.session())
    return db.session.scalar(statement.where(Member.id == pk))


class OwnerForm(PanelForm):
    owner = RelationField(
        _l("Owner"),
        [Filled(_l("Please choose one."))],
        find=_find_member,
        lookup_url="/tasks/lookup/owner",
    )


class TaskAssignment(UndoneTasks):
    """«Assign to …» on one task and on many."""

    @action(
        _l("Assign to …"),
        icon="users",
        confirm=counted("%(num)s %(what)s gets another owner.", "%(num)s %(what)s get another owner."),
        submit=counted("Assign %(num)s %(what)s", "Assign %(num)s %(what)s"),
        form=OwnerForm,
    )
    def assign(self, rows: Sequence[Task], form: OwnerForm) -> Done:
        member = cast("Member", form.owner.data)
        at = current_undo_batch().at
        moved = assign_tasks(rows, member, at=at)
        words = ngettext(
            "%(num)s task went to %(who)s.",
            "%(num)s tasks went to %(who)s.",
            moved,
            who=member.full_name,
        )
        return Done(words, self.hand_back_url(at) if moved else None, tally={member.full_name: moved})
