"""The base of forms in the side panel."""

from __future__ import annotations

from uuid import UUID

from wtforms import HiddenField

from app.lib.digits import parse_int
from app.panel.forms.builder import PanelForm


class EntryForm(PanelForm):
    """A form that registers an event of a row; the engine fills the hidden fields."""

    # One token per shown form, so that a form sent twice registers one event.
    token = HiddenField()
    # The version of the row that the panel shows, and its latest event.
    version = HiddenField()
    seen = HiddenField()

    @property
    def shown_token(self) -> UUID | None:
        try:
            return UUID(self.token.data or "")
        except ValueError:
            return None

    @property
    def shown_version(self) -> int | None:
        return parse_int(self.version.data or "", most=2**31)
