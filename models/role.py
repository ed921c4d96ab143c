"""Extra roles: what an organisation makes beside the declared ones, never beyond its maker's own rights."""

from __future__ import annotations

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Authored, Row, Tenant, Versioned, field


class ExtraRole(Row, Tenant, Authored, Versioned, Model):
    """What FAB's role does not know: whose it is, what people call it, and which rows it shows."""

    __tablename__ = "extra_roles"

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id"), unique=True)
    title: Mapped[str] = field(_("Title"), String(60))
    own_rows: Mapped[bool] = field(_("Own rows only"), default=False)

    role: Mapped[Role] = relationship(lazy="joined")

    def __str__(self) -> str:
        return self.title
