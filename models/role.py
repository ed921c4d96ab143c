"""Extra roles, which an organisation creates beside the declared ones, and the editions of all roles."""

from __future__ import annotations

import secrets
from typing import Any

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, ForeignKey, String, delete, event, insert, inspect
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Authored, Row, Tenant, Versioned, field, reads

# Declared roles that see only the rows of `Tenant.owned_by`; all others see all rows of the organisation.
OWN_ROWS_ONLY = frozenset({"Consultant"})


# Roles that may share saved views and reports with all members, and send reports to others.
SHARES_VIEWS = frozenset({"Manager", "Admin"})
# Roles that read all tickets of their organisation, and roles of the platform that read those of all organisations.
READS_TICKETS = frozenset({"Manager"})
SERVES_TICKETS = frozenset({"Operator", "Admin"})


def shows_own_rows(name: str) -> bool:
    """Whether a role shows its members only their own rows."""
    return name in OWN_ROWS_ONLY or name.startswith("own:")


class ExtraRole(Row, Tenant, Authored, Versioned, Model):
    """The organisation, title and visible rows of a FAB role."""

    __tablename__ = "extra_roles"

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id"), unique=True)
    title: Mapped[str] = field(_("Title"), String(60))
    own_rows: Mapped[bool] = field(_("Own rows only"), default=False)

    role: Mapped[Role] = relationship(lazy="joined")

    @reads("title")
    def __str__(self) -> str:
        return self.title


class RoleEdition(Model):
    """The edition of a role's rights; web workers cache the rights per edition.

    The token is random: a counter could repeat a value after a deletion or a rollback, and a worker would use old rights.
    """

    __tablename__ = "role_editions"

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger)


def new_token() -> int:
    return secrets.randbits(62)


@event.listens_for(Session, "after_flush")
def _begin_edition(session: Session, _context: Any) -> None:
    """Begin a new edition of each role whose rights change."""
    changed = {
        row.id
        for row in (*session.new, *session.dirty)
        if isinstance(row, Role) and inspect(row).attrs.permissions.history.has_changes()
    }
    if changed:
        session.execute(delete(RoleEdition).where(RoleEdition.role_id.in_(changed)))
        fresh = [{"role_id": key, "token": new_token()} for key in changed]
        session.execute(insert(RoleEdition), fresh)
