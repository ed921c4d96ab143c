"""Responses of sections that need an acting organisation, to members without one."""

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
from models.organization import Organization, OrganizationStatus

CONFLICT = 409
_READS = {"GET", "HEAD"}
LabelledUrl = tuple[str, str]


class Hint(NamedTuple):
    """The reason for missing rows, and a link to choose an organisation for members who may."""

    title: str
    text: str
    link: LabelledUrl | None


def answer_without_organization(error: OrganizationNeeded) -> Any:
    """The page with the hint for a read; a refusal for a write."""
    if request.method not in _READS:
        return refuse_write()
    return fragment_or_page(
        "errors/_nowhere.html", "errors/nowhere.html", hint=hint(), title=error.view.title
    )


def refuse_write() -> Response:
    """The refusal of a write; its page has the form data, to be sent again after an organisation is chosen."""
    why = hint()
    again = _("Nothing was saved; send it again after that.")
    text = f"{why.text} {again}" if why.link else why.text
    form_data = resubmittable_fields()
    more = {"written": form_data if why.link else (), "shown": readable(form_data), "link": why.link}
    return error_answer(CONFLICT, why.title, text, sign="building", **more)


def hint() -> Hint:
    """The hint that the member sees instead of rows."""
    chosen = acting_organization()
    link = (_("Organisations"), url_for("Organizations.index")) if _may_choose() else None
    if chosen is not None:
        return Hint(_stopped(chosen), _("Its rows are not shown until it is opened again."), link)
    if link is None:
        text = _("Your account belongs to no organisation, and this section shows the rows of one.")
        return Hint(_("No organisation"), text, None)
    text = _("This section shows the rows of one organisation; choose it, act in it and come back.")
    return Hint(_("Choose an organisation first"), text, link)


def rest_hint() -> str | None:
    """The hint for clients of the REST API; None with an acting organisation."""
    if acts_somewhere():
        return None
    if acting_organization() is None:
        return str(_("Say with X-Organization in which organisation you act."))
    why = hint()
    return f"{why.title}. {why.text}"


def _stopped(organization: Organization) -> str:
    if organization.status is OrganizationStatus.DELETED:
        return str(_("%(name)s is closed", name=organization.name))
    return str(_("%(name)s is suspended", name=organization.name))


def _may_choose() -> bool:
    return bool(appbuilder.sm.has_access("can_enter", "Organizations"))
