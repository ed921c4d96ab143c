"""The next contact of a customer or an order, shown above its timeline."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.lib.clock import now
from app.panel.access import permitted_section
from app.panel.formatting import spoken_time
from app.panel.view_models import NextStep, RecordAct
from models.follow_up import FollowUp


def next_contact(condition: ColumnElement[bool]) -> NextStep | None:
    """The earliest open follow-up that meets *condition*, among those that the member may list."""
    section = permitted_section("follow-ups", "can_list")
    if section is None:
        return None
    found = db.session.scalar(
        section.statement()
        .where(condition, FollowUp.not_closed(), FollowUp.deleted_at.is_(None))
        .outerjoin(FollowUp.product)
        .options(contains_eager(FollowUp.product))
        .order_by(FollowUp.next_at.is_(None), FollowUp.next_at, FollowUp.id)
        .limit(1),
        execution_options={"with_deleted": True},
    )
    return step_of(found) if found is not None else None


def step_of(follow_up: Any) -> NextStep:
    """The next contact of an open follow-up, by its `id`, `next_at` and `product`, with the act that registers its result."""
    section = permitted_section("follow-ups", "can_record")
    url = f"/follow-ups/{follow_up.id}/panel"
    act = RecordAct(_("Register result"), "message-check", url, opens="panel", key="R") if section else None
    label = _("Next contact: %(at)s", at=spoken_time(follow_up.next_at).words) if follow_up.next_at else ""
    is_late = follow_up.next_at is not None and follow_up.next_at < now()
    return NextStep(label or _("No time for the next contact"), str(follow_up.product), is_late, act)
