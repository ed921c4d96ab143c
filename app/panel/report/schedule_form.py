"""The form of a schedule: how often, when, of which range and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, ValidationError

from app.extensions import db
from app.lib.clock import now
from app.lib.persian import persian_digits
from app.panel.actor import member_id
from app.panel.forms.builder import PanelForm
from app.panel.forms.code_fields import WeekdaysField
from app.panel.forms.fields import ChoiceField
from app.panel.lists.saved_views import may_share
from app.panel.report.reading import Range
from models.member import Member
from models.schedule.saved_report import LAST_DAY, SavedReport, Sending
from models.schedule.viewers import viewers
from models.tenancy.scope import actor_of

_MORNING = 8


def _number(raw: Any) -> int | None:
    """A number as the form sends it; `int` alone would also read «1_0»."""
    return int(raw) if str(raw).isascii() and str(raw).isdigit() and len(str(raw)) <= 18 else None


class ReceiversField(SelectMultipleField):
    """Members, as boxes to tick; each stands once among the data, however often it was sent."""

    data: Any

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = list(dict.fromkeys(self.data or ()))

    def pre_validate(self, form: Any) -> None:
        if set(self.data or ()) - {value for value, _label in self.choices}:
            raise ValidationError(_("This member may not see the report."))


def _days() -> list[tuple[int, str]]:
    days = [(day, persian_digits(day)) for day in range(1, LAST_DAY)]
    return [*days, (LAST_DAY, str(_l("The last day")))]


class ScheduleForm(PanelForm):
    sending = ChoiceField(_l("Sending"), kind=Sending)
    weekdays = WeekdaysField(_l("Days of the week"))
    month_day = SelectField(_l("Day of the month"), coerce=_number, default=1)
    hour = SelectField(_l("Hour"), coerce=_number, default=_MORNING)
    span = SelectField(
        _l("Range of the mail"),
        default=Range.LAST_MONTH.value,
        description=_l("Counted from the day of sending; the days of the saved filters are not used."),
    )
    receivers = ReceiversField(
        _l("Receivers"),
        coerce=_number,
        description=_l("Each receiver gets the figures that they may see themselves."),
    )

    def __init__(self, report: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.month_day.choices = _days()
        self.hour.choices = [(hour, _("%(hour)s o'clock", hour=persian_digits(hour))) for hour in range(24)]
        self.span.choices = [(each.value, str(each.label)) for each in Range if each.fits(report.most_months)]
        self.receivers.choices = offered_receivers(report.class_permission_name)

    def validate_weekdays(self, field: WeekdaysField) -> None:
        if self.sending.data is Sending.WEEKLY and not field.data:
            raise ValidationError(_("Choose at least one day of the week."))

    def validate_receivers(self, field: ReceiversField) -> None:
        if self.sending.data not in {None, Sending.NEVER} and not field.data:
            raise ValidationError(_("Choose at least one receiver."))


def offered_receivers(view_name: str) -> list[tuple[int, str]]:
    """The members who may see the report; the acting member alone where they may not share it."""
    statement = viewers(view_name, actor_of(db.session()).organization_id)
    if not may_share():
        statement = statement.where(Member.id == member_id())
    return [(member.id, member.full_name) for member in db.session.scalars(statement)]


def form_of_schedule(saved: SavedReport, report: Any) -> ScheduleForm:
    """The form with the stored schedule, and with the member as the receiver of a new one."""
    if saved.sending is Sending.NEVER:
        return ScheduleForm(report, data={"sending": Sending.NEVER, "receivers": [member_id()]})
    names = "sending", "weekdays", "month_day", "hour", "span", "receivers"
    stored = {name: getattr(saved, name) for name in names}
    return ScheduleForm(report, data={name: value for name, value in stored.items() if value is not None})


def set_schedule(saved: SavedReport, form: ScheduleForm) -> None:
    """Store the valid *form*; its first run is the next moment of the rule."""
    saved.sending = form.sending.data
    saved.weekdays = form.weekdays.data if saved.sending is Sending.WEEKLY else None
    saved.month_day = form.month_day.data if saved.sending is Sending.MONTHLY else None
    is_sent = saved.sending is not Sending.NEVER
    saved.hour = form.hour.data if is_sent else None
    saved.span = form.span.data if is_sent else ""
    saved.receivers = form.receivers.data if is_sent else []
    saved.left_out = []
    saved.next_at = saved.next_after(now())
