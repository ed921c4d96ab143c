"""The words of the panel: one spelling and one name for each thing, in the catalogue, the scripts and the sandbox."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from app.panel.layout.script_words import KEYS, WORDS

CATALOGUE = Path("translations/fa/LC_MESSAGES/messages.po")
# A word that no text may have, and the word in its place.
FORBIDDEN = [
    ("پرونده(?! ?سازمانی|‌های سازمانی)", "فایل (پرونده: the dossier of a customer)"),
    ("(?<!هم)(?:این|آن)‌جا", "اینجا، آنجا"),
    ("گم‌شده|گم شده", "از دست‌رفته"),
    (r"\bدیر\b(?! شده)", "عقب‌افتاده"),
    ("پیامک‌های ارسال شده", "پیامک‌های ارسال‌شده"),
    ("انتساب یافت[.؛]", "میان … پخش شد، به … داده شد"),
    ("نگه‌داشته", "تکراری، منتظر تصمیم"),
    ("نمایش پیش‌نمایش", "دیدن پیش‌نمایش"),
    ("سرنوشت", "وضعیت هر ردیف"),
    ("تکرارِ", "سفارش اصلی"),
    ("یک‌بارمصرف", "رمز موقت"),
    ("نقش تازه", "افزودن نقش"),
    ("بدون نما", "برداشتن نما"),
    ("دیده‌شده توسط", "مشاهدهٔ …"),
    ("جعبه‌شن", "پیامک‌های آزمایشی آوا"),
    ("[يك]", "ی، ک"),
    (
        r"(?:حذف|تغییر) %\(\w+\)s ردیف|%\(\w+\)s ردیف (?:حذف|تغییر|انجام|بازگردانده)",
        "the noun of the section",
    ),
    ("[٠-٩]", "Persian digits"),
    (r"\b(?:می|نمی) [آ-ی]", "a half-space after می"),
    ("[آ-ی] (?:ها|های|هایی)\\b", "a half-space before ها"),
]
# A label or heading says «سفارشات», a sentence may say «سفارش‌ها».
SENTENCE = re.compile("[.؛:؟]|می‌|شود|است")


def catalogue() -> Iterator[tuple[str, str]]:
    with CATALOGUE.open("rb") as file:
        for message in read_po(file, locale="fa"):
            for text in message.string if isinstance(message.string, tuple | list) else [message.string]:
                if message.id:
                    yield str(message.id), text


def files() -> Iterator[tuple[str, str]]:
    """Persian texts outside the catalogue."""
    for folder in ("app/assets/js", "app/sandbox", "app/templates", "views"):
        for path in Path(folder).rglob("*.*"):
            if path.suffix in {".js", ".html", ".py"} and "node_modules" not in path.parts:
                for line in path.read_text("utf-8").splitlines():
                    yield path.as_posix(), line


TEXTS = [*catalogue(), *files()]


@pytest.mark.parametrize(("word", "better"), FORBIDDEN, ids=[better for _word, better in FORBIDDEN])
def test_no_text_has_a_word_that_another_one_replaces(word, better):
    # The folding of letters in the palette and the status texts of a provider quote what others write.
    quoted = {
        "app/assets/js/layout/fold.js",
        "app/assets/js/forms/digits.js",
        "app/sandbox/status_texts.py",
    }
    assert not [(name, text) for name, text in TEXTS if re.search(word, text) and name not in quoted]


def test_a_label_says_orders_as_the_manual_does():
    assert not [text for _name, text in catalogue() if "سفارش‌ها" in text and not SENTENCE.search(text)]


def test_the_catalogue_is_read():
    assert len(TEXTS) > 1_000


SCRIPTS = Path("app/assets/js/layout")
WORD = re.compile(r'^  (\w+): (?:\(.*?\) => )?[`"](.*)[`"],$', re.MULTILINE)


def words_of(name):
    """The texts of a script by name, with the placeholders of the catalogue."""
    script = (SCRIPTS / name).read_text("utf-8")
    found = WORD.findall(script)
    # Every line of the object is read.
    assert len(found) == len(re.findall("^  \\w+:", script, re.MULTILINE))
    return {key: re.sub(r"\$\{(\w+)\}", r"%(\1)s", text) for key, text in found}


def test_the_words_of_scripts_are_those_of_the_catalogue():
    translations = dict(catalogue())
    msgids = {key: str(word._args[0]) for key, word in WORDS.items()}

    assert words_of("words.js") | words_of("late-words.js") == {
        key: translations[msgid] for key, msgid in msgids.items()
    }


def test_the_help_of_the_keys_is_that_of_the_catalogue():
    translations = dict(catalogue())
    acts = re.findall(r'^  \[".*?", "(.*)"\],$', (SCRIPTS / "keys.js").read_text("utf-8"), re.MULTILINE)

    assert sorted(acts) == sorted(translations[str(word._args[0])] for word in KEYS)


# The names of months and days of the calendar, and letters that are alike.
LETTERS = {"jalali.js", "fold.js"}


def test_no_other_script_has_persian_words():
    for path in SCRIPTS.parent.rglob("*.js"):
        code = re.sub(r"^\s*(?://|\*|/\*).*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
        has_words = re.search("[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]{2,}", code) is not None
        assert not has_words or path.name in {"words.js", "late-words.js", "keys.js", *LETTERS}, path


def test_numbers_of_sentences_have_persian_digits():
    # Latin digits stay in names of formats and addresses, and in the notation of REST.
    texts = [re.sub(r"%\(\w+\)s|[A-Za-z/][\w/-]*|«12:3,15:1»", "", text) for _key, text in catalogue()]
    assert [text for text in texts if re.search("[0-9]", text)] == []
