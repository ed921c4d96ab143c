"""Messages for the errors that parsers raise."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.jalali import DateReason, JalaliError
from app.lib.mobile import MobileError
from app.lib.money import AmountError, AmountReason
from app.lib.persian import TextError, TextReason, persian_digits

_DATES: dict[DateReason, LazyString] = {
    DateReason.GREGORIAN_YEAR: _l("Write the year in the Jalali calendar, such as 1405."),
    DateReason.YEAR_RANGE: _l("The year must lie between 1300 and 1499."),
    DateReason.TIME: _l("The time is not valid. Example: 14:30"),
}
_AMOUNTS: dict[AmountReason, LazyString] = {
    AmountReason.NEGATIVE: _l("An amount can't be less than zero."),
    AmountReason.FRACTION: _l("Write the amount without fractions."),
    AmountReason.TOO_LARGE: _l("This amount is too large."),
}


def explain(error: Exception) -> str:
    """The message for *error*, with an example of valid input."""
    if isinstance(error, MobileError):
        return str(_("The mobile number is not valid. Example: 09121234567"))
    if isinstance(error, JalaliError):
        return _explain_date(error)
    if isinstance(error, AmountError):
        return str(_AMOUNTS.get(error.reason, _l("The amount is not valid. Example: 1,250,000")))
    if isinstance(error, TextError):
        return _explain_text(error)
    return str(error)


def _explain_date(error: JalaliError) -> str:
    if error.reason is DateReason.LEAP:
        year = persian_digits(error.year)
        return str(_("The year %(year)s is not a leap year; its Esfand has 29 days.", year=year))
    return str(_DATES.get(error.reason, _l("The date is not valid. Example: 1403/07/15")))


def _explain_text(error: TextError) -> str:
    if error.reason is TextReason.TOO_LONG:
        return str(_("This text is too long."))
    return str(_("This text has a character that can't be stored."))
