"""Forms for members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import SelectField
from wtforms.validators import Email, Regexp

from app.extensions import db
from app.panel.actor import role_label
from app.panel.forms.builder import Filled, Length, MayBeEmpty, PanelForm
from app.panel.forms.fields import (
    ChoiceField,
    MobileField,
    NumberField,
    RelationField,
    SwitchField,
    TextField,
)
from app.services.member import MemberDetails, members_here
from app.services.member_rank import assignable_roles
from models.member import Member

_NEEDED = Filled(_l("Please fill in this field."))


class RoleField(SelectField):
    """A choice of the roles that the current member may assign; its value is the role."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, coerce=str, choices=[], **kwargs)
        # Without it a browser would choose the first role.
        unchosen = ("", ChoiceField.unchosen)
        self.roles = {str(role.id): (role, title) for role, title in assignable_roles(current_user)}
        offered = [(key, title or role_label(role.name)) for key, (role, title) in self.roles.items()]
        self.choices = [unchosen, *offered]

    def offer(self, roles: Sequence[Any]) -> None:
        """Also offer the present *roles* of a member, so that they can stay unchanged."""
        if roles:
            self.choices = [each for each in self.choices if each[0]]
        for role in roles:
            if str(role.id) not in self.roles:
                self.roles[str(role.id)] = (role, None)
                self.choices = [*self.choices, (str(role.id), role_label(role.name))]

    def chosen(self) -> Any:
        return self.roles[self.data][0]


class MemberForm(PanelForm):
    first_name = TextField(_l("First name"), [_NEEDED, Length(max=64)])
    last_name = TextField(_l("Last name"), [_NEEDED, Length(max=64)])
    username = TextField(
        _l("User name"),
        [
            _NEEDED,
            Length(3, 60, _l("Between 3 and 60 letters.")),
            Regexp(r"^[\w.@+-]+$", message=_l("Only letters, digits and . - _")),
        ],
        render_kw={"dir": "ltr", "autocapitalize": "none"},
    )
    email = TextField(
        _l("E-mail"), [_NEEDED, Email(_l("This e-mail address is not valid.")), Length(max=320)]
    )
    role = RoleField(_l("Role"), [Filled(_l("Choose one of the list."))])
    mobile = MobileField(_l("Mobile"), [MayBeEmpty()])
    extension = TextField(_l("Extension"), [MayBeEmpty(), Length(max=10)])
    daily_capacity = NumberField(
        _l("Daily capacity"),
        [MayBeEmpty()],
        most=10_000,
        description=_l("New orders a day at most; empty: no limit."),
    )
    accepts_orders = SwitchField(_l("Present"), default=True)

    def details(self, username: str | None = None) -> MemberDetails:
        return MemberDetails(
            username=username or self.username.data,
            first_name=self.first_name.data,
            last_name=self.last_name.data,
            email=self.email.data,
            role=self.role.chosen(),
            mobile=self.mobile.data,
            extension=self.extension.data,
            accepts_orders=self.accepts_orders.data,
            daily_capacity=self.daily_capacity.data,
        )


class EditForm(MemberForm):
    """The form without the user name, which cannot change."""

    username = None  # type: ignore[assignment]  # WTForms removes a field that is None

    def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self.role.offer(obj.roles if obj is not None else [])
        if obj is not None and not self.role.raw_data:
            self.role.data = str(obj.roles[0].id) if obj.roles else ""


def _find_heir(pk: int) -> Member | None:
    return db.session.scalar(members_here().where(Member.id == pk, Member.active.is_(True)))


class HandOverForm(PanelForm):
    heir = RelationField(
        _l("Open follow-ups go to"),
        [MayBeEmpty()],
        find=_find_heir,
        lookup_url="/follow-ups/lookup/consultant",
        description=_l("Empty: they stay where they are."),
    )
