"""Column values for audit events: only those that changed, as JSON, with secrets masked."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy.orm import InstanceState
from sqlalchemy.sql import ClauseElement

from models.filter_keys import FOLDS

Values = dict[str, Any]

MASK = "***"
_SECRET = re.compile("password|secret|token|hash|sha256|code_hash")
# Columns that are not recorded: the panel's bookkeeping, and what a login or a turn in the round robin changes.
_BOOKKEEPING = frozenset(
    {
        "id",
        "organization_id",
        "created_at",
        "updated_at",
        "created_by_id",
        "row_version",
        "acted_at",
        "acted_by_id",
        "replaced",
        "search_key",
        "sort_key",
        "phones_key",
        "name_key",
        "was_mobile",
        "number_digest",
        "key_name",
        "merged_into_id",
        "erased_at",
        "deleted_at",
        "deleted_by_id",
        "delete_batch",
        "created_on",
        "changed_on",
        "created_by_fk",
        "changed_by_fk",
        "last_login",
        "login_count",
        "fail_login_count",
        "last_assigned_at",
        "menu_groups",
        "totp_last_step",
        "session_epoch",
        "must_change_password",
        "one_time_until",
        "password_changed_at",
        "stored_name",
        "uuid",
    }
)


def plain_values(values: Mapping[str, Any] | None) -> Values:
    """*values* as JSON, their secrets masked."""
    return {name: MASK if _is_secret(name) else plain(value) for name, value in (values or {}).items()}


def plain(value: Any) -> Any:
    """*value* in a form that JSON can store."""
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return _moment(value) if isinstance(value, datetime | date | time) else str(value)


def _moment(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC)
    return value.isoformat()


def added_values(state: InstanceState[Any]) -> tuple[Values, Values]:
    """No values before; the values of a new row after."""
    return {}, _stored(state)


def removed_values(state: InstanceState[Any]) -> tuple[Values, Values]:
    """The values of a removed row before; none after."""
    return _stored(state), {}


def changed_values(state: InstanceState[Any]) -> tuple[Values, Values]:
    """The changed columns and many-to-many relations of a flushed row."""
    before: Values = {}
    after: Values = {}
    for name in _names(state):
        old, new = (list(side or ()) for side in _sides(state, name))
        # A value that the database computes is not known here.
        if new and old != new and not isinstance(new[0], ClauseElement):
            before[name], after[name] = old[0] if old else None, new[0]
    for relation in state.mapper.relationships:
        old, new = (list(side or ()) for side in _sides(state, relation.key))
        if relation.secondary is not None and (old or new):
            unchanged = list(state.attrs[relation.key].history.unchanged or ())
            before[relation.key], after[relation.key] = (
                sorted(map(str, unchanged + side)) for side in (old, new)
            )
    return plain_values(before), plain_values(after)


def _sides(state: InstanceState[Any], name: str) -> tuple[Any, Any]:
    history = state.attrs[name].history
    return history.deleted, history.added


def _names(state: InstanceState[Any]) -> list[str]:
    return [
        attribute.key
        for attribute in state.mapper.column_attrs
        if attribute.key not in _BOOKKEEPING and FOLDS not in attribute.columns[0].info
    ]


def _stored(state: InstanceState[Any]) -> Values:
    return {
        name: plain(state.dict[name])
        for name in _names(state)
        if not _is_secret(name)
        and state.dict.get(name) is not None
        and not isinstance(state.dict[name], ClauseElement)
    }


def _is_secret(name: str) -> bool:
    return _SECRET.search(name) is not None
