"""Row counts, capped. A request counts each list once, in the statement of a page of rows where there is one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from flask import g
from sqlalchemy import ColumnElement, Integer, Select, func, literal_column, select

from app.extensions import db
from app.lib.expiring_set import ExpiringSet
from app.panel.queries.clauses import cached_clause
from models.base import Row, SoftDelete
from models.tenancy.large_owners import READS_LIST
from models.tenancy.scope import actor_of

# Counting stops here, because a fast page is worth more than the exact size of a long list.
COUNT_CAP = 10_000
# The numbers beside tabs and in the menu have a lower cap.
BADGE_CAP = 1_000
# Lists beyond their cap. Counting up to the cap is the most expensive part of a page, so it is not repeated for a minute.
_LONG = ExpiringSet(seconds=60, most=10_000)
_NO_VALUES: Mapping[str, Any] = {}
# Counts that every page of a session shows, by name: the first statement that counts for a page reads them too.
_OF_EVERY_PAGE: dict[str, Select[Any]] = {}
# A statement and the cap of its count.
Question = tuple[Select[Any], int]


class Counts:
    """Capped row counts of named *statements*, cached for the request.

    A count is at most one more than its cap: `COUNT_CAP` for the names in *exact*, `BADGE_CAP` for the others. The
    statement of a page reads the unknown counts along with its rows; otherwise one statement reads all of them.
    The names in *lasting* have the same meaning in every request of a member.
    """

    def __init__(
        self,
        statements: Mapping[str, Select[Any]],
        *,
        exact: Collection[str] = (),
        lasting: Collection[str] = (),
        values: Mapping[str, Any] = _NO_VALUES,
    ) -> None:
        self._known: dict[tuple[str, int], int] = g.setdefault("counts", {})
        shared = _OF_EVERY_PAGE if "user_session" in g else {}
        self._statements, self._lasting, self._values = {**shared, **statements}, lasting, values
        self._shared = dict.fromkeys(shared, BADGE_CAP)
        self._caps = {
            name: COUNT_CAP if name in exact or (name, COUNT_CAP) in self._known else BADGE_CAP
            for name in statements
        }
        actor_key = _actor_key()
        for key in self._caps.items():
            if key[0] in lasting and key not in self._known and (actor_key, key) in _LONG:
                self._known[key] = key[1] + 1

    @property
    def questions(self) -> tuple[Question, ...]:
        """The counts that the request does not know yet."""
        return tuple((self._statements[name], cap) for name, cap in self._unknown())

    def take(self, numbers: Sequence[int]) -> None:
        """Store the counts of `questions`, in their order."""
        asked = self._unknown()
        self._known.update(zip(asked, numbers, strict=True))
        for key in asked:
            if key[0] in self._lasting and self._known[key] > key[1]:
                _LONG.add((_actor_key(), key))

    def get(self, name: str) -> int | None:
        """The count called *name*; None where it is unknown."""
        return self._known.get((name, self._caps[name]))

    def all(self) -> dict[str, int]:
        """All counts by name; one statement reads those that are still unknown."""
        if questions := self.questions:
            found = db.session.execute(
                _counting(questions), self._values, execution_options={READS_LIST: True}
            )
            self.take(found.one())
        return {name: self._known[name, cap] for name, cap in self._caps.items()}

    def _unknown(self) -> list[tuple[str, int]]:
        asked = {**self._shared, **self._caps}
        return [key for key in asked.items() if key not in self._known]


def capped_counts(
    statements: Mapping[str, Select[Any]],
    *,
    exact: Collection[str] = (),
    values: Mapping[str, Any] = _NO_VALUES,
) -> dict[str, int]:
    """The counts of *statements*, read at once; see `Counts`."""
    return Counts(statements, exact=exact, values=values).all()


def cached_count(model: type[Row], name: str, condition: Callable[[], ColumnElement[bool]]) -> int:
    """The capped count of the rows that meet a named condition, read once per request.

    The condition is built once: its moments and members are parameters.
    """
    key, known_counts = count_name(model, name), g.setdefault("counts", {})
    for cap in (COUNT_CAP, BADGE_CAP):
        if (key, cap) in known_counts:
            return int(known_counts[key, cap])
    rows: Select[Any] = _rows(cast("Any", model), condition)
    return Counts({key: rows}, lasting={key}).all()[key]


# Built once: the scope and the compiler cache their work for a statement that they have seen.
@cached_clause
def _rows(model: type[Row], condition: Callable[[], ColumnElement[bool]]) -> Select[Any]:
    return select(model).where(condition())


def count_on_every_page(name: str, statement: Select[Any]) -> None:
    """Let `page_count` know the number of the rows of *statement*, whose parameters are filled at each execution."""
    _OF_EVERY_PAGE[name] = statement


def counts_of_every_page() -> Mapping[str, Select[Any]]:
    """The statements of `count_on_every_page` by name."""
    return _OF_EVERY_PAGE


def page_count(name: str) -> int:
    """The capped count that every page shows; read with the first count of the request."""
    if (name, BADGE_CAP) not in g.setdefault("counts", {}):
        Counts({name: _OF_EVERY_PAGE[name]}).all()
    return int(g.counts[name, BADGE_CAP])


def count_name(model: type[Row], name: str) -> str:
    return f"{model.__name__} {name}"


def is_long(name: str) -> bool:
    """Whether the list called *name* was beyond the cap within the last minute."""
    return (_actor_key(), (name, COUNT_CAP)) in _LONG


def forget_long_lists() -> None:
    """Clear the cache of long lists (for tests, whose keys repeat)."""
    _LONG.clear()


def _actor_key() -> Hashable:
    actor = actor_of(db.session())
    return actor.organization_id, actor.member_id, actor.own


@lru_cache(maxsize=500)
def _counting(questions: tuple[Question, ...]) -> Select[Any]:
    return select(*map(counted, questions))


def counted(question: Question) -> Any:
    """The capped count as a column of another statement, also of one that reads deleted rows."""
    statement, cap = question
    keys = not_deleted(statement).with_only_columns(entity_of(statement).id).order_by(None)
    return select(func.count()).select_from(keys.limit(inline_limit(cap + 1)).subquery()).scalar_subquery()


def not_deleted(statement: Select[Any]) -> Select[Any]:
    """The rows of *statement* that are not in the trash."""
    entity = entity_of(statement)
    return statement.where(entity.deleted_at.is_(None)) if issubclass(entity, SoftDelete) else statement


def entity_of(statement: Select[Any]) -> Any:
    """The model whose rows *statement* reads."""
    return statement.column_descriptions[0]["entity"]


def inline_limit(number: int) -> ColumnElement[int]:
    """A LIMIT as a literal in the statement."""
    # PostgreSQL reuses the plan of a prepared statement only when it knows how few rows are wanted.
    return literal_column(str(int(number)), Integer)
