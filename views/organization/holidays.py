"""The holidays of the organisation: the official ones of a year, and days that a manager adds or deletes."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.digits import parse_int
from app.lib.jalali import format_date, long_date, parse_date, to_jalali
from app.lib.persian import TextError, clean_line, persian_digits
from app.panel.access import Access, lock_membership, requires
from app.panel.action import Done
from app.panel.actor import acting_organization
from app.panel.forms.builder import Filled, Length, PanelForm
from app.panel.forms.fields import JalaliDateField, TextField
from app.panel.messages import explain
from app.panel.page import Page
from app.panel.responses import failure, success
from app.services.working_time import (
    add_holiday,
    add_official_holidays,
    remove_holiday,
    years_without_holidays,
)
from models.audit.recorder import name_event
from models.organization import Organization

_LONGEST = 120
_NEEDED = Filled(_l("Please fill in this field."))


class HolidayForm(PanelForm):
    day = JalaliDateField(_l("Day"), [_NEEDED])
    title = TextField(_l("Title"), [_NEEDED, Length(max=_LONGEST)])


class Holidays(Page):
    """GET of /settings/holidays/; POST adds a day, and under it official holidays, deletions and their undo."""

    slug = "settings/holidays"
    title = _l("Holidays")
    icon = "calendar"
    needs_organization = True

    roles = {"Manager": Access.actions("list", "edit")}

    @expose("/")
    @requires("list")
    def index(self) -> str:
        return self._page(HolidayForm())

    @expose("/", methods=["POST"])
    @requires("edit")
    def add(self) -> Any:
        lock_membership()
        form = HolidayForm()
        if not form.validate():
            return self._page(form), 422
        day: Any = form.day.data
        try:
            add_holiday(self._organization(), day, str(form.title.data))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return self._page(form), 422
        return self._saved(Done(_("%(day)s is a holiday now.", day=long_date(day))))

    @expose("/official", methods=["POST"])
    @requires("edit")
    def official(self) -> Response:
        lock_membership()
        organization = self._organization()
        year = parse_int(request.form.get("year", ""))
        if year not in years_without_holidays(organization):
            return failure(_("The holidays of this year are there already."), self.base_url)
        added = add_official_holidays(organization, year)
        words = ngettext("%(num)s holiday is added.", "%(num)s holidays are added.", added)
        return self._saved(Done(persian_digits(words)))

    @expose("/<day>/delete", methods=["POST"])
    @requires("edit")
    def delete(self, day: str) -> Response:
        lock_membership()
        moment = self._day(day)
        title = remove_holiday(self._organization(), moment)
        if title is None:
            return failure(_("This holiday is deleted already."), self.base_url)
        undo = f"{self.base_url}{day}/restore?{urlencode({'title': title})}"
        return self._saved(Done(_("%(day)s is no holiday any more.", day=long_date(moment)), undo))

    @expose("/<day>/restore", methods=["POST"])
    @requires("edit")
    def restore(self, day: str) -> Response:
        lock_membership()
        try:
            title = clean_line(request.args.get("title", ""), max_length=_LONGEST)
            add_holiday(self._organization(), self._day(day), title)
        except (DomainError, TextError) as error:
            db.session.rollback()
            return failure(explain(error) if isinstance(error, TextError) else str(error), self.base_url)
        return self._saved(Done(_("The holiday is there again.")))

    def _saved(self, done: Done) -> Response:
        name_event(db.session(), "edit", Organization, [self._organization().id])
        db.session.commit()
        return success(done, self.base_url)

    def _day(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
            parse_date(format_date(day))
        except ValueError:
            abort(404)
        return day

    def _organization(self) -> Organization:
        return acting_organization() or abort(404)

    def _page(self, form: HolidayForm) -> str:
        organization = self._organization()
        days = [
            (date.fromisoformat(day), title) for day, title in sorted((organization.holidays or {}).items())
        ]
        years = [(year, list(rows)) for year, rows in groupby(days, key=lambda row: to_jalali(row[0]).year)]
        return self.render_template(
            "organization/holidays.html",
            form=form,
            years=sorted(years, key=lambda each: (each[0] < to_jalali(now()).year, each[0])),
            missing=years_without_holidays(organization),
            base_url=self.base_url,
            title=str(self.title),
        )
