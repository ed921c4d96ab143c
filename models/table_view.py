"""How each member wants his lists: columns, density and size, and the views he named."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Integer, String, Text, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Authored, Row, Tenant, field
from models.member import Member
from models.types import Choice, choice


class Density(Choice):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class TableSettings(Row, Model):
    """What one member chose for one list; whoever chose nothing has no row."""

    __tablename__ = "table_settings"
    __table_args__ = (Index("uq_table_settings_member_id_section", "member_id", "section", unique=True),)

    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    section: Mapped[str] = mapped_column(String(60))
    # The paths of the shown columns in their order; empty: as the section declares them.
    columns: Mapped[list[Any]] = mapped_column(JSON, default=list)
    density: Mapped[Density] = field(_("Density"), choice(Density), default=Density.COMFORTABLE)
    page_size: Mapped[int] = field(_("Rows on a page"), Integer, default=25)
    # One of his own views, which the list opens with; here, as his settings come along with his session.
    default_view_id: Mapped[int | None] = mapped_column(ForeignKey("table_views.id", ondelete="SET NULL"))


class TableView(Row, Tenant, Authored, Model):
    """A named state of a list: its tab, filters, search and order, as they stand in its address."""

    __tablename__ = "table_views"
    __table_args__ = (
        Index("uq_table_views_name", "organization_id", "member_id", "section", "name", unique=True),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    section: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = field(_("Name of the view"), String(80))
    query: Mapped[str] = mapped_column(Text, default="")
    columns: Mapped[list[Any]] = mapped_column(JSON, default=list)
    is_shared: Mapped[bool] = field(_("For everybody in the organisation"), default=False)

    member: Mapped[Member] = relationship(foreign_keys=[member_id])

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return or_(cls.member_id == member_id, cls.is_shared.is_(True))

    def __str__(self) -> str:
        return self.name
