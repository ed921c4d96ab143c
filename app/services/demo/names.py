"""Names, places and notes of the demo, with weights: common ones come more often."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from models.result_title import ResultKind

_Item = TypeVar("_Item")
_AT_ONCE = 256


class Weighted(Generic[_Item]):
    """Items of which a generator picks one by their weights."""

    def __init__(self, items: Sequence[tuple[_Item, float]]) -> None:
        self._items = [item for item, _weight in items]
        self._weights = list(accumulate(weight for _item, weight in items))
        self._generator: Random | None = None
        self._drawn: list[_Item] = []

    def pick(self, generator: Random) -> _Item:
        if not self._drawn or self._generator is not generator:
            # Many draws at once cost a fifth of single ones.
            self._generator = generator
            self._drawn = generator.choices(self._items, cum_weights=self._weights, k=_AT_ONCE)
        return self._drawn.pop()


def _by_rank(words: str) -> list[tuple[str, float]]:
    """Words separated by commas, the commonest first."""
    names = [word.strip() for word in words.split("،")]
    return [(name, 1 / (rank + 6)) for rank, name in enumerate(names)]


WOMEN = _by_rank(
    "زهرا، فاطمه، مریم، زینب، سارا، معصومه، نرگس، لیلا، سمیه، مینا، الهام، نازنین، مهسا، شیما، پریسا، نگار، الهه، "
    "سمانه، راضیه، اعظم، طاهره، پروین، شهلا، مهناز، فرزانه، ندا، هانیه، ریحانه، یاسمین، ژاله، شبنم، آیدا، نسترن، کیمیا، "
    "بهاره، مژگان، سپیده، عاطفه، حدیث، ستایش، رویا، گلناز، آزاده، فریبا، شقایق، غزل، مهدیه، پگاه، آناهیتا، ترانه"
)
MEN = _by_rank(
    "محمد، علی، حسین، رضا، مهدی، حسن، امیرحسین، احمد، محمدرضا، عباس، ابوالفضل، امیر، سعید، مجید، مصطفی، حمید، علیرضا، "
    "جواد، محسن، مسعود، میلاد، پویا، آرش، بهزاد، کامران، ایمان، وحید، سجاد، یوسف، ابراهیم، فرهاد، کیان، نیما، سینا، "
    "آرین، پارسا، شایان، بابک، هادی، کاظم، داوود، اکبر، رسول، سیاوش، کوروش، پیمان، امید، بهنام، شهرام، روزبه"
)
FIRST = Weighted([*WOMEN, *MEN])
LAST = Weighted(
    _by_rank(
        "محمدی، حسینی، احمدی، رضایی، کریمی، موسوی، جعفری، قاسمی، مرادی، حیدری، رحیمی، صادقی، ابراهیمی، کاظمی، هاشمی، "
        "اکبری، رستمی، نوری، باقری، شریفی، سلیمانی، یوسفی، عباسی، صالحی، میرزایی، یزدانی، طاهری، نظری، اسدی، فرهادی، "
        "پورحسین، قاسم‌زاده، مهدوی، زارعی، نجفی، خسروی، توکلی، امینی، بهرامی، سلطانی، رنجبر، غلامی، شفیعی، حسن‌پور، "
        "علیزاده، کوهستانی، دهقان، نادری، فتحی، ملکی، پناهی، جلالی، تقوی، عزیزی، یعقوبی، شجاعی، بیات، افشار، صفری، "
        "گودرزی، رضازاده، تهرانی، اصفهانی، شیرازی، تبریزی، موسوی خوانساری، حاجی‌آقایی، نوروزی، سعادتی، کشاورز"
    )
)
# (province, city) by how many people live there.
CITIES = Weighted(
    [
        (("تهران", "تهران"), 90),
        (("خراسان رضوی", "مشهد"), 33),
        (("اصفهان", "اصفهان"), 22),
        (("البرز", "کرج"), 20),
        (("فارس", "شیراز"), 18),
        (("آذربایجان شرقی", "تبریز"), 17),
        (("قم", "قم"), 13),
        (("خوزستان", "اهواز"), 13),
        (("کرمانشاه", "کرمانشاه"), 10),
        (("آذربایجان غربی", "ارومیه"), 8),
        (("گیلان", "رشت"), 8),
        (("کرمان", "کرمان"), 7),
        (("همدان", "همدان"), 6),
        (("یزد", "یزد"), 6),
        (("اردبیل", "اردبیل"), 6),
        (("هرمزگان", "بندرعباس"), 6),
        (("قزوین", "قزوین"), 5),
        (("زنجان", "زنجان"), 5),
        (("مازندران", "ساری"), 5),
        (("مازندران", "بابل"), 4),
        (("گلستان", "گرگان"), 4),
        (("لرستان", "خرم‌آباد"), 4),
        (("کردستان", "سنندج"), 4),
        (("مرکزی", "اراک"), 4),
        (("اصفهان", "کاشان"), 3),
        (("بوشهر", "بوشهر"), 3),
        (("سمنان", "شاهرود"), 2),
        (("چهارمحال و بختیاری", "شهرکرد"), 2),
    ]
)
ORDER_NOTES = Weighted(
    [
        (None, 30),
        ("لطفاً عصر تماس بگیرید", 3),
        ("قیمت و شرایط قسطی را می‌خواهد", 2),
        ("از اینستاگرام آمده است", 3),
        ("دوستش معرفی کرده است", 2),
        ("برای فرزندش سفارش داده است", 1),
        ("فاکتور رسمی می‌خواهد", 1),
        ("فقط در واتساپ پاسخ می‌دهد", 1),
    ]
)
CUSTOMER_NOTES: Weighted[str | None] = Weighted(
    [
        (None, 40),
        ("مشتری قدیمی، با تخفیف", 1),
        ("عصرها پاسخ می‌دهد", 2),
        ("نام خانوادگی را با همسرش یکی نکنید", 1),
        ("ترجیح می‌دهد پیامک بگیرد", 1),
        ("از همایش پاییز آمده است", 1),
    ]
)
RESULT_NOTES: dict[ResultKind, Weighted[str | None]] = {
    ResultKind.OPEN: Weighted([(None, 3), ("اطلاعات فرستاده شد", 2), ("باید با همسرش مشورت کند", 1), ("قیمت را پرسید", 2)]),
    ResultKind.CALLBACK: Weighted([(None, 2), ("سر کار بود، گفت عصر", 2), ("آخر هفته تصمیم می‌گیرد", 1)]),
    ResultKind.UNREACHABLE: Weighted([(None, 8), ("بوق خورد و قطع شد", 1), ("خاموش بود", 1)]),
    ResultKind.WON: Weighted([("کارت به کارت کرد", 3), ("از درگاه پرداخت کرد", 2), ("واریز شد", 2)]),
    ResultKind.LOST: Weighted([("قیمت برایش زیاد بود", 3), ("از جای دیگری خرید", 2), ("فعلاً لازم ندارد", 2)]),
    ResultKind.INVALID: Weighted([("شماره برای شخص دیگری است", 2), ("شماره در شبکه نیست", 1)]),
}  # fmt: skip
