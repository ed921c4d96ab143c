"""Fields of a row's parents in its edit form, declared as `related_fields`.

Each parent is edited with the right, the scope, the rules and the version of its own section, and gets its own event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.extensions import appbuilder, db
from app.panel.access import permitted
from app.panel.columns import describe
from app.panel.declaration import Declaration
from app.panel.forms.locking import VERSION, refuse_stale, version_of
from models.base import Row

BETWEEN = "__"


@dataclass(frozen=True)
class RelatedRow:
    """A parent whose columns *names* the member may edit, in its own section."""

    relation: str
    section: Any
    row: Any
    names: tuple[str, ...]

    @property
    def version_name(self) -> str:
        """The name of the hidden field with the version of the row."""
        return f"{VERSION}{BETWEEN}{self.relation}"

    def field_name(self, name: str) -> str:
        return f"{self.relation}{BETWEEN}{name}"


def editable_parents(section: Declaration, item: Any) -> list[RelatedRow]:
    """The parents of *item* with `related_fields` that the member may edit."""
    found = []
    for relation, names in _names_by_relation(tuple(section.related_fields)).items():
        column = describe(section.model, relation)
        other = section_of(column.target)
        if other is None or not permitted(other, "can_edit"):
            continue
        key = getattr(item, _key_name(section, relation))
        row = db.session.scalar(other.statement().where(other.model.id == key))
        if row is not None:
            found.append(RelatedRow(relation, other, row, names))
    return found


def only_sent(related: Sequence[RelatedRow], sent: Mapping[str, str]) -> list[RelatedRow]:
    """The parents with those fields that are in the form as it was sent; the others are left as they are."""
    parts = [
        replace(each, names=tuple(name for name in each.names if each.field_name(name) in sent))
        for each in related
    ]
    return [each for each in parts if each.names]


def locked_paths(section: Declaration, related: Sequence[RelatedRow]) -> list[str]:
    """The `related_fields` that the member may not edit."""
    relations = {each.relation for each in related}
    return [path for path in section.related_fields if path.partition(".")[0] not in relations]


def section_of(model: Any) -> Any:
    """The section that edits rows of *model*."""
    views = (view for view in appbuilder.baseviews if isinstance(view, Declaration))
    return next((view for view in views if view.model is model), None)


@lru_cache(maxsize=100)
def _names_by_relation(paths: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in paths:
        relation, _dot, name = path.partition(".")
        found[relation] = (*found.get(relation, ()), name)
    return found


def _key_name(section: Declaration, relation: str) -> str:
    attribute = describe(section.model, relation).attribute
    column = next(iter(attribute.property.local_columns))
    return str(attribute.property.parent.get_property_by_column(column).key)


def parent_versions(related: Sequence[RelatedRow]) -> list[tuple[str, str]]:
    """Hidden fields with the versions of the parents."""
    return [(each.version_name, str(version_of(each.row))) for each in related if version_of(each.row)]


def parent_versions_again(sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """The `parent_versions` of a form that is shown again with errors."""
    return [(name, value) for name, value in sent.items() if name.startswith(VERSION + BETWEEN)]


def refuse_stale_parents(related: Sequence[RelatedRow], sent: Mapping[str, str]) -> None:
    """Raise `StaleForm` when a parent was changed after the form was loaded."""
    for each in related:
        if each.version_name in sent:
            refuse_stale(each.row, {VERSION: sent[each.version_name]})


def changed_row(item: Row, related: Sequence[RelatedRow], sent: Mapping[str, str]) -> Row:
    """The row that was changed meanwhile: a parent, or the row itself."""
    changed = (each.row for each in related if sent.get(each.version_name, "") != str(version_of(each.row)))
    return item if sent.get(VERSION) != str(version_of(item)) else next(changed, item)
