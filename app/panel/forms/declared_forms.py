"""The form classes of a section, built from its declaration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from app.panel.forms.builder import PanelForm, build_form
from app.panel.forms.lines.field import lines_field
from app.panel.forms.lines.rows import line_model
from app.panel.forms.owner import withheld_names
from app.panel.forms.saving import SavesForm


class DeclaredForms(SavesForm):
    """A section with the classes of its two forms."""

    @cached_property
    def _add_form(self) -> type[PanelForm]:
        return self._built(self.form, {**self._lines_field(), **self.extra_fields})

    @cached_property
    def _edit_form(self) -> type[PanelForm]:
        names = self.edit_fields if self.edit_fields is not None else self.form
        return self._built(names, {**self._lines_field(), **self.extra_edit_fields})

    def _lines_field(self) -> dict[str, Any]:
        if self.lines is None:
            return {}
        name = self.lines.relation
        url = f"{self.base_url}lookup/{name}.%s"
        return {name: lines_field(self.lines, line_model(self.model, self.lines), lookup_url=url)}

    def _built(self, names: Sequence[str], extra: dict[str, Any]) -> type[PanelForm]:
        withheld = partial(withheld_names, self)
        return build_form(self.model, names, base_url=self.base_url, extra=extra, withheld=withheld)

    def add_form_class(self) -> type[PanelForm]:
        return self._add_form

    def edit_form_class(self) -> type[PanelForm]:
        return self._edit_form
