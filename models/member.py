"""Members: FAB's users, with their organisation and their capacity for orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, BigInteger, ColumnElement, ForeignKey, Integer, Select, String
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Searchable, field, reads
from models.organization import Organization
from models.tenancy.scope import actor_of
from models.types import Mobile, UtcDateTime


class Member(Searchable, User):
    """A user of the panel. Admins and operators belong to no organisation, all others to exactly one."""

    __tablename__ = "ab_user"
    # The columns of FAB's user that hold one line of text, beside those declared here.
    __lines__ = ("first_name", "last_name")
    __search__ = ("first_name", "last_name", "username", "mobile")
    __table_args__ = {"extend_existing": True}

    organization_id: Mapped[int | None] = field(_("Organisation"), ForeignKey("organizations.id"), index=True)
    mobile: Mapped[str | None] = field(_("Mobile"), Mobile)
    extension: Mapped[str | None] = field(_("Extension"), String(10))
    photo: Mapped[str | None] = field(_("Photo"), String(100))
    accepts_orders: Mapped[bool] = field(_("Present"), default=True)
    daily_capacity: Mapped[int | None] = field(_("Daily capacity"), Integer)
    # Round robin gives the next order to the member with the oldest time.
    last_assigned_at: Mapped[datetime | None] = field(_("Last assigned"), UtcDateTime)
    session_epoch: Mapped[int] = field(_("Session epoch"), Integer, default=0)
    # Set when somebody else chose the password: the member must replace it at the first login, before the deadline.
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default="0")
    one_time_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    password_changed_at: Mapped[datetime | None] = field(_("Password changed"), UtcDateTime)
    # Encrypted; set after the member has entered a correct code of their device.
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    # The groups of the side menu that the member opened (true) or folded (false), by their keys.
    menu_groups: Mapped[dict[str, bool] | None] = mapped_column(JSON)
    row_version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    organization: Mapped[Organization | None] = relationship(
        foreign_keys="Member.organization_id", lazy="joined"
    )

    @classmethod
    def choices(cls, statement: Select[Any], session: Session) -> Select[Any]:
        """The members to choose from for work: the active ones of the acting organisation."""
        return statement.where(
            cls.organization_id == actor_of(session).organization_id, cls.active.is_(True)
        ).order_by(cls.sort_key, cls.id)

    @classmethod
    def filter_choices(cls, statement: Select[Any], session: Session) -> Select[Any]:
        """The members to filter rows by: those who were switched off, and keep their rows, come last."""
        return statement.where(cls.organization_id == actor_of(session).organization_id).order_by(
            cls.active.desc(), cls.sort_key, cls.id
        )

    @classmethod
    def has_logged_in(cls) -> ColumnElement[bool]:
        """The members who are not only invited; each new session sets `last_login`."""
        return cls.last_login.is_not(None)

    @property
    @reads("last_login")
    def is_invited(self) -> bool:
        """Whether the member has never logged in."""
        return self.last_login is None

    @property
    @reads("active", "accepts_orders", "is_invited")
    def is_present(self) -> bool:
        """Whether assignment rules may give the member orders."""
        return self.active and self.accepts_orders and not self.is_invited

    def search_text(self) -> str:
        # The bars keep words of the search from reaching over into the next part.
        name = f"{self.first_name or ''} {self.last_name or ''}"
        return f"{name}|{self.username or ''}|{(self.mobile or '').removeprefix('+98')}"

    @property
    @reads("first_name", "last_name")
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    @reads("is_invited", "full_name")
    def choice_label(self) -> str:
        """The name in a list of choices; invited members are marked."""
        return f"{self.full_name} ({_('Invited')})" if self.is_invited else self.full_name

    @property
    @reads("active", "full_name")
    def filter_label(self) -> str:
        """The name among the values of a filter; members who were switched off are marked."""
        return self.full_name if self.active else f"{self.full_name} ({_('Switched off')})"

    @reads("full_name")
    def __str__(self) -> str:
        return self.full_name
