"""To whom follow-ups go."""

from __future__ import annotations

from typing import cast

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.extensions import db
from app.panel.fields import RelationField
from app.panel.forms import Filled, PanelForm
from models.member import Member


def _find_member(pk: int) -> Member | None:
    statement = Member.choices(select(Member), db.session())
    return db.session.scalar(statement.where(Member.id == pk))


class ReassignForm(PanelForm):
    member = RelationField(
        _("Consultant"),
        [Filled(_("Please choose one."))],
        find=_find_member,
        lookup_url="/follow-ups/lookup/consultant",
    )

    def chosen(self) -> Member:
        return cast("Member", self.member.data)
