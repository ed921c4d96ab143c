"""Organisation settings: currency, repeated orders, closed days and sending hours of SMS."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import Length

from app.extensions import db
from app.lib.digits import parse_int
from app.lib.jalali import JalaliError, format_date, parse_date
from app.lib.persian import TextError, clean_text, fold, group_number, persian_digits
from app.panel.access import Access, lock_membership, requires
from app.panel.action import Done
from app.panel.actor import acting_organization
from app.panel.forms.builder import Filled, MayBeEmpty, PanelForm
from app.panel.forms.fields import ChoiceField, NumberField, ParsedField, SwitchField, TextField
from app.panel.forms.locking import StaleForm, refuse_stale, version_fields, version_fields_again
from app.panel.page import Page
from app.panel.responses import success
from app.panel.view_models import Fact, FormPage
from app.services.sms.quota import used_pages
from models.audit.recorder import name_event
from models.organization import CurrencyChoice, Organization, RepeatPolicy
from views import groups

MOST_CLOSED = 100
WEEKDAYS = {
    "saturday": "شنبه",
    "sunday": "یکشنبه",
    "monday": "دوشنبه",
    "tuesday": "سه‌شنبه",
    "wednesday": "چهارشنبه",
    "thursday": "پنجشنبه",
    "friday": "جمعه",
}
_NAMED = {fold(words).replace(" ", ""): name for name, words in WEEKDAYS.items()}
NAMES = (
    "name",
    "currency",
    "repeat_policy",
    "repeat_window_days",
    "sending_from",
    "sending_until",
    "holidays",
    "mask_mobiles",
    "managers_need_totp",
)


class ClockField(ParsedField):
    """A time of day, such as ۰۸:۳۰."""

    errors_of = (ValueError,)

    def parse(self, text: str) -> time:
        hours, mark, minutes = text.strip().partition(":")
        hour, minute = parse_int(hours, most=23), parse_int(minutes, most=59) if mark else 0
        if hour is None or minute is None or len(hours) > 2 or (mark and len(minutes) != 2):
            raise ValueError(_l("Write a time such as 08:30."))
        return time(hour, minute)

    def show(self, value: time) -> str:
        return persian_digits(f"{value:%H:%M}")


class ClosedDaysField(ParsedField):
    """Days without sending, one per line, as weekdays or Jalali dates; stored as weekday names or ISO dates."""

    errors_of = (ValueError, JalaliError, TextError)
    is_long = True

    def parse(self, text: str) -> list[str]:
        lines = [line.strip() for line in clean_text(text, max_length=3000).splitlines() if line.strip()]
        if len(lines) > MOST_CLOSED:
            raise ValueError(_l("At most 100 days."))
        return list(dict.fromkeys(self._day(line) for line in lines))

    def _day(self, line: str) -> str:
        named = _NAMED.get(fold(line).replace(" ", ""))
        return named or parse_date(line).isoformat()

    def show(self, value: Iterable[str]) -> str:
        return "\n".join(
            WEEKDAYS.get(str(each)) or format_date(date.fromisoformat(str(each))) for each in value
        )


class OrganizationForm(PanelForm):
    name = TextField(_l("Name"), [Filled(_l("Please fill in this field.")), Length(max=120)])
    currency = ChoiceField(_l("Currency"), kind=CurrencyChoice)
    repeat_policy = ChoiceField(_l("Repeated orders"), kind=RepeatPolicy)
    repeat_window_days = NumberField(
        _l("Repeat window (days)"), [Filled(_l("Please fill in this field."))], least=1, most=3650
    )
    sending_from = ClockField(_l("SMS sending from"), [Filled(_l("Please fill in this field."))])
    sending_until = ClockField(
        _l("SMS sending until"),
        [Filled(_l("Please fill in this field."))],
        description=_l("Outside these hours SMS wait for the next opening."),
    )
    holidays = ClosedDaysField(
        _l("Holidays"),
        [MayBeEmpty()],
        description=_l("One a line: a weekday such as Friday, or a date such as 1406/01/01."),
    )
    mask_mobiles = SwitchField(_l("Mask mobile numbers"))
    managers_need_totp = SwitchField(_l("Managers need a second step to log in"))


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
        except StaleForm:
            db.session.rollback()
            form.form_errors.append(
                _("Somebody changed this meanwhile; look at the page anew and save again.")
            )
            return self._page(self._organization(), form, ()), 409
        for name in NAMES:
            setattr(organization, name, form[name].data if name != "holidays" else form[name].data or [])
        name_event(db.session(), "edit", Organization, [organization.id])
        db.session.commit()
        return success(Done(_("%(what)s saved.", what=str(organization))), self.base_url)

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
        return self.render_template("account/form.html", page=page, tabs=(), pk=organization.id)
