"""Iranian mobile numbers in all their spellings (spec 4.1)."""

import enum
import re

from app.lib.persian import latin_digits, persian_digits

# Characters that may stand between digits: spaces of all widths, dashes, dots, parentheses, joiners, direction marks.
# Line ends and control characters are excluded, because they separate two numbers or come from a broken file.
_NOISE = re.compile(
    r"[ \t().\-_/\u00a0\u00ad\u061c\u2000-\u200f\u2010-\u2015\u202a-\u202f\u205f\u2060\u2066-\u2069\u2212\u3000\ufeff]"
)
_NUMBER = re.compile(r"(?:\+98|0098|98)?0?(9[0-9]{9})")
_LANDLINE = re.compile(r"(?:\+98|0098|98)?0?([1-8][0-9]{9})")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?e\+?([0-9]{1,2})")
_FLOAT = re.compile(r"(\+?[0-9]+)[.٫]0+")
_DIGITS = re.compile(r"\+?[0-9]*")
_FRAGMENT = re.compile(r"\+?[0-9]{2,15}")
_DIVIDERS = re.compile(r"[,;|&\n\r\v\f\u0085\u060c\u061b\u2028\u2029]")
_FOREIGN = re.compile(r"(?:\+|00)(?!98)[1-9]")
_LONGEST = 60
# What lead advertisements, vCards and people write before a number.
_LABEL = re.compile(
    "(?:tel|telephone|phone|ph|p|t|m|mob|mobile|cell|whatsapp|موبایل|موبايل|همراه|تلفن|تماس|شماره)(?:number)?[:：=]"
)
# A formula that a program writes around a number so that a spreadsheet does not shorten it.
_FORMULA = re.compile('="?([^"]*)"?')
_TRAILING = " \t،,;؛"


class MobileReason(enum.Enum):
    """Why a text is not a mobile number."""

    EMPTY = "empty"
    LETTERS = "letters"
    SEVERAL = "several"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    LANDLINE = "landline"
    FOREIGN = "foreign"


class MobileError(ValueError):
    """A text that is not exactly one Iranian mobile number."""

    def __init__(self, reason: MobileReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class PhoneError(MobileError):
    """A text that is neither an Iranian mobile number nor a landline with the code of its city."""


def canonical_mobile(raw: object) -> str:
    """The canonical form ``+989…`` of any spelling; raises `MobileError`."""
    text = "" if raw is None else latin_digits(str(raw)).strip()
    if len(text) > _LONGEST:
        raise MobileError(MobileReason.TOO_LONG)
    match = _NUMBER.fullmatch(text)
    if match is None:
        compact = _compact(text)
        match = _NUMBER.fullmatch(compact)
        if match is None:
            raise MobileError(_reason(compact))
    return f"+98{match[1]}"


def canonical_phone(raw: object) -> str:
    """The canonical form of a mobile number, or of a landline with the code of its city (``+9821…``); raises `MobileError`."""
    try:
        return canonical_mobile(raw)
    except MobileError as error:
        text = latin_digits(str(raw)).strip()
        match = _LANDLINE.fullmatch(_compact(text)) if len(text) <= _LONGEST else None
        if match is None:
            raise PhoneError(error.reason) from error
        return f"+98{match[1]}"


def _compact(text: str) -> str:
    """*text* without the characters that people, phones and spreadsheets add to the digits."""
    marks = "\ufeff\u200e\u200f\u202a\u202c\u00a0 "
    text = text.strip(marks).lower().removeprefix("'").rstrip(_TRAILING)
    formula = _FORMULA.fullmatch(text)
    text = _unfloat(formula[1].strip(marks) if formula else text)
    return _LABEL.sub("", _NOISE.sub("", text).removeprefix("'"), count=1)


def _unfloat(text: str) -> str:
    """The digits of a number that a spreadsheet stored as a float, if none was lost."""
    if match := _FLOAT.fullmatch(text):
        return match[1]
    match = _SCIENTIFIC.fullmatch(text)
    if match is None:
        return text
    digits, length = match[1] + (match[2] or ""), int(match[3]) + 1
    # With fewer digits than places, the spreadsheet has rounded some of them.
    return digits[:length] if len(digits) >= length and not digits[length:].strip("0") else text


def _reason(compact: str) -> MobileReason:
    if not compact:
        return MobileReason.EMPTY
    if not _DIGITS.fullmatch(compact):
        parts = [part for part in _DIVIDERS.split(compact) if part]
        several = len(parts) > 1 and all(_DIGITS.fullmatch(part) for part in parts)
        return MobileReason.SEVERAL if several else MobileReason.LETTERS
    if _FOREIGN.match(compact):
        return MobileReason.FOREIGN
    return _length_reason(re.sub(r"^(?:\+98|0098|98)?0?", "", compact))


def _length_reason(national: str) -> MobileReason:
    if len(national) >= 20:
        return MobileReason.SEVERAL
    if len(national) < 8:
        return MobileReason.TOO_SHORT
    if not national.startswith("9"):
        return MobileReason.LANDLINE
    return MobileReason.TOO_LONG if len(national) > 10 else MobileReason.TOO_SHORT


def local_mobile(canonical: str) -> str:
    """The national form ``09121234567``."""
    return "0" + canonical.removeprefix("+98")


def display_mobile(canonical: str) -> str:
    """The national form in Persian digits: «۰۹۱۲ ۱۲۳ ۴۵۶۷», of a landline «۰۲۱ ۸۸۷۷ ۶۶۵۵»."""
    local = local_mobile(canonical)
    if not local.startswith("09"):
        return persian_digits(f"{local[:3]} {local[3:7]} {local[7:]}")
    return persian_digits(f"{local[:4]} {local[4:7]} {local[7:]}")


def mobile_fragment(text: str) -> str | None:
    """The digits of *text* without prefix, when it is (part of) a number; otherwise None."""
    compact = _LABEL.sub("", _NOISE.sub("", latin_digits(text)).lower().removeprefix("'"), count=1)
    if not _FRAGMENT.fullmatch(compact):
        return None
    if compact.startswith("0"):
        return re.sub(r"^(?:0098)?0?", "", compact) or None
    return re.sub(r"^\+98|^98(?=9)", "", compact).removeprefix("+") or None
