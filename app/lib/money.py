"""Money: whole rials inside, the organisation's currency outside."""

import enum
import re

from app.lib.persian import group_number, latin_digits, persian_digits

MOST = 10**15
_SEPARATORS = re.compile(r"[,٬،\s\u200c\u200e\u200f_']")


class Currency(enum.Enum):
    RIAL = "rial"
    TOMAN = "toman"


class Reason(enum.Enum):
    """What is wrong with an amount."""

    FORMAT = "format"
    FRACTION = "fraction"
    TOO_LARGE = "too_large"


class AmountError(ValueError):
    """Not an amount of whole rials."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def parse_amount(text: str, currency: Currency) -> int:
    """The rials that *text*, written in *currency*, stands for; raises `AmountError`."""
    plain = _SEPARATORS.sub("", latin_digits(text)).replace("٫", ".")
    match = re.fullmatch(r"(\d{1,16})(?:\.(\d*))?", plain) if plain.isascii() else None
    if match is None:
        raise AmountError(Reason.FORMAT)
    fraction = (match[2] or "").rstrip("0")
    if len(fraction) > (1 if currency is Currency.TOMAN else 0):
        raise AmountError(Reason.FRACTION)
    rials = int(match[1]) * 10 + int(fraction or 0) if currency is Currency.TOMAN else int(match[1])
    if rials > MOST:
        raise AmountError(Reason.TOO_LARGE)
    return rials


def format_amount(rials: int, currency: Currency) -> str:
    """*rials* in *currency*, grouped, in Persian digits."""
    if currency is Currency.RIAL:
        return group_number(rials)
    tomans, rest = divmod(abs(rials), 10)
    sign = "−" if rials < 0 else ""
    return sign + group_number(tomans) + (f"٫{persian_digits(rest)}" if rest else "")
