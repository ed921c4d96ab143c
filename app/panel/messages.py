"""Messages for the errors that parsers raise."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import DomainError
from app.lib.codes import CodeError, CodeReason
from app.lib.jalali import DateReason, JalaliError
from app.lib.mobile import MobileError, PhoneError
from app.lib.money import AmountError, AmountReason
from app.lib.persian import TextError, TextReason, clean_text, persian_digits
from app.lib.time_of_day import TimeError

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

_CODES: dict[CodeReason, LazyString] = {
    CodeReason.NATIONAL_ID: _l("The national ID is not valid; it has 10 digits."),
    CodeReason.LEGAL_ID: _l("The national ID of the company is not valid; it has 11 digits."),
    CodeReason.ECONOMIC_CODE: _l("The economic code is not valid; it has 11, 12 or 14 digits."),
    CodeReason.POSTAL_CODE: _l("The postal code is not valid; it has 10 digits."),
    CodeReason.WEBSITE: _l("The address of the website is not valid. Example: example.ir"),
}


def explain(error: Exception) -> str:
    """The message for *error*, with an example of valid input."""
    if isinstance(error, MobileError):
        return _explain_number(error)
    if isinstance(error, CodeError):
        return str(_CODES[error.reason])
    if isinstance(error, JalaliError):
        return _explain_date(error)
    if isinstance(error, TimeError):
        return str(_DATES[DateReason.TIME])
    if isinstance(error, AmountError):
        return str(_AMOUNTS.get(error.reason, _l("The amount is not valid. Example: 1,250,000")))
    return _explain_text(error) if isinstance(error, TextError) else str(error)


def storable_text(text: str, *, field: str, longest: int = 5000) -> str:
    """*text*, sent without a form, as it is stored; raises `DomainError` for what can't be stored."""
    try:
        return clean_text(text, max_length=longest)
    except TextError as error:
        raise DomainError(explain(error), field=field) from error


def _explain_number(error: MobileError) -> str:
    if isinstance(error, PhoneError):
        return str(_("The number is not valid. Examples: 09121234567, 02188776655"))
    return str(_("The mobile number is not valid. Example: 09121234567"))


def _explain_date(error: JalaliError) -> str:
    if error.reason is DateReason.LEAP:
        year = persian_digits(error.year)
        return str(_("The year %(year)s is not a leap year; its Esfand has 29 days.", year=year))
    return str(_DATES.get(error.reason, _l("The date is not valid. Example: 1403/07/15")))


def _explain_text(error: TextError) -> str:
    if error.reason is TextReason.TOO_LONG:
        return str(_("This text is too long."))
    return str(_("This text has a character that can't be stored."))
