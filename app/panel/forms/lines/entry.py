"""One line of a form: the fields of a child row, and their errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form

from app.lib.persian import group_number
from app.panel.forms.builder import PanelForm
from app.panel.forms.fields import RelationField

Found = Mapping[str, Mapping[int, Any]]


class LineForm(PanelForm):
    """The fields of one line."""

    class Meta(PanelForm.Meta):
        csrf = False
        # The rows that the lines of a form refer to, by field and key; read with one statement for all lines.
        found: ClassVar[Found] = {}

        def wrap_formdata(self, form: Form, formdata: MultiDict[str, str] | None) -> Any:
            return formdata


class LineRelationField(RelationField):
    """A relation of a line; its rows were found together with those of the other lines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Templates draw a field by its type.
        self.type = RelationField.__name__

    def parse(self, text: str) -> Any:
        self.find = self.meta.found.get(self.short_name, {}).get
        return super().parse(text)


@dataclass(eq=False)
class LineEntry:
    """A line of a form; `row` is the stored one, `key` what the form sent as its key."""

    number: int
    form: LineForm
    key: str = ""
    row: Any = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into a new line."""
        return not self.key and all(_is_untouched(field) for field in self.form)

    def label_of(self, field: Field) -> str:
        """The label of *field* with the number of the line, for screen readers and the summary of errors."""
        number = group_number(self.number + 1)
        return str(_("%(what)s, row %(number)s", what=field.label.text, number=number))


def _is_untouched(field: Field) -> bool:
    return not field.process_errors and field.data in (None, "", False, field.default)


@dataclass(frozen=True)
class LineProblem:
    """An error at a field of a line."""

    path: str
    anchor: str
    label: str
    messages: Sequence[str]
