"""Recognition of columns by their headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.lib.persian import fold

# The order is the priority for a heading that matches several fields; in each field, the clearest words come first.
_SYNONYMS: Mapping[str, Sequence[str]] = {
    "mobile": (
        "موبایل",
        "تلفن همراه",
        "همراه",
        "شماره موبایل",
        "شماره همراه",
        "شماره تلفن همراه",
        "موبایل مشتری",
        "شماره تماس",
        "تلفن تماس",
        "شماره تلفن",
        "تلفن",
        "تماس",
        "شماره",
        "mobile",
        "mobile number",
        "mobile phone",
        "cell phone",
        "cellphone",
        "phone number",
        "phone",
        "tel",
    ),
    "reference": (
        "شماره سفارش",
        "کد سفارش",
        "شناسه سفارش",
        "شماره فاکتور",
        "کد پیگیری",
        "کد رهگیری",
        "شناسه",
        "order id",
        "order number",
        "reference",
    ),
    "product": (
        "محصول",
        "نام محصول",
        "عنوان محصول",
        "کد محصول",
        "کالا",
        "نام کالا",
        "کد کالا",
        "دوره",
        "نام دوره",
        "عنوان دوره",
        "عنوان کالا",
        "خدمت",
        "product",
        "product name",
        "product code",
        "item",
        "sku",
    ),
    "ordered_at": (
        "تاریخ سفارش",
        "تاریخ ثبت سفارش",
        "تاریخ ثبت",
        "تاریخ",
        "تاریخ و ساعت",
        "تاریخ و زمان",
        "تاریخ ایجاد",
        "تاریخ خرید",
        "تاریخ تماس",
        "زمان",
        "زمان سفارش",
        "زمان ثبت",
        "date",
        "order date",
        "ordered at",
        "created at",
    ),
    "postal_code": ("کد پستی", "پستی", "postal code", "postcode", "zip", "zip code"),
    "address": ("آدرس", "نشانی", "نشانی پستی", "address"),
    "email": ("ایمیل", "پست الکترونیک", "پست الکترونیکی", "رایانامه", "email", "e-mail"),
    "last_name": ("نام خانوادگی", "فامیلی", "فامیل", "خانوادگی", "last name", "family name", "surname"),
    "full_name": (
        "نام و نام خانوادگی",
        "نام و فامیلی",
        "نام و فامیل",
        "اسم و فامیل",
        "نام کامل",
        "نام مشتری",
        "مشتری",
        "خریدار",
        "نام خریدار",
        "مخاطب",
        "name",
        "full name",
        "customer",
        "customer name",
    ),
    "first_name": ("نام", "نام کوچک", "اسم", "first name"),
    "quantity": ("تعداد", "مقدار", "تعداد سفارش", "quantity", "qty", "count"),
    "note": (
        "یادداشت",
        "یادداشت مشتری",
        "توضیح",
        "توضیحات",
        "ملاحظات",
        "شرح",
        "note",
        "notes",
        "comment",
        "description",
    ),
    "province": ("استان", "نام استان", "province", "state"),
    "city": ("شهر", "شهرستان", "نام شهر", "city"),
}
_FOLDED = {field: [fold(word) for word in words] for field, words in _SYNONYMS.items()}
_WHOLE = {word for words in _FOLDED.values() for word in words}
# Vague words count only as a whole heading; misleading words rule out a heading that contains them.
_VAGUE = {fold(word) for word in ("شماره", "زمان", "شناسه", "name", "date", "item", "state", "count", "note")}
_MISLEADING = [fold(word) for word in ("تولد", "کد ملی", "شماره ملی", "کارت", "ثابت", "حساب", "شبا", "birth")]
_SHORTEST_PART = 4
_PART_WORDS = [
    (word, field)
    for field, words in _FOLDED.items()
    for word in words
    if len(word) >= _SHORTEST_PART and word not in _VAGUE
]


def guess_columns(headers: Sequence[str]) -> dict[str, int]:
    """The column of each field that a heading names; no column has two fields."""
    folded = [fold(header) for header in headers]
    found: dict[str, int] = {}
    for field, words in _FOLDED.items():
        exact = [(words.index(heading), index) for index, heading in enumerate(folded) if heading in words]
        for _rank, index in sorted(exact):
            _claim(found, field, index)
    for _length, index, field in sorted(_parts(folded)):
        _claim(found, field, index)
    _resolve_names(found)
    return found


def _resolve_names(found: dict[str, int]) -> None:
    """Resolve «نام»: the first name beside a family name, otherwise the full name."""
    if "last_name" in found and "first_name" not in found and "full_name" in found:
        found["first_name"] = found.pop("full_name")
    elif "first_name" in found and not {"last_name", "full_name"} & found.keys():
        found["full_name"] = found.pop("first_name")


def _claim(found: dict[str, int], field: str, index: int) -> None:
    if field not in found and index not in found.values():
        found[field] = index


def _parts(folded: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(−length, column, field) for the longest word in each heading that has no match as a whole."""
    for index, heading in enumerate(folded):
        if heading in _WHOLE or any(word in heading for word in _MISLEADING):
            continue
        parts = [(len(word), field) for word, field in _PART_WORDS if word in heading]
        if parts:
            length, field = max(parts)
            yield -length, index, field
