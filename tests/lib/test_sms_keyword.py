"""S18, F09, F09b: only a text that consists of a keyword and courtesy is a wish."""

import pytest

from app.lib.sms_text.keyword import Keyword, keyword_of


@pytest.mark.parametrize(
    "text",
    [
        *(
            "11",
            "۱۱",
            "١١",
            "１１",
            "لغو11",
            "لغو ۱۱",
            "لغو",
            "Stop",
            "STOP!",
            "off 11",
            "Off۱۱",
            "11.",
            "«۱۱»",
        ),
        *("لطفا ۱۱", "لطفاً لغو کنید", "سلام\n11\nممنون", "11 🙏", "1️⃣1️⃣", "با‌تشکر 11", "لغو عضويت", "لغـو"),
        *(
            "\u200f11\u200e",
            "\ufeff۱۱",
            "لغو‌۱۱",
            "1\u200b1",
            "سلام، صبح بخیر. لطفا لغو ۱۱، ممنون",
            "لغو 12",
            "11 12",
        ),
    ],
)
def test_f09_a_wish_for_silence(text):
    assert keyword_of(text) is Keyword.STOP


@pytest.mark.parametrize("text", ["12", "۱۲", "١٢", " ۱۲ ", "سلام، لطفا 12", "12 🙏", "Start", "12\nممنون"])
def test_f09_a_wish_for_messages(text):
    assert keyword_of(text) is Keyword.START


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ساعت ۱۱ زنگ بزنید",
            "سلام، پلاک 11 واحد شرقی",
            "چرا ساعت 12 شب پیام می‌دهید؟",
            "12؟",
            "۱۲ شب",
            "11 صبح",
        ),
        *(
            "112",
            "1",
            "1 1",
            "011",
            "11.5",
            "11:30",
            "a11",
            "11a",
            "لغو سفارش",
            "لغو اشتراک یک‌ساله",
            "non-stop",
        ),
        *("", "سلام", "🙏", "ممنون", "12 تا می‌خواهم", "دوباره 12 نفرستید", "11" * 200),
    ],
)
def test_f09_no_wish(text):
    assert keyword_of(text) is None
