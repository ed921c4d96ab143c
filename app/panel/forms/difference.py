"""A difference between two versions of a row: both values, and the one that is preselected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from wtforms import Field, SelectField

from app.panel.formatting import NOTHING
from app.panel.forms.code_fields import ChoicesField
from app.panel.forms.locking import submitted_value
from models.types import Choice


@dataclass(frozen=True)
class Side:
    """One of the two values: as the form sends it, and as text for the user."""

    value: str
    text: str
    colour: str | None = None
    ltr: bool = False


@dataclass(frozen=True)
class Difference:
    """A field whose values differ; `keep` is the preselected value: the changed one, or mine when both changed."""

    name: str
    label: str
    mine: Side
    theirs: Side
    keep: Literal["mine", "theirs"]
    both_changed: bool


def side_of(field: Field) -> Side:
    value, data = submitted_value(field), field.data
    if isinstance(data, bool):
        return Side(value, _("Yes") if data else _("No"))
    if isinstance(data, Choice):
        colour = value if field.type == "ColourField" else None
        return Side(value, str(data), colour)
    if isinstance(field, ChoicesField):
        return Side(value, "، ".join(field.chosen_labels) or NOTHING)
    has_name = field.type in {"RelationField", "WeekdaysField"} and data is not None
    text = str(data) if has_name else value
    if isinstance(field, SelectField):
        text = next((str(each.label) for each in field.iter_choices() if str(each.value) == value), value)
    return Side(value, text or NOTHING, ltr=field.type in {"MobileField", "PhoneField", "CodeField"})
