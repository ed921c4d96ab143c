"""The form step that asks for a consultant, shared by orders and follow-ups."""

from __future__ import annotations

from typing import cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.fields import RelationField
from models.member import Member


def _find_member(pk: int) -> Member | None:
    statement = Member.choices(select(Member), db.session())
    return db.session.scalar(statement.where(Member.id == pk))


class ConsultantForm(PanelForm):
    member = RelationField(
        _l("Consultant"),
        [Filled(_l("Please choose one."))],
        find=_find_member,
        lookup_url="/follow-ups/lookup/consultant",
    )

    def chosen(self) -> Member:
        """The consultant of a valid form."""
        return cast("Member", self.member.data)
