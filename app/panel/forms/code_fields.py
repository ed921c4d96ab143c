"""Further form fields: values in many spellings, codes that have a check, several members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Form, SelectMultipleField, ValidationError

from app.lib import jalali, mobile, persian, time_of_day
from app.lib.codes import CodeError
from app.panel.forms.fields import MobileField, ParsedField
from models.types import WEEKDAY_NAMES, Choice, Code, WeekdayList


class PhoneField(MobileField):
    """Any spelling of a mobile number, or of a landline with the code of its city."""

    def parse(self, text: str) -> str:
        return mobile.canonical_phone(text)


class CodeField(ParsedField):
    """A code with a check; a stored one that was not changed is not checked again."""

    errors_of = (CodeError,)
    object_data: Any

    def __init__(self, *args: Any, kind: Code, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.read, self.format = kind.read, kind.name

    def parse(self, text: str) -> str:
        stored = self.object_data or ""
        is_unchanged = persian.latin_digits(text.strip()) == persian.latin_digits(stored)
        return stored if is_unchanged else self.read(text)

    def show(self, value: str) -> str:
        return persian.persian_digits(value)


class TimeField(ParsedField):
    """A time of the day in any digits: «۱۴:۳۰», «1430», «۹»."""

    errors_of = (time_of_day.TimeError,)

    def parse(self, text: str) -> time:
        return time_of_day.parse_time(text)

    def show(self, value: time) -> str:
        return time_of_day.format_time_of_day(value)


class WeekdaysField(ParsedField):
    """Days of the week, as boxes to tick; a text has their stored names: ``sat,mon``."""

    errors_of = (ValueError,)

    def process_formdata(self, values: Sequence[str]) -> None:
        super().process_formdata([",".join(values)] if values else [])

    def parse(self, text: str) -> WeekdayList | None:
        chosen = {each.strip() for each in text.split(",") if not persian.is_blank(each)}
        if not chosen.issubset(WEEKDAY_NAMES):
            raise ValueError(_("Choose one of the list."))
        return WeekdayList(",".join(each for each in WEEKDAY_NAMES if each in chosen)) if chosen else None

    def show(self, value: str) -> str:
        return value[:]

    def _value(self) -> str:
        return ",".join(map(str, self.raw_data)) if self.raw_data else super()._value()

    def iter_choices(self) -> Iterable[tuple[str, str, bool]]:
        """The value and the name of each day, and whether it is chosen."""
        chosen = self._value().split(",")
        return [(name, day, name in chosen) for name, day in zip(WEEKDAY_NAMES, jalali.WEEKDAYS, strict=True)]


class ChoicesField(SelectMultipleField):
    """Several members of an enumeration, as boxes to tick; the value is the list of their stored values.

    A text has them with commas, as the page of a conflict sends them: ``saturday,monday``.
    """

    data: Any

    def __init__(self, *args: Any, kind: Iterable[Choice], **kwargs: Any) -> None:
        choices = [(member.value, member.label) for member in kind]
        super().__init__(*args, choices=choices, **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        super().process_formdata([value for each in valuelist for value in each.split(",") if value])

    @property
    def chosen_labels(self) -> list[str]:
        return [str(label) for value, label in self.choices or () if value in (self.data or ())]

    def pre_validate(self, form: Form) -> None:
        known = [value for value, _label in self.choices or ()]
        if set(self.data or ()) - set(known):
            raise ValidationError(_("Choose one of the list."))
        self.data = [value for value in known if value in (self.data or ())]
