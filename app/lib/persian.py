"""Persian text: cleaning, comparison, search keys, sort keys, digits."""

import enum
import re
import unicodedata

_PERSIAN, _ARABIC = "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"
_TO_LATIN = {ord(d): str(n) for digits in (_PERSIAN, _ARABIC) for n, d in enumerate(digits)}
_TO_PERSIAN = {ord(str(n)): d for n, d in enumerate(_PERSIAN)}

# Invisible characters for direction, joining or glyph variants.
_INVISIBLE = dict.fromkeys(
    [
        *range(0x200E, 0x2010),  # left-to-right and right-to-left mark
        *range(0x202A, 0x202F),  # embeddings and overrides
        *range(0x2060, 0x2065),  # word joiner and invisible operators
        *range(0x2066, 0x206A),  # isolates
        *range(0xFE00, 0xFE10),  # variation selectors
        *(0x00AD, 0x034F, 0x061C, 0x180E, 0x200B, 0x200D, 0xFEFF),
    ]
)
_LETTERS = {
    ord(source): target
    for target, sources in {"ی": "يىېےۍێ", "ک": "كڪ", "ه": "ةەہھۃ"}.items()
    for source in sources
}
_NORMAL = {
    **_TO_LATIN,
    **_INVISIBLE,
    **_LETTERS,
    **dict.fromkeys(map(ord, "ۀۂ"), "هٔ"),
    0x640: None,
    0xA0: " ",
}
_HARAKAT = dict.fromkeys([*range(0x610, 0x61B), *range(0x64B, 0x660), 0x670, *range(0x6D6, 0x6ED)])
_FOLDED = {
    **_NORMAL,
    **_HARAKAT,
    0x200C: None,
    ord("ء"): None,
    **dict.fromkeys(map(ord, "ۀۂ"), "ه"),
    **dict.fromkeys(map(ord, "آأإٱ"), "ا"),
    ord("ؤ"): "و",
    **dict.fromkeys(map(ord, "ئۓ"), "ی"),
}

# The same two letters, badly encoded: what is stored has the Persian ones (spec 4.2).
_STORED = (("ي", "ی"), ("ك", "ک"))
# Marks, embeddings, overrides and isolates that turn the direction of what stands beside them.
_DIRECTION = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")

# Hamza, on any carrier, is a letter after alef, as in the Persian locale of ICU.
_ALPHABET = "آاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
# Ranks put digits and signs first, then Persian letters, then Latin ones, as in a Persian dictionary.
_RANKS = {ord(letter): chr(0x4E00 + rank) for rank, letter in enumerate(_ALPHABET)}
_RANKS |= {ord("a") + rank: chr(0x5000 + rank) for rank in range(26)}
_SORTED = {
    **_NORMAL,
    **_HARAKAT,
    0x200C: None,
    ord("ٱ"): "ا",
    **dict.fromkeys(map(ord, "أإؤئ"), "ء"),
    **dict.fromkeys(map(ord, "ۀۂ"), "ه"),
    **dict.fromkeys(map(ord, "«»"), '"'),
}
# Spaces, joiners, direction and combining marks, fillers and the tatweel: a text of only these looks empty.
BLANKS = (
    r"\s\u0080-\u00a0\u00ad\u0300-\u036f\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    r"\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u2028-\u202f\u205f-\u206f\u20d0-\u20ff"
    r"\u2800\u3164\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BLANK = re.compile(rf"[{BLANKS}]*")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class TextReason(enum.Enum):
    """Why a text cannot be stored."""

    CONTROL = "control"
    TOO_LONG = "too_long"


class TextError(ValueError):
    """A text that cannot be stored."""

    def __init__(self, reason: TextReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def nfc(text: str) -> str:
    """*text* in Unicode normal form NFC."""
    return unicodedata.normalize("NFC", text)


def is_blank(text: str) -> bool:
    """Whether *text* has no visible character."""
    return _BLANK.fullmatch(text) is not None


def persian_letters(text: str) -> str:
    """*text* with ی and ک for the Arabic letters of the same shape."""
    if not text.isascii():
        for arabic, persian in _STORED:
            text = text.replace(arabic, persian)
    return text


def without_direction_marks(text: str) -> str:
    """*text* without the characters that change the direction of writing."""
    return text if text.isascii() else _DIRECTION.sub("", text)


def one_line(text: str) -> str:
    """*text* with a space for each run of line ends and tabs."""
    return _LINE_ENDS.sub(" ", text).strip() if _LINE_ENDS.search(text) else text


def shorten(text: str, length: int) -> str:
    """The first *length* characters of *text*, with «…» where more follow."""
    return text if len(text) <= length else f"{text[:length]}…"


def clean_line(text: str, *, max_length: int = 5000) -> str:
    """A name or a title: `clean_text` as one line, without marks of direction."""
    return one_line(without_direction_marks(clean_text(text, max_length=max_length))).strip()


def clean_text(text: str, *, max_length: int = 5000) -> str:
    """*text* in NFC with Persian letters and unified line ends; raises `TextError` for control characters and for length."""
    if len(text) > max_length:
        raise TextError(TextReason.TOO_LONG)
    text = persian_letters(nfc(text.replace("\r\n", "\n").replace("\r", "\n")))
    if _FORBIDDEN.search(text):
        raise TextError(TextReason.CONTROL)
    if len(text) > max_length:
        raise TextError(TextReason.TOO_LONG)
    return text


def normalize(text: str) -> str:
    """The form for comparisons: one spelling of each letter, ASCII digits, single spaces; half-spaces stay."""
    return " ".join(nfc(text).translate(_NORMAL).split())


def fold(text: str) -> str:
    """The form for search, without spaces, diacritics and case (spec 4.2)."""
    if text.isascii():
        return "".join(text.split()).lower()
    folded = "".join(unicodedata.normalize("NFKC", text).translate(_FOLDED).split()).casefold()
    # Letters that have become neighbours may compose, so normalise again to make stored and typed keys equal.
    return unicodedata.normalize("NFKC", folded)


def sort_key(text: str) -> str:
    """A key whose byte order is the order of a Persian dictionary."""
    return " ".join(nfc(text).translate(_SORTED).split()).casefold().translate(_RANKS)


def latin_digits(text: str) -> str:
    """*text* with Persian and Arabic digits as ASCII."""
    return text.translate(_TO_LATIN)


def persian_digits(value: object) -> str:
    """*value* with ASCII digits as Persian ones."""
    return str(value).translate(_TO_PERSIAN)


def group_number(number: int) -> str:
    """``1250000`` as «۱٬۲۵۰٬۰۰۰»."""
    return persian_digits(f"{number:,}").replace(",", "٬")


def escape_like(text: str) -> str:
    r"""*text* escaped for LIKE with a backslash as escape character."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
