"""Kits of no product: each has parts, which are products in a quantity at a price."""

from __future__ import annotations

from datetime import time

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Integer, String, Time
from sqlalchemy.orm import Mapped, relationship

from app.errors import DomainError
from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field, live_index, reads
from models.boards.card import BoardCard
from models.child.line import Line
from models.product import Product
from models.types import Choice, Money, choice


class Stage(Choice):
    PLANNED = "planned", "Planned"
    PACKED = "packed", "Packed"
    SENT = "sent", "Sent"


class Kit(Row, Tenant, Authored, SoftDelete, Versioned, BoardCard, Model):
    __tablename__ = "kits"
    __table_args__ = (live_index("ix_kits_live_board", "organization_id", "stage", "position", "id"),)
    __lane__ = "stage"

    title: Mapped[str] = field("Title", String(80))
    rebate: Mapped[int] = field("Rebate", Money, default=0)
    price: Mapped[int] = field("Sum", Money, default=0)
    stage: Mapped[Stage] = field("Stage", choice(Stage), default=Stage.PLANNED)
    packed_at: Mapped[time | None] = field("Packed at", Time)

    parts: Mapped[list[KitPart]] = relationship(
        cascade="all, delete-orphan", order_by="KitPart.position", back_populates="kit"
    )

    @reads("title")
    def __str__(self) -> str:
        return self.title

    @property
    def gross(self) -> int:
        return sum(part.amount for part in self.parts)

    def total_up(self) -> None:
        for part in self.parts:
            part.amount = part.count * part.price
        self.price = self.gross - (self.rebate or 0)

    def check(self) -> None:
        if self.price < 0:
            raise DomainError("The rebate is larger than the sum.", field="rebate")  # type: ignore[arg-type]  # no translation
        for at, part in enumerate(self.parts):
            if part.count == 13:
                raise DomainError("Not thirteen.", field=f"parts[{at}].count")  # type: ignore[arg-type]  # no translation


class KitPart(Row, Tenant, Line, Model):
    __tablename__ = "kit_parts"

    kit_id: Mapped[int] = field("Kit", ForeignKey("kits.id"), index=True)
    product_id: Mapped[int] = field("Product", ForeignKey("products.id"))
    count: Mapped[int] = field("Count", Integer, default=1)
    price: Mapped[int] = field("Price", Money)
    amount: Mapped[int] = field("Amount", Money, default=0)

    kit: Mapped[Kit] = relationship(back_populates="parts")
    product: Mapped[Product] = relationship()

    @reads("product")
    def __str__(self) -> str:
        return str(self.product)
