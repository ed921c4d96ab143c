"""Column types that carry the meaning of a value; the panel picks field, filter and format by type."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any, Self

from flask_babel import LazyString, gettext
from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, String, TypeDecorator, bindparam

from app.lib import codes
from app.lib.jalali import WEEKDAYS
from app.lib.number_digest import LENGTH, digest_number

# The stored names of the days, from Saturday on.
WEEKDAY_NAMES = ("sat", "sun", "mon", "tue", "wed", "thu", "fri")

# The policy of tables that the support of the platform alone reads.
SUPPORT = "support"
# The key of a relation's `info` that says that it names a member of the platform, who belongs to no organisation.
OF_PLATFORM = "of platform"


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


class ChoiceType(Enum):
    """The type of `choice`: conditions contain the members as literals.

    PostgreSQL plans a prepared statement for any value of its parameters, and a common value hides a rare one: counting
    the few new orders would read a million assigned ones.
    """

    cache_ok = True

    class comparator_factory(Enum.Comparator):  # noqa: N801 - the name SQLAlchemy reads
        def operate(self, op: Any, *other: Any, **more: Any) -> Any:
            return super().operate(op, *(self._literal(each) for each in other), **more)

        def _literal(self, value: Any) -> Any:
            if isinstance(value, list | tuple | set | frozenset):
                return [self._literal(each) for each in value]
            if not isinstance(value, Choice):
                return value
            return bindparam(None, value, self.type, literal_execute=True, unique=True)


def choice(kind: type[Choice], *, length: int = 20) -> Enum:
    """A string column for the values of *kind*; a new member needs no migration."""
    return ChoiceType(
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


class WeekdayList(str):
    """Days of the week as they are stored, ``sat,mon``; as a text they are their names."""

    __slots__ = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        """The days counted from Saturday."""
        return tuple(WEEKDAY_NAMES.index(each) for each in self.split(","))

    def __str__(self) -> str:
        *first, last = (WEEKDAYS[each] for each in self.numbers)
        return f"{'، '.join(first)}{gettext(' and ')}{last}" if first else last


class Weekdays(TypeDecorator[str]):
    """One or several days of the week."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        # A plain text, whose letters are those of the stored names.
        return value[:] if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> WeekdayList | None:
        return WeekdayList(value) if value else None


class Mobile(TypeDecorator[str]):
    """A canonical Iranian mobile number, ``+989…``."""

    impl = String(13)
    cache_ok = True


class NumberDigest(TypeDecorator[str]):
    """The keyed digest of a canonical number, compared with numbers or with digests."""

    impl = String(LENGTH)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None or len(value) == LENGTH else digest_number(value)


class Phone(Mobile):
    """A canonical mobile number, or a landline with the code of its city: ``+9821…``."""

    cache_ok = True


class Code(String):
    """A code with a check; *read* returns its stored form and raises `CodeError`, *name* is its format in REST."""

    name = "code"

    @staticmethod
    def read(text: str) -> str:
        raise NotImplementedError


class NationalId(Code):
    name, read = "national-id", staticmethod(codes.read_national_id)


class LegalId(Code):
    name, read = "legal-id", staticmethod(codes.read_legal_id)


class EconomicCode(Code):
    name, read = "economic-code", staticmethod(codes.read_economic_code)


class PostalCode(Code):
    name, read = "postal-code", staticmethod(codes.read_postal_code)


class Website(Code):
    """An address of the web, which is shown as it is."""

    name, read = "website", staticmethod(codes.read_website)


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


class PositionKey(TypeDecorator[str]):
    """A key of `app.lib.position`, compared byte by byte; its length has no limit."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(collation=collation))


# SQLite assigns keys only to a column of type INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")
