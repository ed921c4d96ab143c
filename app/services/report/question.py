"""What a report is asked: range, filters, and how its rows are grouped."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import ARRAY, bindparam

from app.services.report.periods import Grain, Period, periods_of
from models.types import UtcDateTime


class Group(Enum):
    """What the rows of a report are."""

    CONSULTANT = "consultant"
    PRODUCT = "product"
    SOURCE = "source"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def grain(self) -> Grain | None:
        """The periods of the rows; None where they are no periods."""
        return next((each for each in Grain if each.value == self.value), None)


@dataclass(frozen=True)
class Question:
    """The days from *first* to *last*, limited to a consultant, a product and a source where they are given."""

    first: date
    last: date
    consultant_id: int | None = None
    product_id: int | None = None
    source_id: int | None = None
    # Count the sales of the assigned numbers, whenever made, in place of the sales of the range.
    same_numbers: bool = False

    @property
    def whole(self) -> Period:
        return Period(self.first, self.last)

    def periods(self, grain: Grain) -> list[Period]:
        """The periods that cover the range."""
        return periods_of(self.first, self.last, grain)

    def later(self, grain: Grain) -> Any:
        """The starts of all periods but the first one, as one array."""
        return bindparam(None, [each.start for each in self.periods(grain)[1:]], ARRAY(UtcDateTime()))


@dataclass
class Figures:
    """The numbers of one row; `customers` counts each customer once, `refunded` is a part of `sales`."""

    numbers: int = 0
    customers: int = 0
    held: int = 0
    sales: int = 0
    refunded: int = 0
    amount: int = 0


@dataclass
class Table:
    """Figures by key: the id of a consultant, product or source (None for none), or the place of a period."""

    rows: dict[int | None, Figures] = field(default_factory=dict)
