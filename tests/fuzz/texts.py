"""Texts of odd characters, digits of all kinds and signs."""

from __future__ import annotations

from hypothesis import strategies as st

_ODD = [
    "\0",
    "\u200c",
    "\u202e",
    "\ud800",
    "٫",
    "٬",
    "۰",
    "٩",
    "²",
    "Ⅷ",
    "½",
    "−",
    "+98",
    "0098",
    "e9",
    "inf",
    "nan",
    "/",
    ":",
]
_DIGITS = st.sampled_from("0123456789۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩")
_PIECES = st.one_of(_DIGITS, st.sampled_from(_ODD), st.sampled_from(" -_.,،/:()+"), st.characters())
TEXTS = st.one_of(
    st.lists(_PIECES, max_size=40).map("".join),
    st.lists(_DIGITS, min_size=4, max_size=20).map("".join),
    st.text(),
)
