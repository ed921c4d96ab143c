"""Opt-out and opt-in keywords in incoming SMS."""

from __future__ import annotations

import enum
import re
import unicodedata

from app.lib.persian import normalize

_LONGEST = 200
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
_SPLIT_NUMBER = re.compile("(?<=[0-9])\u200c+(?=[0-9])")
_STOP_WORDS = {"11", "لغو", "توقف", "انصراف", "stop", "off", "unsubscribe", "cancel"}
_START_WORDS = {"12", "start"}
_WITH_A_WORD = {
    "stop": {
        "عضویت",
        "پیامک",
        "پیامکها",
        "ارسال",
        "دریافت",
        "کن",
        "کنید",
        "کنین",
        "شود",
        "بشه",
        "نمایید",
        "all",
        "sms",
        "messages",
    },
    "start": {"فعال", "عضویت", "دریافت", "پیامک", "کن", "کنید", "on", "sms"},
}
_COURTESY = {
    "لطفا",
    "لطفن",
    "خواهش",
    "خواهشا",
    "خواهشمندم",
    "خواهشمند",
    "است",
    "می",
    "میکنم",
    "کنم",
    "بی",
    "زحمت",
    "سلام",
    "درود",
    "عرض",
    "ادب",
    "احترام",
    "خسته",
    "نباشید",
    "ممنون",
    "ممنونم",
    "مرسی",
    "متشکر",
    "متشکرم",
    "تشکر",
    "با",
    "سپاس",
    "سپاسگزار",
    "سپاسگزارم",
    "و",
    "please",
    "pls",
    "plz",
    "thanks",
    "thank",
    "you",
    "thx",
    "ty",
    "hi",
    "hello",
    "dear",
}
# Alone, «صبح» and «شب» name the time of a call.
_GREETING = re.compile(r"\b(?:صبح|ظهر|عصر|شب|روز|وقت|وقتتون|وقتتان)(?: شما)? (?:بخیر|به خیر)\b")


class Keyword(enum.Enum):
    STOP = "stop"
    START = "start"


def keyword_of(text: str) -> Keyword | None:
    """The keyword of *text*, if it has only keywords and polite words; STOP wins over START."""
    if len(text) > _LONGEST:
        return None
    words = _words(text)
    if _STOP_WORDS & set(words):
        return Keyword.STOP if _only(words, _STOP_WORDS | _START_WORDS, "stop") else None
    is_question = "?" in text or "؟" in text
    if _START_WORDS & set(words) and not is_question and _only(words, _START_WORDS, "start"):
        return Keyword.START
    return None


def _only(words: list[str], keywords: set[str], kind: str) -> bool:
    return set(words) <= keywords | _WITH_A_WORD[kind] | _COURTESY


def _words(text: str) -> list[str]:
    """The numbers and words of *text*, normalised, without marks, signs and emoji."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKC", normalize(unicodedata.normalize("NFKC", text)))
        if unicodedata.category(letter)[0] != "M"
        and (letter == "\u200c" or unicodedata.category(letter) != "Cf")
    )
    words = " ".join(_TOKEN.findall(_SPLIT_NUMBER.sub("", plain).casefold()))
    return _GREETING.sub(" ", words).split()
