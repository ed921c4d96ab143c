"""Sections that show the rows of one organisation, for a member who acts in none."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import appbuilder
from app.panel.access import OrganizationNeeded
from app.panel.actor import acting_organization, acts_somewhere
from app.panel.errors.page import error_answer
from app.panel.errors.resubmission import readable, resubmittable_fields
from app.panel.responses import fragment_or_page
from models.organization import OrganizationStatus

CONFLICT = 409
_READS = {"GET", "HEAD"}
LabelledUrl = tuple[str, str]


class Hint(NamedTuple):
    """Why there are no rows, and where an organisation is chosen, for members who may do that."""

    title: str
    text: str
    link: LabelledUrl | None


def answer_without_organization(error: OrganizationNeeded) -> Any:
    """The hint where rows were asked for; a write is refused."""
    if request.method not in _READS:
        return refuse_write()
    return fragment_or_page(
        "errors/_nowhere.html", "errors/nowhere.html", hint=hint(), title=error.view.title
    )


def refuse_write() -> Response:
    """Nothing was written; the page has what was typed, to be sent again once an organisation is chosen."""
    said = hint()
    again = _("Nothing was saved; send it again after that.")
    text = f"{said.text} {again}" if said.link else said.text
    sent = resubmittable_fields()
    more = {"written": sent if said.link else (), "shown": readable(sent), "link": said.link}
    return error_answer(CONFLICT, said.title, text, sign="building", **more)


def hint() -> Hint:
    """What the member reads instead of rows."""
    chosen = acting_organization()
    link = (_("Organisations"), url_for("Organizations.index")) if _may_choose() else None
    if chosen is not None:
        return Hint(_stopped(chosen), _("Its rows are not shown until it is opened again."), link)
    if link is None:
        words = _("Your account belongs to no organisation, and this section shows the rows of one.")
        return Hint(_("No organisation"), words, None)
    words = _("This section shows the rows of one organisation; choose it, act in it and come back.")
    return Hint(_("Choose an organisation first"), words, link)


def rest_hint() -> str | None:
    """The same in one sentence, for programs."""
    if acts_somewhere():
        return None
    if acting_organization() is None:
        return _("Say with X-Organization in which organisation you act.")
    said = hint()
    return f"{said.title}. {said.text}"


def _stopped(organization: Any) -> str:
    if organization.status is OrganizationStatus.DELETED:
        return _("%(name)s is closed", name=organization.name)
    return _("%(name)s is suspended", name=organization.name)


def _may_choose() -> bool:
    return bool(appbuilder.sm.has_access("can_enter", "Organizations"))
