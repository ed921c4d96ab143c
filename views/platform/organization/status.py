"""The status of an organisation: suspended and active."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import requires
from app.panel.action import Done, action, counted
from app.services.organization import change_status
from models.organization import Organization, OrganizationStatus
from views.platform.organization.entering import Entering


def _is_active(row: Organization) -> Any:
    if row.status is OrganizationStatus.ACTIVE:
        return None
    return _l("This organisation is not active.")


def _is_closed(row: Organization) -> Any:
    return _l("This organisation is active already.") if row.status is OrganizationStatus.ACTIVE else None


class StatusActs(Entering):
    """The actions that suspend and activate organisations."""

    @action(
        _l("Delete"),
        icon="trash",
        confirm=counted(
            "%(num)s organisation is closed; its rows stay and it can be opened again.",
            "%(num)s organisations are closed; their rows stay and they can be opened again.",
        ),
        submit=counted("Delete %(num)s organisation", "Delete %(num)s organisations"),
        danger=True,
        asks_password=True,
        name="remove",
    )
    def delete_rows(self, rows: Sequence[Organization], form: Any) -> Done:
        self._set(rows, OrganizationStatus.DELETED)
        return Done(ngettext("%(num)s organisation deleted.", "%(num)s organisations deleted.", len(rows)))

    @action(
        _l("Suspend"),
        icon="ban",
        confirm=counted(
            "Nobody of %(num)s organisation can work.", "Nobody of %(num)s organisations can work."
        ),
        submit=counted("Suspend %(num)s organisation", "Suspend %(num)s organisations"),
        danger=True,
        asks_password=True,
        when=_is_active,
    )
    def suspend(self, rows: Sequence[Organization], form: Any) -> Done:
        self._set(rows, OrganizationStatus.SUSPENDED)
        return Done(
            ngettext("%(num)s organisation suspended.", "%(num)s organisations suspended.", len(rows))
        )

    @action(
        _l("Open again"),
        icon="check",
        confirm=counted("%(num)s organisation can work again.", "%(num)s organisations can work again."),
        submit=counted("Open %(num)s organisation", "Open %(num)s organisations"),
        when=_is_closed,
        on_row=True,
    )
    def activate(self, rows: Sequence[Organization], form: Any) -> Done:
        self._set(rows, OrganizationStatus.ACTIVE)
        return Done(
            ngettext("%(num)s organisation is active.", "%(num)s organisations are active.", len(rows))
        )

    def _set(self, rows: Sequence[Organization], status: OrganizationStatus) -> None:
        for row in rows:
            change_status(row, status)
        db.session.commit()

    @expose("/undo/<batch>", methods=["POST"])
    @requires("delete")
    def undo(self, batch: str) -> Response:
        """Organisations are activated again, not restored."""
        abort(404)
