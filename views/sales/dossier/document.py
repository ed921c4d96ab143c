"""The documents of a company with their files and their validity, on the page of its dossier."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.money import Currency
from app.panel.access import Access
from app.panel.child_section import ChildSection
from app.panel.columns import Column
from app.panel.displays import Display
from app.panel.formatting import time_cell
from app.panel.forms.builder import PanelForm
from app.panel.view_models import Cell
from models.base import Row
from models.dossier import DossierDocument


class Validity(Display):
    """The last day of a document: «until 12 Dey», the days since it passed, or without an end."""

    def cell(self, column: Column, row: Row, currency: Currency) -> Cell:
        day = column.value(row)
        if day is None:
            return Cell(column.path, "text", _("Without end"))
        shown = time_cell(column.path, day, can_be_late=True)
        return shown if shown.kind == "late" else shown.with_changes(text=_("until %(day)s", day=shown.text))


class DossierDocuments(ChildSection):
    model = DossierDocument
    only_in = "dossier"
    slug = "dossier-documents"
    rest = True
    title, title_one = _l("Documents"), _l("document")
    icon, menu_order = "file-text", 262

    columns = ("kind", Validity("expires_on"), "created_at")
    labels = {"created_at": _l("Added on")}
    form = ("kind", "expires_on")
    attachments = True
    empty = _l("No document yet")

    roles = {"Manager": Access.FULL, "Consultant": Access.FULL}

    def store(self, item: Any, form: PanelForm, *, existing: bool) -> DossierDocument:
        """Another last day is reminded of anew."""
        before = item.expires_on
        saved: DossierDocument = super().store(item, form, existing=existing)
        if saved.expires_on != before:
            saved.reminded_at_days = None
        return saved
