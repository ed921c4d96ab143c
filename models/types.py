"""Column types that carry the meaning of a value; the panel picks field, filter and format by type."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any, Self

from flask_babel import LazyString
from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, String, TypeDecorator


class Choice(enum.Enum):
    """An enumeration whose members have a label."""

    label: LazyString

    # Hashed for every cell of a list: members are singletons, and `Enum.__hash__` is slower.
    __hash__ = object.__hash__

    def __new__(cls, value: str, label: LazyString) -> Self:
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    def __str__(self) -> str:
        return str(self.label)


# The tokens of the style sheet (`colours.css`).
COLOURS = frozenset({"red", "orange", "amber", "lime", "green", "teal", "blue", "indigo", "violet", "gray"})


class Colour(Choice):
    """The ten colour tokens of result titles; the style sheet defines their light and dark values."""


def choice(kind: type[Choice], *, length: int = 20) -> Enum:
    """A string column for the values of *kind*; a new member needs no migration."""
    return Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=False,
        length=length,
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC on both databases; SQLite stores no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Mobile(TypeDecorator[str]):
    """A canonical Iranian mobile number, ``+989…``."""

    impl = String(13)
    cache_ok = True


class EmailAddress(String):
    """One e-mail address; forms and REST refuse anything else."""


class Money(TypeDecorator[int]):
    """An amount in whole rials, also where the organisation shows tomans."""

    impl = BigInteger
    cache_ok = True


class SortKey(TypeDecorator[str]):
    """Text that is compared byte by byte, so that the order does not depend on the server's locale."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(200, collation=collation))


# SQLite assigns keys only to a column of type INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")
