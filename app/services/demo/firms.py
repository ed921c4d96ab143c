"""The organisations of the demo: their products, sources and members."""

from __future__ import annotations

from models.order_source import SourceKind

PRODUCTS = {
    "P-101": "دوره حسابداری",
    "P-102": "دوره زبان انگلیسی",
    "P-103": "اشتراک یک‌ساله",
    "P-104": "کتاب موفقیت",
    "P-105": "بسته کنکور ریاضی",
}
# In rials.
PRICES = {
    "P-101": 85_000_000,
    "P-102": 62_000_000,
    "P-103": 24_000_000,
    "P-104": 4_900_000,
    "P-105": 38_000_000,
}
SOURCES = (("فرم سایت", SourceKind.FORM), ("اینستاگرام", SourceKind.MANUAL))
NAMES = ("آلفا", "بهار", "پارس", "ترنج", "ثمر", "جهان")
MAIL_DOMAIN = "example.ir"

# User name and role of the members of each organisation; the user name gets the slug appended.
ROLES = {
    "manager": "Manager",
    "consultant1": "Consultant",
    "consultant2": "Consultant",
    "support": "SupportAgent",
}
# Their first and last names, in the organisations in turn.
PEOPLE: tuple[dict[str, tuple[str, str]], ...] = (
    {
        "manager": ("نرگس", "امینی"),
        "consultant1": ("سارا", "محمدی"),
        "consultant2": ("امیر", "حسینی"),
        "support": ("مینا", "صالحی"),
    },
    {
        "manager": ("بهزاد", "رستمی"),
        "consultant1": ("الهام", "نظری"),
        "consultant2": ("پویا", "یزدانی"),
        "support": ("فرزانه", "توکلی"),
    },
)
