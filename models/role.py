"""Extra roles: what an organisation makes beside the declared ones, never beyond its maker's own rights."""

from __future__ import annotations

import secrets
from typing import Any

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, ForeignKey, String, delete, event, insert, inspect
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Authored, Row, Tenant, Versioned, field

# Declared roles that see only the rows which `Tenant.owned_by` gives them; all others see their organisation's.
OWN_ROWS_ONLY = frozenset({"Consultant"})


def shows_own_rows(name: str) -> bool:
    """Whether a role shows only the rows of its holder."""
    return name in OWN_ROWS_ONLY or name.startswith("own:")


class ExtraRole(Row, Tenant, Authored, Versioned, Model):
    """What FAB's role does not know: whose it is, what people call it, and which rows it shows."""

    __tablename__ = "extra_roles"

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id"), unique=True)
    title: Mapped[str] = field(_("Title"), String(60))
    own_rows: Mapped[bool] = field(_("Own rows only"), default=False)

    role: Mapped[Role] = relationship(lazy="joined")

    def __str__(self) -> str:
        return self.title


class RoleEdition(Model):
    """Which edition of its rights a role has: web workers keep what they read under it.

    The token is random, for a number would come back with a role that was deleted or a transaction that was not
    committed, and with it the wrong rights.
    """

    __tablename__ = "role_editions"

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger)


def new_token() -> int:
    return secrets.randbits(62)


@event.listens_for(Session, "after_flush")
def _begin_edition(session: Session, _context: Any) -> None:
    """Whatever changes the rights of a role begins a new edition of it."""
    changed = {
        row.id
        for row in (*session.new, *session.dirty)
        if isinstance(row, Role) and inspect(row).attrs.permissions.history.has_changes()
    }
    if changed:
        session.execute(delete(RoleEdition).where(RoleEdition.role_id.in_(changed)))
        fresh = [{"role_id": key, "token": new_token()} for key in changed]
        session.execute(insert(RoleEdition), fresh)
