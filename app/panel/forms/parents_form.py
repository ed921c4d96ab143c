"""The form of a row with the fields of its parents, and the part of it that each row stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from wtforms import Field

from app.errors import DomainError, Refusals
from app.extensions import db
from app.panel.columns import describe
from app.panel.forms.builder import PanelForm, field_of
from app.panel.forms.related_rows import BETWEEN, RelatedRow
from app.panel.forms.rules import refuse_broken_rules
from app.panel.forms.uniqueness import refuse_taken
from models.audit.recorder import separate_event


def with_parents(base: type[PanelForm], related: Sequence[RelatedRow]) -> type[PanelForm]:
    """The form *base* with the fields of the parents before its own."""
    if not related:
        return base
    known: Any = base  # to a type checker a class is not hashable
    return _form_class(known, tuple((each.relation, type(each.section), each.names) for each in related))


@lru_cache(maxsize=100)
def _form_class(
    base: type[PanelForm], parts: tuple[tuple[str, Any, tuple[str, ...]], ...]
) -> type[PanelForm]:
    members: dict[str, Any] = {}
    for relation, section, names in parts:
        for name in names:
            column = describe(section.model, name)
            url = f"{section.route_base}/lookup/{name}"
            members[f"{relation}{BETWEEN}{name}"] = field_of(column, lookup_url=url)
    # WTForms orders the fields by these counters; those of *base* are positive.
    for number, unbound in enumerate(members.values()):
        unbound.creation_counter = number - len(members)
    return type(base.__name__, (base,), members)


class RowWithParents:
    """The values of a row and of its parents by the names of the form's fields."""

    def __init__(self, item: Any, related: Sequence[RelatedRow]) -> None:
        self._item = item
        self._parents = {each.field_name(name): (each.row, name) for each in related for name in each.names}

    def __getattr__(self, name: str) -> Any:
        row, column = self._parents.get(name, (self._item, name))
        return getattr(row, column)


class FormPart:
    """Those fields of a form that belong to one row, by the names of its columns."""

    def __init__(self, form: PanelForm, names: Mapping[str, str]) -> None:
        self._form, self._names = form, names

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[Field]:
        return (self._form[each] for each in self._names.values())

    def __getitem__(self, name: str) -> Field:
        return self._form[self._names[name]]

    def __getattr__(self, name: str) -> Any:
        return self[name] if name in self._names else getattr(self._form, name)

    def populate_obj(self, row: Any) -> None:
        for name, field in self._names.items():
            self._form[field].populate_obj(row, name)


def own_part(form: PanelForm, names: Sequence[str], related: Sequence[RelatedRow]) -> Any:
    """The part of *form* that belongs to the row itself."""
    if not related:
        return form
    others = {each.field_name(name) for each in related for name in each.names}
    return FormPart(form, {name: name for name in names if name not in others})


def write_parents(form: PanelForm, related: Sequence[RelatedRow]) -> None:
    """Write the fields of the parents by the rules of their sections."""
    for each in related:
        part = FormPart(form, {name: each.field_name(name) for name in each.names})
        try:
            with db.session.no_autoflush:
                each.section.store(each.row, part, existing=True)
            refuse_broken_rules(each.section, [each.row])
            refuse_taken(each.section.model, each.row, each.names)
        except DomainError as error:
            raise _renamed(error, each) from error
        separate_event(db.session(), each.row)


def _renamed(error: DomainError, related: RelatedRow) -> DomainError:
    """*error* at the fields of the parent in the form."""
    for each in error.parts:
        if each.field in related.names:
            each.field = related.field_name(each.field)
    return Refusals(*error.parts) if len(error.parts) > 1 else error
