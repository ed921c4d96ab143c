"""The form of the settings of an organisation."""

from __future__ import annotations

from datetime import time

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError
from wtforms.validators import DataRequired

from app.lib.digits import parse_int
from app.lib.persian import persian_digits
from app.panel.forms.builder import Filled, Length, PanelForm
from app.panel.forms.code_fields import ChoicesField
from app.panel.forms.fields import ChoiceField, NumberField, ParsedField, SwitchField, TextField
from models.organization import MOST_REPEAT_DAYS, CurrencyChoice, RepeatPolicy, Weekday

# The fields in their groups.
GROUPS: tuple[tuple[LazyString, tuple[str, ...]], ...] = (
    (_l("Organisation"), ("name", "currency", "mask_mobiles", "managers_need_totp")),
    (_l("Working week"), ("working_days", "works_from", "works_until")),
    (_l("Repeated orders"), ("repeat_policy", "repeat_window_days", "sale_ends_repeat")),
    (_l("SMS"), ("sending_from", "sending_until", "sends_on_free_days")),
)
NAMES = tuple(name for _label, names in GROUPS for name in names)
_NEEDED = Filled(_l("Please fill in this field."))


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


class OrganizationForm(PanelForm):
    name = TextField(_l("Name"), [_NEEDED, Length(max=120)])
    currency = ChoiceField(
        _l("Currency"),
        kind=CurrencyChoice,
        description=_l("Amounts are shown and typed in this unit; stored amounts keep their worth."),
    )
    mask_mobiles = SwitchField(_l("Mask mobile numbers"))
    managers_need_totp = SwitchField(_l("Managers need a second step to log in"))
    working_days = ChoicesField(
        _l("Working days"), [DataRequired(_l("Choose at least one working day."))], kind=Weekday
    )
    works_from = ClockField(_l("Work from"), [_NEEDED])
    works_until = ClockField(
        _l("Work until"),
        [_NEEDED],
        description=_l("The suggested next contact lies on a working day within these hours."),
    )
    repeat_policy = ChoiceField(_l("Repeated orders"), kind=RepeatPolicy)
    repeat_window_days = NumberField(_l("Repeat window (days)"), [_NEEDED], least=1, most=MOST_REPEAT_DAYS)
    sale_ends_repeat = SwitchField(
        _l("An order after a purchase is no repeat"),
        description=_l("A change of these rules holds for new orders; earlier ones stay as they are."),
    )
    sending_from = ClockField(_l("SMS sending from"), [_NEEDED])
    sending_until = ClockField(
        _l("SMS sending until"),
        [_NEEDED],
        description=_l("Outside these hours, and on holidays, SMS wait for the next opening."),
    )
    sends_on_free_days = SwitchField(_l("SMS on the free days of the week"))

    def validate_works_until(self, field: ClockField) -> None:
        starts = self.works_from.data
        if starts is not None and field.data is not None and field.data <= starts:
            raise ValidationError(_("Work ends after it begins."))
