"""Table settings and saved views of members."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Integer, String, Text, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Authored, Row, Tenant, field, reads
from models.member import Member
from models.types import Choice, choice


class Density(Choice):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class TableSettings(Row, Model):
    """The settings of one member for one list; without a row, the defaults apply."""

    __tablename__ = "table_settings"
    __table_args__ = (Index("uq_table_settings_member_id_section", "member_id", "section", unique=True),)

    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    section: Mapped[str] = mapped_column(String(60))
    # The paths of the shown columns in order; empty means the columns of the section.
    columns: Mapped[list[Any]] = mapped_column(JSON, default=list)
    density: Mapped[Density] = field(_("Density"), choice(Density), default=Density.COMFORTABLE)
    page_size: Mapped[int] = field(_("Rows on a page"), Integer, default=25)
    # The view that opens with the list; stored here because settings are loaded together with the session.
    default_view_id: Mapped[int | None] = mapped_column(ForeignKey("table_views.id", ondelete="SET NULL"))


class TableView(Row, Tenant, Authored, Model):
    """A named state of a list: tab, filters, search and order, as a query string."""

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

    @reads("name")
    def __str__(self) -> str:
        return self.name
