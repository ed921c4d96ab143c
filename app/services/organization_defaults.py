"""What a new organisation begins with: result titles, suggested contacts and sources of orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.order_source import SourceKind
from models.result_title import ResultColour, ResultKind, ResultScope, ResultTitle, SuggestedTime

# Default result titles: (title, colour, kind, what it requires).
DEFAULT_RESULTS: tuple[tuple[str, ResultColour, ResultKind, str], ...] = (
    ("تماس مجدد", ResultColour.BLUE, ResultKind.CALLBACK, "next"),
    ("پاسخ نداد", ResultColour.ORANGE, ResultKind.UNREACHABLE, "next"),
    ("در حال بررسی", ResultColour.VIOLET, ResultKind.OPEN, ""),
    ("ارسال اطلاعات", ResultColour.TEAL, ResultKind.OPEN, ""),
    ("خرید کرد", ResultColour.GREEN, ResultKind.WON, ""),
    ("منصرف شد", ResultColour.RED, ResultKind.LOST, "note"),
    ("شماره اشتباه", ResultColour.GRAY, ResultKind.INVALID, ""),
)
# The next contact that default titles suggest: (unit, number).
DEFAULT_SUGGESTIONS: Mapping[str, tuple[SuggestedTime, int | None]] = {
    "تماس مجدد": (SuggestedTime.MORNING, None),
    "پاسخ نداد": (SuggestedTime.HOURS, 3),
    "در حال بررسی": (SuggestedTime.DAYS, 3),
    "ارسال اطلاعات": (SuggestedTime.DAYS, 2),
}
DEFAULT_SUPPORT: tuple[tuple[str, ResultColour, ResultKind, str], ...] = (
    ("راهنمایی شد", ResultColour.TEAL, ResultKind.OPEN, ""),
    ("پاسخ نداد", ResultColour.ORANGE, ResultKind.UNREACHABLE, "next"),
    ("تماس مجدد", ResultColour.BLUE, ResultKind.CALLBACK, "next"),
    ("در حال بررسی", ResultColour.VIOLET, ResultKind.OPEN, ""),
    ("شکایت", ResultColour.RED, ResultKind.OPEN, "note"),
)
DEFAULT_SOURCES: tuple[tuple[str, SourceKind], ...] = (
    ("ثبت دستی", SourceKind.MANUAL),
    ("ورود فایل", SourceKind.IMPORT),
)


def default_titles(
    scope: ResultScope, rows: tuple[tuple[str, ResultColour, ResultKind, str], ...]
) -> list[ResultTitle]:
    return [
        ResultTitle(
            title=title,
            colour=colour,
            kind=kind,
            scope=scope,
            position=number * 10,
            requires_note=requires == "note",
            requires_next=requires == "next",
            **_suggestion(title),
        )
        for number, (title, colour, kind, requires) in enumerate(rows, start=1)
    ]


def _suggestion(title: str) -> dict[str, Any]:
    unit, count = DEFAULT_SUGGESTIONS.get(title, (None, None))
    return {"suggested_time": unit, "suggested_count": count}
