"""The latest act on a row that can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from models.types import UtcDateTime


class Undoable:
    """The member and the moment of the act, and by column the value before and after it; see `app/services/act.py`."""

    acted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @declared_attr
    def acted_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id"))
