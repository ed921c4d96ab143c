"""Replaces texts that name a person in all texts of the organisation: search keys, undo data, notes, messages, queries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ARRAY, JSON, Enum, Text, any_, bindparam, cast, func, or_, select, update
from sqlalchemy.types import String, TypeDecorator

from app.extensions import db
from app.lib.spelling import Spelling, spellings_of
from app.services.erasure.person import WITH_DELETED
from models.audit.event import AuditEvent
from models.base import Searchable
from models.filter_keys import FOLDS
from models.tenancy.criteria import tenant_models
from models.tenancy.scope import actor_of
from models.types import Mobile

# Events are erased by themselves.
_LEFT = frozenset({AuditEvent})


def replace_everywhere(texts: Sequence[str], label: str) -> int:
    """Replace each of *texts* by *label* in all text columns of the acting organisation; returns how many rows."""
    if not texts:
        return 0
    spellings = spellings_of(texts)
    return sum(_replace(model, spellings, label) for model in tenant_models() if model not in _LEFT)


def _replace(model: Any, spellings: Sequence[Spelling], label: str) -> int:
    columns = [column for column in _text_columns(model) if FOLDS not in _info(column)]
    if not columns:
        return 0
    tests = [test for column in _text_columns(model) for test in tests_of(column, spellings)]
    # The rows of all organisations that the support of the platform reads are not meant.
    mine = model.organization_id == actor_of(db.session()).organization_id
    keys = [
        model.__mapper__.get_property_by_column(each).class_attribute for each in model.__mapper__.primary_key
    ]
    found = select(*keys, *columns).where(mine, or_(*tests))
    rows = db.session.execute(found, execution_options=WITH_DELETED).all()
    for row in rows:
        key, values = row[: len(keys)], row[len(keys) :]
        changed = {
            column.key: new
            for column, value in zip(columns, values, strict=True)
            if (new := _cut(column, _replaced(value, spellings, label))) != value
        }
        if changed:
            own = [own == value for own, value in zip(keys, key, strict=True)]
            _write(model, own, changed)
            _write_search_keys(model, own)
    return len(rows)


def _write(model: Any, row: Sequence[Any], changed: dict[str, Any]) -> None:
    statement = update(model).where(*row).values(**changed)
    db.session.execute(statement, execution_options={"synchronize_session": False, **WITH_DELETED})


def _write_search_keys(model: Any, row: Sequence[Any]) -> None:
    """The keys are made of the texts; that of the order has other letters."""
    if not issubclass(model, Searchable):
        return
    options = {"populate_existing": True, **WITH_DELETED}
    found = db.session.scalars(select(model).where(*row), execution_options=options).one()
    _write(model, row, found.search_keys())


def _text_columns(model: Any) -> Iterator[Any]:
    """The columns with texts of people; filter keys are written with their texts, numbers by their declarations."""
    for attribute in model.__mapper__.column_attrs:
        column = attribute.columns[0]
        kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
        is_text = isinstance(kind, String | JSON) and not isinstance(kind, Enum)
        if is_text and not isinstance(column.type, Mobile):
            yield getattr(model, attribute.key)


def _info(attribute: Any) -> dict[Any, Any]:
    info: dict[Any, Any] = attribute.property.columns[0].info
    return info


def tests_of(column: Any, spellings: Sequence[Spelling]) -> Iterator[Any]:
    """Conditions for values of *column* that may have one of *spellings*."""
    spelt = func.coalesce(cast(column, Text), "")
    for has_cases in (False, True):
        patterns = [
            pattern
            for spelling in spellings
            if spelling.has_cases is has_cases
            for pattern in spelling.likes(escaped=isinstance(column.type, JSON))
        ]
        if patterns:
            yield _like_any(spelt, patterns, has_cases=has_cases)


def _like_any(spelt: Any, patterns: Sequence[str], *, has_cases: bool) -> Any:
    """One condition for all patterns: there are dozens for each of a hundred columns."""
    if db.session.connection().dialect.name == "postgresql":
        return spelt.op("ILIKE" if has_cases else "LIKE")(any_(bindparam(None, patterns, ARRAY(Text))))
    # LIKE of SQLite ignores the case of Latin letters.
    each = func.json_each(json.dumps(patterns)).table_valued("value")
    return select(each.c.value).where(spelt.like(each.c.value, escape="\\")).correlate_except(each).exists()


def _replaced(value: Any, spellings: Sequence[Spelling], label: str) -> Any:
    """*value* without the texts, also within lists and objects."""
    if isinstance(value, str):
        for spelling in spellings:
            value = spelling.replaced(value, label)
        return value
    if isinstance(value, list):
        return [_replaced(each, spellings, label) for each in value]
    if isinstance(value, dict):
        return {name: _replaced(each, spellings, label) for name, each in value.items()}
    return value


def _cut(column: Any, value: Any) -> Any:
    longest = getattr(column.type, "length", None)
    return value[:longest] if longest and isinstance(value, str) else value
