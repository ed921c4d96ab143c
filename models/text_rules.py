"""What becomes of a text when it is set on a row: on every way from a person or a program to the database."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from flask_appbuilder import Model
from sqlalchemy import Enum, String, Text, event, inspect
from sqlalchemy.orm import ColumnProperty

from app.lib.persian import one_line, persian_letters, without_direction_marks
from models.filter_keys import is_folded, key_name, key_of

RULE = "text"


class TextRule(enum.Enum):
    """How a text is stored; a column has the rule of its type unless `field(..., text=…)` names another."""

    LINE = "line"  # one line without direction marks: names, titles, codes
    NOTE = "note"  # several lines, as typed
    MESSAGE = "message"  # several lines without direction marks: texts of messages
    VERBATIM = "verbatim"  # as received

    def apply(self, text: str) -> str:
        if self is TextRule.VERBATIM:
            return text
        letters = persian_letters(text)
        if self is TextRule.NOTE:
            return letters
        plain = without_direction_marks(letters)
        return one_line(plain) if self is TextRule.LINE else plain


def rule_of(owner: type[Any], column: Any) -> TextRule | None:
    """The rule of a column of *owner*; None for what is no text that people read."""
    if not isinstance(column.type, String) or isinstance(column.type, Enum):
        return None
    if column.name in getattr(owner, "__lines__", ()):
        return TextRule.LINE
    if "label" not in column.info:
        return None
    rule: TextRule | None = column.info.get(RULE)
    return rule or (TextRule.NOTE if isinstance(column.type, Text) else TextRule.LINE)


def as_stored(owner: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """*values* by column of *owner* as its rows store them, for statements that write rows without making them."""
    rules = _rules_of(cast("Any", owner))
    return {
        name: rules[name].apply(value) if name in rules and isinstance(value, str) else value
        for name, value in values.items()
    }


@cache
def _rules_of(owner: Any) -> Mapping[str, TextRule]:
    rules = {each.key: rule_of(owner, each.columns[0]) for each in inspect(owner).column_attrs}
    return {name: rule for name, rule in rules.items() if rule is not None}


@event.listens_for(Model, "attribute_instrument", propagate=True)
def _apply_when_set(owner: type[Any], name: str, attribute: Any) -> None:
    if not isinstance(attribute.property, ColumnProperty):
        return
    column: Any = attribute.property.columns[0]
    rule, folded = rule_of(owner, column), is_folded(column)
    if rule is None and not folded:
        return

    @event.listens_for(attribute, "set", retval=True)
    def _apply(row: Any, value: Any, _old: Any, _initiator: Any) -> Any:
        if rule is not None and isinstance(value, str):
            value = rule.apply(value)
        if folded and (value is None or isinstance(value, str)):
            setattr(row, key_name(name), key_of(column, value))
        return value
