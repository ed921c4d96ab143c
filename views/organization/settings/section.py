"""Organisation settings: currency, working week, repeated orders and sending hours of SMS."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.exc import StaleDataError

from app.extensions import db
from app.lib.persian import group_number
from app.panel.access import Access, lock_membership, requires
from app.panel.action import Done
from app.panel.actor import acting_organization
from app.panel.forms.conflict import conflict_page
from app.panel.forms.locking import StaleForm, refuse_stale, version_fields, version_fields_again
from app.panel.page import Page
from app.panel.responses import success
from app.panel.view_models import Fact, FormPage
from app.services.sms.quota import used_pages
from models.audit.recorder import name_event
from models.organization import Organization
from views import groups
from views.organization.settings.form import GROUPS, NAMES, OrganizationForm


class OrganizationSettings(Page):
    """GET and POST of the settings of the manager's organisation."""

    slug = "settings/organization"
    title = _l("Organisation settings")
    group, icon, menu_order = groups.ORGANIZATION, "building", 590
    needs_organization = True

    roles = {"Manager": Access.actions("list", "edit")}

    @expose("/")
    @requires("list")
    def index(self) -> str:
        organization = self._organization()
        form = OrganizationForm(obj=organization)
        return self._page(organization, form, version_fields(form, NAMES, organization))

    @expose("/", methods=["POST"])
    @requires("edit")
    def save(self) -> Any:
        lock_membership()
        organization = self._organization()
        form = OrganizationForm()
        if not form.validate():
            return self._page(organization, form, version_fields_again(request.form)), 422
        try:
            refuse_stale(organization, request.form)
            for name in NAMES:
                setattr(organization, name, form[name].data)
            name_event(db.session(), "edit", Organization, [organization.id])
            db.session.commit()
        except (StaleForm, StaleDataError):
            return self._conflict(form)
        return success(Done(_("%(what)s saved.", what=str(organization))), self.base_url)

    def _conflict(self, form: OrganizationForm) -> tuple[str, int]:
        """The page with the user's values and those that somebody else has saved; nothing is saved."""
        db.session.rollback()
        organization = self._organization()
        db.session.refresh(organization)
        theirs = OrganizationForm(formdata=None, obj=organization)
        page = conflict_page(
            organization, form, theirs, NAMES, request.form, title=str(self.title), back_url=self.base_url
        )
        return self.render_template("panel/forms/conflict.html", page=page), 409

    def _organization(self) -> Organization:
        return acting_organization() or abort(404)

    def _page(self, organization: Organization, form: OrganizationForm, hidden: Any) -> str:
        quota = organization.sms_quota
        used = group_number(used_pages())
        words = _("%(used)s pages, without a limit", used=used)
        if quota is not None:
            words = _("%(used)s of %(quota)s pages", used=used, quota=group_number(quota))
        locked = [Fact(str(_l("SMS this month")), "text", words)]
        page = FormPage(str(self.title), "/", form, NAMES, _("Save"), form.error_count, locked, list(hidden))
        return self.render_template(
            "organization/settings.html",
            page=page,
            groups=GROUPS,
            holidays=len(organization.holidays),
            pk=organization.id,
        )
