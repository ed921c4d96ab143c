"""Methods that a section may override about its statement and the page of a row."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from app.panel.view_models import SideSheet
from app.panel.words.words import Words


class PageHooks(Words):
    """Methods that a section may override about its statement and the page of a row: where acts end, what is locked first."""

    if TYPE_CHECKING:
        # Defined by the views of Flask-AppBuilder.
        route_base: str

    def statement_key(self) -> Hashable:
        """What `statement()` depends on besides the organisation and the member, such as a right."""
        return None

    def back_url(self, row: Any = None) -> str:
        """Where an act on *row* ends: the list, unless the section has none."""
        return f"{self.route_base}/"

    def lock_above(self, pk: int) -> None:
        """Lock the rows that are always locked before the row *pk*."""

    def side_sheets(self, row: Any) -> Sequence[SideSheet]:
        """Sheets of the section's own in the side column of the page of *row*."""
        return ()

    def form_note(self, row: Any) -> str | None:
        """A sentence over the fields of the form of *row*; None is a new row, and a form without a sentence."""
        return None

    def copied_text(self, row: Any) -> str | None:
        """What the button «copy» of *row* copies, where it stands on the page of its parent; None for no button."""
        return None

    def has_page(self, row: Any) -> bool:
        """Whether *row*, to which another row leads, has a page in this section; a deleted row has none."""
        return getattr(row, "deleted_at", None) is None
