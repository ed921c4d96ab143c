"""Bulk edit: the columns of `bulk_edit` get the same values in all selected rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from flask_babel import gettext as _
from wtforms import SelectField

from app.errors import DomainError
from app.extensions import db
from app.panel.action import Done
from app.panel.columns import Column, Kind
from app.panel.declaration import Declaration
from app.panel.forms.builder import PanelForm, field_of, in_order
from app.panel.forms.owner import withheld_names
from app.panel.forms.rules import refuse_broken_rules

_YES, _NO = "1", "0"


class ChangeForm(PanelForm):
    """A form with a field for each column; an empty field changes nothing."""

    def values(self) -> dict[str, Any]:
        """The given values by column name."""
        return {
            field.name: field.data for field in self if field.name != "csrf_token" and field.data is not None
        }


def change_rows(section: Declaration, rows: Sequence[Any], form: ChangeForm) -> Done:
    """Set the form's values on every row; raises `DomainError` when the form has none."""
    values = form.values()
    if not values:
        raise DomainError(_("Give at least one value."))
    with db.session.no_autoflush:
        for row in rows:
            for name, value in values.items():
                setattr(row, name, value)
    refuse_broken_rules(section, rows)
    db.session.flush()
    return Done(_("%(num)s %(what)s changed.", num=len(rows), what=section.title_one))


def change_form(section: Declaration) -> type[ChangeForm]:
    """The form class for `bulk_edit`: no field is required, and a boolean has the third option «unchanged»."""
    columns = {name: section.describe(name) for name in section.bulk_edit}
    members = {name: _change_field(section, column) for name, column in columns.items()}
    withheld = {"withheld": staticmethod(partial(withheld_names, section))}
    return type(f"{section.model.__name__}ChangeForm", (ChangeForm,), in_order(members) | withheld)


def _change_field(section: Declaration, column: Column) -> Any:
    if column.kind is Kind.BOOLEAN:
        return _select_field(column, {_YES: _("Yes"), _NO: _("No")}, lambda raw: raw == _YES)
    if column.kind in {Kind.CHOICE, Kind.COLOUR}:
        members = {member.value: member for member in column.attribute.type.enum_class}
        labels = {value: str(member.label) for value, member in members.items()}
        return _select_field(column, labels, members.get)
    optional = replace(column, nullable=True, help=None)
    return field_of(optional, lookup_url=f"{section.base_url}lookup/{column.path}")


def _select_field(column: Column, labels: dict[str, str], parse: Callable[[str], object]) -> Any:
    choices = [("", _("unchanged")), *labels.items()]
    return SelectField(
        column.label,
        choices=choices,
        coerce=lambda raw: parse(raw) if raw in labels else None,
        validate_choice=False,
    )
