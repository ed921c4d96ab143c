"""Which members own so many rows that their lists test each row, instead of reading the keys of all their rows first."""

from __future__ import annotations

from sqlalchemy import Integer, Select, bindparam, column, or_, select, table
from sqlalchemy.orm import Session

from app.lib.expiring_set import ExpiringSet

# Reading so many keys takes a tenth of a second. A member who owns more has a part of the table that is worth testing its rows.
MANY = 25_000
# An execution option: the statement reads or counts the rows of a list. Others name their rows, or read few.
READS_LIST = "reads_list"
# Members whose rows were counted in the last ten minutes, by organisation and key.
_LARGE, _SMALL = ExpiringSet(seconds=600, most=10_000), ExpiringSet(seconds=600, most=10_000)


def _rows_of(name: str, owner: str, *, is_deleted_at: bool) -> Select[tuple[int]]:
    """The live rows of a table with a member as their owner, from an index that begins with the owner."""
    rows = table(name, column(owner), column("deleted_at"))
    found = select(1).where(rows.c[owner] == bindparam("member_id", type_=Integer))
    return found.where(rows.c.deleted_at.is_(None)) if is_deleted_at else found


_SOURCES = (
    _rows_of("follow_ups", "consultant_id", is_deleted_at=True),
    _rows_of("sales", "consultant_id", is_deleted_at=True),
    _rows_of("orders", "created_by_id", is_deleted_at=False),
    _rows_of("customers", "created_by_id", is_deleted_at=False),
)
_ASKING = select(or_(*(each.limit(1).offset(bindparam("many", type_=Integer)).exists() for each in _SOURCES)))


def owns_many(session: Session, organization_id: int | None, member_id: int) -> bool:
    """Whether more than `MANY` rows of a table are the member's; asked again after ten minutes."""
    key = organization_id, member_id
    if key in _LARGE or key in _SMALL:
        return key in _LARGE
    found = bool(session.connection().scalar(_ASKING, {"member_id": member_id, "many": MANY}))
    (_LARGE if found else _SMALL).add(key)
    return found


def forget_large_owners() -> None:
    """Clear what is known (for tests, whose keys repeat)."""
    _LARGE.clear()
    _SMALL.clear()
