"""Column types that say what a value means; the panel picks field, filter and format by them."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any, Self

from flask_babel import LazyString
from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, String, TypeDecorator


class Choice(enum.Enum):
    """An enumeration whose members carry the words that people read."""

    label: LazyString

    # Asked for with every cell; there is one of each, and Python's own works the name out.
    __hash__ = object.__hash__

    def __new__(cls, value: str, label: LazyString) -> Self:
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    def __str__(self) -> str:
        return str(self.label)


class Colour(Choice):
    """The ten tokens that a result may be painted with; the style sheet knows their light and dark values."""


def choice(kind: type[Choice], *, length: int = 20) -> Enum:
    """A string column that holds the values of *kind*; a new member needs no migration."""
    return Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=False,
        length=length,
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, in UTC on both databases (SQLite itself forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Mobile(TypeDecorator[str]):
    """A canonical Iranian mobile number, ``+989…``."""

    impl = String(13)
    cache_ok = True


class EmailAddress(String):
    """One address; forms and REST refuse what is none, or more than one."""


class Money(TypeDecorator[int]):
    """An amount in whole rials, whatever currency the organisation reads."""

    impl = BigInteger
    cache_ok = True


class SortKey(TypeDecorator[str]):
    """Text compared byte by byte, so that Persian order comes from the key and not from the server's locale."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(200, collation=collation))


# SQLite numbers rows by itself only when the key is spelt INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")
