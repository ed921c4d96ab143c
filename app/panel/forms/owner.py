"""Who may name the owner of a row in a form: declared by the section, checked at the start, asked for each form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect

from app.panel.access import permitted
from app.panel.actor import member_id, sees_own_rows_only
from models.base import Tenant

_NOBODY: frozenset[str] = frozenset()


class UndeclaredOwner(RuntimeError):
    """A section's form names the owner of its rows, and the section does not say who may set it."""


def owner_names(section: Any) -> frozenset[str]:
    """The attributes of the section's model that say whose a row is, by the model or by `owner`."""
    model = section.model
    if not issubclass(model, Tenant):
        return _NOBODY
    declared = _NOBODY if section.owner is None else _over(model, _owner_key(section))
    return model.owner_names() | declared


def _owner_key(section: Any) -> str:
    """The name of the key that says whose a row is."""
    if section.owner is None:
        return str(section.model.__owner__)
    mapper = inspect(section.model)
    column = next(iter(mapper.relationships[section.owner].local_columns))
    return str(mapper.get_property_by_column(column).key)


def withheld_names(section: Any) -> frozenset[str]:
    """The fields that the acting member must not set: who sees only their own rows never names an owner."""
    names = owner_names(section)
    if not names:
        return _NOBODY
    return _NOBODY if _may_choose(section) and not sees_own_rows_only() else names


def _may_choose(section: Any) -> bool:
    """Whether the acting member has the right to name an owner; without `owner_right` everybody with the form has it."""
    right = section.owner_right
    return section.owner is not None if right is None else permitted(section, f"can_{right}")


def preset_owner(section: Any, row: Any) -> None:
    """Give a new row to the acting member when its form left no choice."""
    names = withheld_names(section)
    if names and all(getattr(row, name) is None for name in names):
        setattr(row, _owner_key(section), member_id())


def preselect_owner(section: Any, form: Any) -> None:
    """Let an add form that was not sent begin with the acting member as the owner, where they may be one."""
    field = form._fields.get(section.owner) if section.owner else None
    if field is not None and field.data is None and hasattr(field, "find"):
        field.data = field.find(member_id())


def refuse_undeclared_owner(section: Any) -> None:
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
    owner = owner_names(section) & named
    if owner and section.owner_right is None and section.owner is None:
        raise UndeclaredOwner(
            f"{type(section).__name__}: its form names the owner of a row ({_list(owner)}). "
            'Declare `owner_right`, the right that a member needs to set it, such as owner_right = "edit", '
            'or `owner`, the relation by which a new row is the acting member\'s, such as owner = "consultant".'
        )
    if section.owner_right is not None and f"can_{section.owner_right}" not in section.all_permissions():
        raise UndeclaredOwner(
            f"{type(section).__name__}: owner_right = {section.owner_right!r} is no right that its `roles` give."
        )


def _named(section: Any) -> set[str]:
    """All names that the section's forms may write: declared ones, and the fields of form classes of its own."""
    declared = [section.form, section.edit_fields or (), section.inline, section.bulk_edit]
    declared += [section.extra_fields, section.extra_edit_fields]
    own = {name for form in _own_forms(section) for name in dir(form) if not name.startswith("_")}
    return {name for names in declared for name in names} | own


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
