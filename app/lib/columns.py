"""Which column of a file holds what, by the words that people put above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.lib.persian import fold

# The fields in the order in which they may claim a heading that would suit several.
_SYNONYMS: Mapping[str, Sequence[str]] = {
    "mobile": (
        "موبایل",
        "تلفن همراه",
        "همراه",
        "شماره موبایل",
        "شماره همراه",
        "شماره تماس",
        "شماره تلفن",
        "تلفن",
        "تماس",
        "شماره",
        "mobile",
        "mobile number",
        "cell phone",
        "phone",
        "phone number",
        "tel",
    ),
    "reference": (
        "شماره سفارش",
        "کد سفارش",
        "شناسه سفارش",
        "کد پیگیری",
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
        "خدمت",
        "product",
        "product name",
        "product code",
        "item",
        "sku",
    ),
    "ordered_at": (
        "تاریخ",
        "تاریخ سفارش",
        "تاریخ ثبت",
        "تاریخ ثبت سفارش",
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
    "first_name": ("نام", "نام کوچک", "first name"),
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
# A word this short is part of too many others to mean anything inside a longer heading.
_SHORTEST_PART = 4


def guess_columns(headers: Sequence[str]) -> dict[str, int]:
    """Field → column for every field that a heading names; no column serves two fields."""
    folded = [fold(header) for header in headers]
    found: dict[str, int] = {}
    for field, words in _FOLDED.items():
        _claim(found, field, [index for index, heading in enumerate(folded) if heading in words])
    for index, heading in enumerate(folded):
        part = None if index in found.values() else _part_of(heading)
        if part is not None:
            _claim(found, part, [index])
    if "first_name" in found and not {"last_name", "full_name"} & found.keys():
        # A lone «نام» holds both halves more often than one.
        found["full_name"] = found.pop("first_name")
    return found


def _claim(found: dict[str, int], field: str, candidates: Sequence[int]) -> None:
    free = [index for index in candidates if index not in found.values()]
    if free and field not in found:
        found[field] = free[0]


def _part_of(heading: str) -> str | None:
    """The field whose longest word lies inside *heading*."""
    parts = [
        (len(word), field)
        for field, words in _FOLDED.items()
        for word in words
        if len(word) >= _SHORTEST_PART and word in heading
    ]
    return max(parts, key=lambda part: part[0])[1] if parts else None
