"""SMS variables and their values: those of a member, and the defaults of the organisation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.errors import DomainError
from app.extensions import db
from app.lib.persian import TextError, clean_text, is_blank
from app.panel.access import Access, lock_membership, permitted, requires, row_key
from app.panel.action import Done
from app.panel.actor import member_id
from app.panel.messages import explain, storable_text
from app.panel.page import Page
from app.panel.records.delete import soft_delete, undo_delete
from app.panel.records.restore import restored_words
from app.panel.responses import failure, success, success_at
from app.services.sms.text.variables import RECORD, SENDER, add_variable, refuse_used, set_value, value_of
from models.member import Member
from models.sms.template import SmsVariable, SmsVariableValue, VariableKind
from models.tenancy.scope import actor_of
from views import groups

LONGEST = 500
MOST_MEMBERS = 500
_NAME = re.compile(r"(value|common)-([0-9]{1,18})")
# Before the name of an input: the value that the page was loaded with.
LOADED = "loaded-"


@dataclass(frozen=True)
class VariableRow:
    """A variable with the member's value and the default value."""

    variable: SmsVariable
    own: str
    common: str
    key: int | None


class SmsVariables(Page):
    """GET and POST of /; for members who define variables also POST of /add and /delete/<pk>."""

    slug = "settings/sms-variables"
    title = _l("SMS variables")
    group, icon, menu_order = groups.SMS, "braces", 460
    needs_organization = True
    plain_fields = ("key",)
    right_labels = {"define": _l("Define variables")}

    roles = {
        "Manager": Access.actions("list", "edit", "define"),
        "Consultant": Access.actions("list", "edit"),
        "SupportAgent": Access.actions("list", "edit"),
    }

    @expose("/")
    @requires("list")
    def index(self) -> str:
        return self._page({})

    @expose("/", methods=["POST"])
    @requires("edit")
    def save(self) -> Any:
        lock_membership()
        errors = self._save_all(request.form, self._member())
        if errors:
            db.session.rollback()
            return self._page(errors), 422
        db.session.commit()
        return success(Done(_("The variables are saved.")), self.base_url)

    @expose("/add", methods=["POST"])
    @requires("define")
    def add(self) -> Any:
        lock_membership()
        try:
            title = storable_text(request.form.get("title", ""), field="title")
            variable = add_variable(request.form.get("key", ""), title)
        except DomainError as error:
            db.session.rollback()
            return self._page({error.field or "key": str(error)}), 422
        db.session.commit()
        return success(Done(_("%(what)s saved.", what=str(variable))), self.base_url)

    @expose("/delete/<pk>", methods=["POST"])
    @requires("define")
    def delete(self, pk: str) -> Any:
        lock_membership()
        variable = db.session.get(SmsVariable, row_key(pk)) or abort(404)
        words = _("%(what)s deleted.", what=str(variable))
        try:
            refuse_used(variable)
            batch = soft_delete(SmsVariable, [variable.id])
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.base_url)
        db.session.commit()
        return success_at(Done(words, f"{self.base_url}undo/{batch}"), self.base_url)

    @expose("/undo/<batch>", methods=["POST"])
    @requires("define")
    def undo(self, batch: str) -> Any:
        """Bring a deleted variable back, with the values of all members."""
        lock_membership()
        try:
            restored = undo_delete(SmsVariable, UUID(batch))
        except ValueError:
            abort(404)
        db.session.commit()
        if not restored:
            return failure(_("It is too late to take this back."), self.base_url)
        words = restored_words(restored, SmsVariable, _("variable"))
        if not restored.count():
            return failure(words, self.base_url)
        return success_at(Done(words), self.base_url)

    def _member(self) -> Member:
        """The member whose values are edited: the current one, or any for members who define variables."""
        asked = request.values.get("member", "")
        key = row_key(asked) if asked else member_id()
        if key != member_id() and not permitted(self, "can_define"):
            abort(404)
        found = select(Member).where(
            Member.id == key, Member.organization_id == actor_of(db.session()).organization_id
        )
        return db.session.scalar(found) or (
            db.session.get_one(Member, key) if key == member_id() else abort(404)
        )

    def _save_all(self, sent: Any, member: Member) -> dict[str, str]:
        """Store the submitted values; returns the errors by input name."""
        errors: dict[str, str] = {}
        for name, text in sent.items():
            found = _NAME.fullmatch(name)
            if found is None:
                continue
            if found[1] == "common" and not permitted(self, "can_define"):
                abort(403)
            variable = db.session.get(SmsVariable, int(found[2])) or abort(404)
            owner = member if found[1] == "value" else None
            try:
                value = "" if is_blank(text) else clean_text(text.strip(), max_length=LONGEST)
            except TextError as error:
                errors[name] = str(explain(error))
                continue
            loaded = sent.get(f"{LOADED}{name}")
            if value == loaded:
                continue
            stored = value_of(variable, owner)
            if loaded is not None and stored not in (loaded, value):
                errors[name] = _("Somebody changed this meanwhile to «%(value)s».", value=stored or "—")
            else:
                set_value(variable, value, member=owner)
        return errors

    def _page(self, errors: dict[str, str]) -> str:
        member = self._member()
        return self.render_template(
            "sms/variables.html",
            lines=_lines(member),
            member=member,
            members=_members() if permitted(self, "can_define") else (),
            others=_values_of_others(member) if permitted(self, "can_define") else (),
            errors=errors,
            sent=request.form,
            own=[each[1] for each in (*RECORD.values(), *SENDER.values())],
            may_define=permitted(self, "can_define"),
            base_url=self.base_url,
        )


def _members() -> Sequence[Member]:
    here = actor_of(db.session()).organization_id
    statement = select(Member).where(Member.organization_id == here, Member.active.is_(True))
    return db.session.scalars(statement.order_by(Member.id).limit(MOST_MEMBERS)).all()


def _lines(member: Member) -> Sequence[VariableRow]:
    typed = select(SmsVariable).where(SmsVariable.kind == VariableKind.TYPED).order_by(SmsVariable.title)
    mine = (SmsVariableValue.member_id == member.id) | SmsVariableValue.member_id.is_(None)
    found = {
        (row.variable_id, row.member_id): row
        for row in db.session.scalars(select(SmsVariableValue).where(mine))
    }

    def line(variable: SmsVariable) -> VariableRow:
        own, common = found.get((variable.id, member.id)), found.get((variable.id, None))
        return VariableRow(
            variable, own.value if own else "", common.value if common else "", own.id if own else None
        )

    return [line(each) for each in db.session.scalars(typed)]


def _values_of_others(member: Member) -> Sequence[SmsVariableValue]:
    """The values of the other members."""
    statement = (
        select(SmsVariableValue)
        .options(joinedload(SmsVariableValue.member), joinedload(SmsVariableValue.variable))
        .where(SmsVariableValue.member_id != member.id, SmsVariableValue.value != "")
        .order_by(SmsVariableValue.member_id, SmsVariableValue.id)
        .limit(MOST_MEMBERS)
    )
    return db.session.scalars(statement).all()
