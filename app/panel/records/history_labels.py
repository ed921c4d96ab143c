"""The labels of audit events: actions, tables, columns and values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_appbuilder import Model
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from app.extensions import appbuilder
from app.lib.jalali import format_date, format_datetime
from app.lib.mobile import display_mobile
from app.lib.money import format_amount
from app.lib.persian import group_number
from app.panel.actor import currency, role_label
from app.panel.columns import Column, Kind, describe
from app.panel.declaration import Declaration
from app.panel.formatting import NOTHING
from models.audit.values import MASK

Names = Mapping[tuple[str, int], str]

_ACTIONS: dict[str, LazyString] = {
    "add": _l("Added"),
    "attach": _l("File attached"),
    "detach": _l("File deleted"),
    "reattach": _l("File restored"),
    "edit": _l("Edited"),
    "delete": _l("Deleted"),
    "undo": _l("Deletion undone"),
    "restore": _l("Restored from the trash"),
    "purge": _l("Erased from the trash"),
    "export": _l("Exported"),
    "token": _l("Token made"),
    "revoke token": _l("Token revoked"),
    "download": _l("Export downloaded"),
    "result": _l("Result registered"),
    "import": _l("Import started"),
    "undo import": _l("Import taken back"),
    "deactivate": _l("Switched off"),
    "activate": _l("Switched on"),
    "set_password": _l("Password set"),
    "status": _l("Status changed"),
    "enter": _l("Platform admin entered"),
    "view": _l("Looked at by the platform admin"),
}
_KINDS: dict[str, LazyString] = {
    "Address": _l("Address"),
    "Assignment": _l("Assignment"),
    "Attachment": _l("File"),
    "BulkJob": _l("Bulk act"),
    "ExportJob": _l("Export"),
    "ExtraRole": _l("Role"),
    "FollowUpEntry": _l("Result"),
    "Member": _l("Member"),
    "OrderSource": _l("Source"),
    "Organization": _l("Organisation"),
    "Sale": _l("Sale"),
    "SaleItem": _l("Sale item"),
}
# Names without a labelled column: FAB's columns, and values that services record beside columns.
_NAMES: dict[str, LazyString] = {
    "active": _l("Active"),
    "customers": _l("Customers"),
    "email": _l("E-mail"),
    "file": _l("File name"),
    "first_name": _l("First name"),
    "handed over": _l("Follow-ups handed over"),
    "kept": _l("Kept"),
    "last_name": _l("Last name"),
    "orders": _l("Orders"),
    "password": _l("Password"),
    "rights": _l("Rights"),
    "role": _l("Role"),
    "roles": _l("Role"),
    "rows": _l("Rows"),
    "totp_secret": _l("Second step"),
    "username": _l("User name"),
}


def action_words() -> dict[str, str]:
    """The labels of all actions; a section's own actions have the labels of their menu items."""
    declared = {
        name: str(each.label)
        for section in _sections()
        for name, each in section.declared_actions.items()
        if name not in {"remove", "change"}
    }
    return declared | {name: str(label) for name, label in _ACTIONS.items()}


def kind_words() -> dict[str, str]:
    """The label of a row, by the name of its model."""
    named = {section.model.__name__: str(section.title_one) for section in _sections()}
    return {kind: str(label) for kind, label in _KINDS.items()} | named


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


def name_of(kind: str, name: str) -> str:
    """The label of the column."""
    column = column_of(kind, name)
    if column is not None and not isinstance(column.label, str):
        return str(column.label)
    return str(_NAMES.get(name, name))


def shown(kind: str, name: str, value: object, names: Names) -> str:
    """The value as text for the user; a foreign key as the name of its row."""
    if value is None or value in ("", []):
        return NOTHING
    if value == MASK or isinstance(value, bool):
        word: str = _("Hidden") if value == MASK else _("Yes") if value else _("No")
        return word
    if isinstance(value, list):
        words = (role_label(each) if name in {"role", "roles"} else str(each) for each in value)
        return "، ".join(words)
    column = column_of(kind, name)
    if column is None:
        return group_number(value) if isinstance(value, int) else str(value)
    return _of_column(column, value, names)


def _of_column(column: Column, value: object, names: Names) -> str:
    if column.target is not None and isinstance(value, int):
        return names.get((column.target.__name__, value)) or f"#{group_number(value)}"
    if column.kind in {Kind.CHOICE, Kind.COLOUR}:
        members = {member.value: member for member in column.attribute.type.enum_class}
        return str(members.get(value, value))
    if column.kind is Kind.MOBILE:
        return display_mobile(str(value))
    if isinstance(value, int):
        return format_amount(value, currency()) if column.kind is Kind.MONEY else group_number(value)
    return _moment(column, value) if isinstance(value, str) else str(value)


def _moment(column: Column, value: str) -> str:
    if column.kind is Kind.DATETIME:
        return format_datetime(datetime.fromisoformat(value))
    return format_date(date.fromisoformat(value)) if column.kind is Kind.DATE else value
