"""Who may name the owner of a row in a form: declared by the section, checked at the start, asked for each form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect

from app.panel.access import permitted
from app.panel.actor import member_id, sees_own_rows_only
from app.panel.declaration import Declaration
from models.base import Row, Tenant

_NOBODY: frozenset[str] = frozenset()


class UndeclaredOwner(RuntimeError):
    """A section's form names the owner of its rows, and the section does not say who may set it."""


def owner_names(model: type[Row]) -> frozenset[str]:
    """The attributes of *model* that say whose a row is."""
    return model.owner_names() if issubclass(model, Tenant) else _NOBODY


def withheld_names(section: Declaration) -> frozenset[str]:
    """The fields that the acting member must not set: who sees only their own rows never names an owner."""
    names = owner_names(section.model)
    if not names:
        return _NOBODY
    right = section.owner_right
    may_set = right is not None and permitted(section, f"can_{right}") and not sees_own_rows_only()
    return _NOBODY if may_set else names


def preset_owner(section: Declaration, row: Row) -> None:
    """Give a new row to the acting member when its form left no choice."""
    names = withheld_names(section)
    if names and all(getattr(row, name) is None for name in names):
        setattr(row, section.model.__owner__, member_id())


def refuse_undeclared_owner(section: Declaration) -> None:
    """Raise when a form of the mounted *section* names an owner without saying who may set it, or names an organisation."""
    model = section.model
    if not issubclass(model, Tenant):
        return
    named = _named(section)
    organization = _over(model, "organization_id") & named
    if organization:
        raise UndeclaredOwner(
            f"{type(section).__name__}: no form may name the organisation ({_list(organization)}); the server sets it."
        )
    owner = owner_names(model) & named
    if owner and section.owner_right is None:
        raise UndeclaredOwner(
            f"{type(section).__name__}: its form names the owner of a row ({_list(owner)}). "
            'Declare `owner_right`, the right that a member needs to set it, such as owner_right = "edit".'
        )
    if section.owner_right is not None and f"can_{section.owner_right}" not in section.all_permissions():
        raise UndeclaredOwner(
            f"{type(section).__name__}: owner_right = {section.owner_right!r} is no right that its `roles` give."
        )


def _named(section: Declaration) -> set[str]:
    """All names that the section's forms may write: declared ones, and the fields of form classes of its own."""
    declared = {*section.form, *(section.edit_fields or ()), *section.inline, *section.bulk_edit}
    own = {name for form in _own_forms(section) for name in dir(form) if not name.startswith("_")}
    return {*declared, *section.extra_fields, *section.extra_edit_fields, *own}


def _own_forms(section: Any) -> Iterable[type[Any]]:
    """Form classes that the section brings instead of those made from its columns."""
    builders = (section.add_form_class, section.edit_form_class)
    return [build() for build in builders if build.__func__.__module__ != "app.panel.forms.routes"]


def _over(model: type[Tenant], key: str) -> frozenset[str]:
    column = inspect(model).column_attrs[key].columns[0]
    relations = inspect(model).relationships
    return frozenset({key, *(each.key for each in relations if column in each.local_columns)})


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
