"""The owner of a row in forms: `owner_right` is checked at startup and applied to each form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect

from app.extensions import db
from app.panel.access import permitted
from app.panel.actor import member_id
from app.panel.declaration import Declaration
from models.base import Row, Tenant
from models.member import Member
from models.tenancy.scope import actor_or_none

_NO_NAMES: frozenset[str] = frozenset()


class UndeclaredOwner(RuntimeError):
    """A form of a section names the owner of its rows, and the section declares no valid `owner_right`."""


def owner_names(section: Declaration) -> frozenset[str]:
    """The attributes of the section's model that say whose a row is, by the model or by `owner`."""
    model = section.model
    if not issubclass(model, Tenant):
        return _NO_NAMES
    declared = _NO_NAMES if section.owner is None else _names_of_key(model, _owner_key(section))
    names: frozenset[str] = model.owner_names() | declared
    return names


def _owner_key(section: Declaration) -> str:
    """The name of the key that says whose a row is."""
    if section.owner is None:
        return str(section.model.__owner__)
    mapper = inspect(section.model)
    column = next(iter(mapper.relationships[section.owner].local_columns))
    return str(mapper.get_property_by_column(column).key)


def withheld_names(section: Declaration) -> frozenset[str]:
    """The fields that the acting member must not set; a member who sees only their own rows never sets an owner."""
    names = owner_names(section)
    if not names:
        return _NO_NAMES
    # The public OpenAPI document is read without an actor.
    actor = actor_or_none(db.session())
    sees_all = actor is not None and not actor.own
    return _NO_NAMES if sees_all and _may_choose(section) else names


def _may_choose(section: Declaration) -> bool:
    """Whether the acting member may name an owner; without `owner_right` every member with the form may."""
    right = section.owner_right
    return section.owner is not None if right is None else permitted(section, f"can_{right}")


def preset_owner(section: Declaration, row: Row) -> None:
    """Set the acting member as the owner of a new row when the member must not choose one."""
    names = withheld_names(section)
    if not names or any(getattr(row, name) is not None for name in names):
        return
    setattr(row, _owner_key(section), member_id())
    # The rules of the section read relations, which a new row does not load by its keys.
    for relation in names & set(inspect(section.model).relationships.keys()):
        setattr(row, relation, db.session.get(Member, member_id()))


def preselect_owner(section: Declaration, form: Any) -> None:
    """Let an add form that was not sent begin with the acting member as the owner, where they may be one."""
    field = form._fields.get(section.owner) if section.owner else None
    if field is not None and field.data is None and hasattr(field, "find"):
        field.data = field.find(member_id())


def refuse_undeclared_owner(section: Declaration) -> None:
    """Raise `UndeclaredOwner` when a form names an organisation, or an owner without a valid `owner_right`."""
    model = section.model
    if not issubclass(model, Tenant):
        return
    named = _named(section)
    organization = _names_of_key(model, "organization_id") & named
    if organization:
        raise UndeclaredOwner(
            f"{type(section).__name__}: no form may name the organisation ({_joined(organization)}); the server sets it."
        )
    owner = owner_names(section) & named
    if owner and section.owner_right is None and section.owner is None:
        raise UndeclaredOwner(
            f"{type(section).__name__}: its form names the owner of a row ({_joined(owner)}). "
            'Declare `owner_right`, the right that a member needs to set it, such as owner_right = "edit", '
            'or `owner`, the relation by which a new row is the acting member\'s, such as owner = "consultant".'
        )
    if section.owner_right is not None and f"can_{section.owner_right}" not in section.all_permissions():
        raise UndeclaredOwner(
            f"{type(section).__name__}: owner_right = {section.owner_right!r} is no right that its `roles` give."
        )


def _named(section: Declaration) -> set[str]:
    """The names that the section's forms may write: declared names, and the fields of its own form classes."""
    declared = {*section.form, *(section.edit_fields or ()), *section.inline, *section.bulk_edit}
    own = {name for form in _own_forms(section) for name in dir(form) if not name.startswith("_")}
    return {*declared, *section.extra_fields, *section.extra_edit_fields, *own}


def _own_forms(section: Any) -> Iterable[type[Any]]:
    """The form classes that the section defines instead of those made from its columns."""
    builders = (section.add_form_class, section.edit_form_class)
    return [build() for build in builders if build.__func__.__module__ != "app.panel.forms.routes"]


def _names_of_key(model: type[Tenant], key: str) -> frozenset[str]:
    """The foreign key *key* and the relations over it."""
    column = inspect(model).column_attrs[key].columns[0]
    relations = inspect(model).relationships
    return frozenset({key, *(each.key for each in relations if column in each.local_columns)})


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
