"""The labels of audit events: actions, tables and columns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_appbuilder import Model
from flask_babel import LazyString
from sqlalchemy import inspect

from app.extensions import appbuilder
from app.panel.columns import Column, describe
from app.panel.declaration import Declaration
from app.panel.records.history_texts import ACTIONS, KINDS, NAMES


def action_words() -> dict[str, str]:
    """The labels of all actions; a section's own actions have the labels of their menu items."""
    declared = {
        name: str(each.label)
        for section in _sections()
        for name, each in section.declared_actions.items()
        if name not in {"remove", "change"}
    }
    pages = {name: str(label) for view in appbuilder.baseviews for name, label in _right_labels(view).items()}
    return pages | declared | {name: str(label) for name, label in ACTIONS.items()}


def _right_labels(view: Any) -> Mapping[str, LazyString]:
    labels: Mapping[str, LazyString] = getattr(view, "right_labels", {})
    return labels


def kind_words() -> dict[str, str]:
    """The label of a row by the name of its model, and that of a page whose reading is recorded."""
    named = {section.model.__name__: str(section.title_one) for section in _sections()}
    pages = {type(view).__name__: str(view.title) for view in appbuilder.baseviews if _logs_views(view)}
    return {kind: str(label) for kind, label in KINDS.items()} | pages | named


def _logs_views(view: Any) -> bool:
    return bool(getattr(view, "logs_views", False))


def _sections() -> list[Declaration]:
    return [view for view in appbuilder.baseviews if isinstance(view, Declaration)]


@cache
def _models() -> dict[str, type[Any]]:
    return {mapper.class_.__name__: mapper.class_ for mapper in Model.registry.mappers}


def column_of(kind: str, name: str) -> Column | None:
    """The column *name* of the model *kind*; for a foreign key its relation; None for other names."""
    model = _models().get(kind)
    if model is None:
        return None
    mapper = inspect(model)
    if name not in mapper.column_attrs:
        return None
    column = mapper.column_attrs[name].columns[0]
    for relation in mapper.relationships:
        if relation.direction.name == "MANYTOONE" and column in relation.local_columns:
            return describe(model, relation.key)
    return describe(model, name)


def name_of(kind: str, name: str) -> str | None:
    """The label of the column; None for a technical one without a label, which the user is not shown."""
    column = column_of(kind, name)
    if column is not None and not isinstance(column.label, str):
        return str(column.label)
    return str(NAMES[name]) if name in NAMES else None
