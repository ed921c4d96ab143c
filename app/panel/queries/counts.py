"""How many rows there are, as far as anybody wants to know: counted up to a cap, once a request, beside the rows where there are any."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, Integer, Select, func, literal_column, select

from app.extensions import db
from app.lib.expiring_set import ExpiringSet
from models.base import SoftDelete
from models.tenancy.scope import actor_of

# Counting stops here: the exact size of a long list is worth less than a fast page.
COUNT_CAP = 10_000
# And much earlier for the small numbers beside tabs and in the menu.
BADGE_CAP = 1_000
# What was too long to count is too long for a while, and counting up to the cap is what a long list's page costs most.
_LONG = ExpiringSet(seconds=60, most=10_000)
_NO_VALUES: Mapping[str, Any] = {}
# A statement, and where counting its rows stops.
Question = tuple[Select[Any], int]


class Counts:
    """The numbers of some *statements*, each at most one more than `BADGE_CAP` or, where *exact*, than `COUNT_CAP`.

    A page of rows brings those along that the request does not know yet; else all are asked for in one question. They
    are kept for the request: a tab and the menu beside it show the same number. Those whose names are *lasting* mean
    the same in every request of a member.
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
        self._statements, self._lasting, self._values = statements, lasting, values
        self._caps = {
            name: COUNT_CAP if name in exact or (name, COUNT_CAP) in self._known else BADGE_CAP
            for name in statements
        }
        whose = _whose()
        for key in self._caps.items():
            if key[0] in lasting and key not in self._known and (whose, key) in _LONG:
                self._known[key] = key[1] + 1

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is not known yet."""
        return tuple((self._statements[name], cap) for name, cap in self._unknown())

    def take(self, numbers: Sequence[int]) -> None:
        """The answers to the questions, in their order."""
        asked = self._unknown()
        self._known.update(zip(asked, numbers, strict=True))
        for key in asked:
            if key[0] in self._lasting and self._known[key] > key[1]:
                _LONG.add((_whose(), key))

    def get(self, name: str) -> int | None:
        """The number called *name*, where it is known."""
        return self._known.get((name, self._caps[name]))

    def all(self) -> dict[str, int]:
        """Every number; what no page brought along is asked for."""
        if questions := self.questions:
            self.take(db.session.execute(_counting(questions), self._values).one())
        return {name: self._known[name, cap] for name, cap in self._caps.items()}

    def _unknown(self) -> list[tuple[str, int]]:
        return [key for key in self._caps.items() if key not in self._known]


def capped_counts(
    statements: Mapping[str, Select[Any]],
    *,
    exact: Collection[str] = (),
    values: Mapping[str, Any] = _NO_VALUES,
) -> dict[str, int]:
    """The numbers of *statements* at once, see `Counts`."""
    return Counts(statements, exact=exact, values=values).all()


def cached_count(model: Any, name: str, condition: Callable[[], ColumnElement[bool]]) -> int:
    """The capped number of rows under a named condition, asked for once a request however often a page shows it."""
    key, known = count_name(model, name), g.setdefault("counts", {})
    for cap in (COUNT_CAP, BADGE_CAP):
        if (key, cap) in known:
            return int(known[key, cap])
    return Counts({key: select(model).where(condition())}, lasting={key}).all()[key]


def count_name(model: Any, name: str) -> str:
    return f"{model.__name__} {name}"


def is_long(name: str) -> bool:
    """Whether the list called *name* was too long to count a moment ago."""
    return (_whose(), (name, COUNT_CAP)) in _LONG


def forget_long_lists() -> None:
    """Count everything anew (for tests, whose keys come back)."""
    _LONG.clear()


def _whose() -> Hashable:
    actor = actor_of(db.session())
    return actor.organization_id, actor.member_id, actor.own


@lru_cache(maxsize=500)
def _counting(questions: tuple[Question, ...]) -> Select[Any]:
    return select(*map(counted, questions))


def counted(question: Question) -> Any:
    """The answer as a column of another statement, also of one that reads what was deleted."""
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
    """A limit that stands in the statement itself: PostgreSQL keeps its plan only when it knows how few rows are wanted."""
    return literal_column(str(int(number)), Integer)
