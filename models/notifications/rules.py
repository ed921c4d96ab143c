"""The rules of notifications: who is notified when the column of a row gets a value."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select


@dataclass(frozen=True, eq=False)
class Rule:
    """Who is notified when the column of a row gets a value, and where the notification leads."""

    kind: str
    section: str
    model: Any
    column: str
    # A statement of (member who is notified, key of the row).
    recipients: Callable[[], Select[int, int]]
    # The values that are events; None for any value.
    values: frozenset[Any] | None
    where: Callable[[], ColumnElement[bool]] | None
    name: Callable[[Any], str]
    address: Callable[[Any], str]
    list_address: str
    # The column whose value is the subject of the notification, of which a member has one at a time.
    once_per: str = ""
    # Whether a row that is added is an event; all are where it is None.
    counts_added: Callable[[Any], bool] | None = None


_RULES: dict[Any, dict[str, Rule]] = {}


def add_rule(rule: Rule) -> None:
    """Add the rule, or replace the one of the same kind."""
    _RULES.setdefault(rule.model, {})[rule.kind] = rule


def remove_rule(rule: Rule) -> None:
    """Remove a rule (for tests that declare one)."""
    _RULES[rule.model].pop(rule.kind, None)


def rules_of(model: Any) -> Collection[Rule]:
    return _RULES.get(model, {}).values()
