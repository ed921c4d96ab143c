"""Money: whole rials in storage, the organisation's currency in the interface."""

import enum
import re

from app.lib.digits import ungrouped
from app.lib.persian import group_number, persian_digits

MOST = 10**15
_AMOUNT = re.compile(r"([0-9]{1,16})(?:\.([0-9]*))?")


_ONES = (
    "", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه",
    "ده", "یازده", "دوازده", "سیزده", "چهارده", "پانزده", "شانزده", "هفده", "هجده", "نوزده",
)  # fmt: skip
_TENS = ("", "", "بیست", "سی", "چهل", "پنجاه", "شصت", "هفتاد", "هشتاد", "نود")
_HUNDREDS = ("", "صد", "دویست", "سیصد", "چهارصد", "پانصد", "ششصد", "هفتصد", "هشتصد", "نهصد")
_THOUSANDS = ("", " هزار", " میلیون", " میلیارد", " تریلیون", " تریلیارد")
_AND = " و "


class Currency(enum.Enum):
    RIAL = "rial"
    TOMAN = "toman"


class AmountReason(enum.Enum):
    """Why a text is not an amount."""

    EMPTY = "empty"
    NEGATIVE = "negative"
    FORMAT = "format"
    FRACTION = "fraction"
    TOO_LARGE = "too_large"


class AmountError(ValueError):
    """A text that is no amount of whole rials."""

    def __init__(self, reason: AmountReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def parse_amount(text: str, currency: Currency) -> int:
    """The rials of *text*, which is in *currency*; raises `AmountError`."""
    plain = ungrouped(text).replace("٫", ".")
    match = _AMOUNT.fullmatch(plain)
    if match is None:
        raise AmountError(_reason(plain))
    fraction = (match[2] or "").rstrip("0")
    if len(fraction) > (1 if currency is Currency.TOMAN else 0):
        raise AmountError(AmountReason.FRACTION)
    rials = int(match[1]) * 10 + int(fraction or 0) if currency is Currency.TOMAN else int(match[1])
    if rials > MOST:
        raise AmountError(AmountReason.TOO_LARGE)
    return rials


def _reason(plain: str) -> AmountReason:
    if not plain:
        return AmountReason.EMPTY
    if plain[0] in "-−" and _AMOUNT.fullmatch(plain[1:]):
        return AmountReason.NEGATIVE
    return AmountReason.TOO_LARGE if plain.isascii() and plain.isdigit() else AmountReason.FORMAT


def format_amount(rials: int, currency: Currency) -> str:
    """*rials* in *currency*, grouped, in Persian digits."""
    whole, rest = divmod(abs(rials), 10) if currency is Currency.TOMAN else (abs(rials), 0)
    sign = "−" if rials < 0 else ""
    return sign + group_number(whole) + (f"٫{persian_digits(rest)}" if rest else "")


def amount_in_words(rials: int, currency: Currency) -> str:
    """*rials* in Persian words with the unit: «دو میلیون و چهارصد هزار تومان»."""
    whole, rest = divmod(abs(rials), 10) if currency is Currency.TOMAN else (abs(rials), 0)
    words = f"{_in_words(whole)} {'تومان' if currency is Currency.TOMAN else 'ریال'}"
    words = f"{words}{_AND}{_in_words(rest)} ریال" if rest else words
    return f"منفی {words}" if rials < 0 else words


def _in_words(number: int) -> str:
    parts = []
    for name in _THOUSANDS:
        number, group = divmod(number, 1000)
        if group:
            # «هزار», not «یک هزار», as on a cheque of a thousand.
            is_bare = group == 1 and name == " هزار" and not number
            parts.append(name.strip() if is_bare else _below_thousand(group) + name)
    return _AND.join(reversed(parts)) or "صفر"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    parts = [_HUNDREDS[hundreds], *([_ONES[rest]] if rest < 20 else [_TENS[tens], _ONES[ones]])]
    return _AND.join(part for part in parts if part)
