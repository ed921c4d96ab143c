"""A section of no product, whose one table has each type of column: nullable, required, and with a default.

A pytest plugin for a run of its own (`tests/panel/test_empty_values.py` starts it): the section must be declared before
the app is made, and no other test may see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import pytest
from flask_appbuilder import Model
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Integer, String, Text, Time
from sqlalchemy.orm import Mapped, relationship

from app.lib.clock import now
from app.lib.jalali import today
from app.panel.access import Access
from app.panel.section import Section
from models.base import Authored, Row, Searchable, SoftDelete, Tenant, Versioned, field, reads
from models.product import Product
from models.types import (
    Choice,
    Colour,
    EmailAddress,
    Mobile,
    Money,
    UtcDateTime,
    WeekdayList,
    Weekdays,
    choice,
)


class Speed(Choice):
    SLOW = "slow", "slow"
    FAST = "fast", "fast"


class Paint(Colour):
    RED = "red", "red"
    BLUE = "blue", "blue"


class EveryType(Row, Tenant, Authored, SoftDelete, Versioned, Searchable, Model):
    __tablename__ = "every_type"
    __search__ = ("text_must", "text_may")

    text_may: Mapped[str | None] = field("text_may", String(80))
    text_must: Mapped[str] = field("text_must", String(80))
    text_default: Mapped[str] = field("text_default", String(80), default="")
    note_may: Mapped[str | None] = field("note_may", Text)
    note_must: Mapped[str] = field("note_must", Text)
    note_default: Mapped[str] = field("note_default", Text, default="")
    email_may: Mapped[str | None] = field("email_may", EmailAddress(120))
    email_must: Mapped[str] = field("email_must", EmailAddress(120))
    mobile_may: Mapped[str | None] = field("mobile_may", Mobile)
    mobile_must: Mapped[str] = field("mobile_must", Mobile)
    number_may: Mapped[int | None] = field("number_may", Integer)
    number_must: Mapped[int] = field("number_must", Integer)
    number_default: Mapped[int] = field("number_default", Integer, default=2)
    big_may: Mapped[int | None] = field("big_may", BigInteger)
    big_must: Mapped[int] = field("big_must", BigInteger)
    money_may: Mapped[int | None] = field("money_may", Money)
    money_must: Mapped[int] = field("money_must", Money)
    money_default: Mapped[int] = field("money_default", Money, default=0)
    day_may: Mapped[date | None] = field("day_may")
    day_must: Mapped[date] = field("day_must")
    day_default: Mapped[date] = field("day_default", default=today)
    moment_may: Mapped[datetime | None] = field("moment_may", UtcDateTime)
    moment_must: Mapped[datetime] = field("moment_must", UtcDateTime)
    moment_default: Mapped[datetime] = field("moment_default", UtcDateTime, default=now)
    time_may: Mapped[time | None] = field("time_may", Time)
    time_must: Mapped[time] = field("time_must", Time)
    time_default: Mapped[time] = field("time_default", Time, default=time(9))
    yes_may: Mapped[bool | None] = field("yes_may", Boolean)
    yes_default: Mapped[bool] = field("yes_default", Boolean, default=False)
    choice_may: Mapped[Speed | None] = field("choice_may", choice(Speed))
    choice_must: Mapped[Speed] = field("choice_must", choice(Speed))
    choice_default: Mapped[Speed] = field("choice_default", choice(Speed), default=Speed.SLOW)
    colour_may: Mapped[Paint | None] = field("colour_may", choice(Paint))
    colour_must: Mapped[Paint] = field("colour_must", choice(Paint))
    week_may: Mapped[WeekdayList | None] = field("week_may", Weekdays)
    week_must: Mapped[WeekdayList] = field("week_must", Weekdays)
    list_may: Mapped[list[Any] | None] = field("list_may", JSON(none_as_null=True))
    list_default: Mapped[list[Any]] = field("list_default", JSON, default=list)
    relation_may_id: Mapped[int | None] = field("relation_may", ForeignKey("products.id"))
    relation_must_id: Mapped[int] = field("relation_must", ForeignKey("products.id"))

    relation_may: Mapped[Product | None] = relationship(foreign_keys=[relation_may_id])
    relation_must: Mapped[Product] = relationship(foreign_keys=[relation_must_id])

    @reads("text_must")
    def __str__(self) -> str:
        return self.text_must


# In the order of the form, with what is typed into it.
VALID: dict[str, str] = {
    **dict.fromkeys(
        ("text_may", "text_must", "text_default", "note_may", "note_must", "note_default"), "سلام"
    ),
    **dict.fromkeys(("email_may", "email_must"), "a@example.ir"),
    **dict.fromkeys(("mobile_may", "mobile_must"), "09121234567"),
    **dict.fromkeys(("number_may", "number_must", "number_default", "big_may", "big_must"), "7"),
    **dict.fromkeys(("money_may", "money_must", "money_default"), "500"),
    **dict.fromkeys(("day_may", "day_must", "day_default"), "1405/01/02"),
    **dict.fromkeys(("moment_may", "moment_must", "moment_default"), "1405/01/02 10:30"),
    **dict.fromkeys(("time_may", "time_must", "time_default"), "10:30"),
    **dict.fromkeys(("yes_may", "yes_default"), "y"),
    **dict.fromkeys(("choice_may", "choice_must", "choice_default"), "fast"),
    **dict.fromkeys(("colour_may", "colour_must"), "blue"),
    **dict.fromkeys(("week_may", "week_must"), "sat,mon"),
    **dict.fromkeys(("list_may", "list_default"), "یک\nدو"),
}
RELATIONS = ("relation_may", "relation_must")
NAMES: Sequence[str] = (*VALID, *RELATIONS)


class EveryTypes(Section):
    model = EveryType
    slug = "every-types"
    rest = True
    title, title_one = "Every type", "every type"
    columns = form = inline = bulk_edit = NAMES
    roles = {"Manager": Access.FULL}


@pytest.fixture(autouse=True)
def _table(session):
    EveryType.__table__.create(session.connection())
