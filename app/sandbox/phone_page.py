"""HTML page that shows the received messages as on a phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.lib.jalali import format_date, format_time
from app.lib.mobile import MobileError, canonical_mobile, display_mobile, local_mobile
from app.lib.persian import group_number, persian_digits
from app.sandbox.ledger import Entry, status_at
from app.sandbox.responses import HttpResponse
from app.sandbox.state import SandboxState
from app.sandbox.status_texts import STATES

_HERE = Path(__file__).parent / "page"
_FONTS = Path(__file__).parents[1] / "static" / "dist"
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_MAX_PHONES, _MAX_SCANNED, _MAX_BUBBLES, _MAX_MAILS = 30, 5000, 60, 20
_MODES = {
    "error": "خطای ۵۰۰ پیش از پذیرش",
    "busy": "شلوغ (۴۲۹)",
    "busy_409": "شلوغ (۴۰۹)",
    "no_credit": "بی‌اعتبار",
    "silent": "پذیرش بی‌پاسخ",
    "reset": "پذیرش و قطع اتصال",
    "bad_gateway": "پذیرش و پاسخ ۵۰۲",
    "html": "صفحهٔ HTML به‌جای پاسخ",
    "cut": "پاسخ نیمه‌کاره",
    "huge": "پاسخ بسیار بزرگ",
    "partial": "پاسخ ناقص",
    "shuffle": "پاسخ با ترتیب دیگر",
    "duplicate": "شناسه‌های تکراری",
    "anonymous": "پاسخ بی‌شناسهٔ محلی",
    "reject_numbers": "رد شماره‌ها",
}


class PhonePage:
    """Renders the page, its refreshed part and its static files; message texts are escaped."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        self._templates = Environment(
            loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        filters: dict[str, Callable[..., str]] = {
            "clock": lambda stamp: format_time(datetime.fromtimestamp(stamp, UTC)),
            "day": lambda stamp: format_date(datetime.fromtimestamp(stamp, UTC)),
            "mobile": _display,
            "persian": persian_digits,
            "group": group_number,
        }
        self._templates.filters |= filters

    def page(self, name: str, fields: Mapping[str, str]) -> HttpResponse | None:
        """The page, its refreshed part or a static file; None for another name."""
        if name in {"", "screen"}:
            template = "phone.html" if not name else "screen.html"
            html = self._templates.get_template(template).render(self._context(_number(fields)))
            return HttpResponse(200, "text/html; charset=utf-8", html.encode())
        if name in {"phone.css", "phone.js"}:
            path = _HERE / name
            return HttpResponse(200, _KINDS[path.suffix], path.read_bytes())
        if name in {"arabic.woff2", "latin.woff2"}:
            font = next(_FONTS.glob(f"vazirmatn-{name.removesuffix('.woff2')}-*.woff2"), None)
            return HttpResponse(200, "font/woff2", font.read_bytes()) if font else None
        return None

    def redirect_back(self, fields: Mapping[str, Any]) -> HttpResponse:
        """Redirect to the page after one of its forms was submitted."""
        number = str(fields.get("from") or "")
        return HttpResponse(303, "text/plain", b"", {"Location": f"/sandbox/?number={quote(number)}"})

    def _context(self, number: str) -> dict[str, Any]:
        state = self._state
        settings = state.faults.settings
        failures = {**settings.shares, "reject_numbers": settings.reject_numbers}
        messages = state.ledger.by_mobile.get(number, [])[-_MAX_BUBBLES:] if number else []
        return {
            "number": number,
            "now": state.faults.now(),
            "bubbles": [self._bubble(message) for message in messages],
            "line": next((row["sender"] for row in reversed(messages) if "localid" in row), ""),
            "phones": self._phones(),
            "accepted": len(state.ledger.entries),
            "waiting": len(settings.next),
            "failures": [(_MODES[name], round(share * 100)) for name, share in failures.items() if share],
            "listens": bool(settings.inbound_url),
            "mails": list(state.mails)[:_MAX_MAILS],
        }

    def _bubble(self, message: Entry) -> dict[str, Any]:
        # Inbound texts have no cost.
        is_ours = "cost" not in message
        status = None if is_ours else status_at(message, self._state.faults.now())
        return {**message, "is_ours": is_ours, "state": status, "state_text": STATES.get(status or 0, "")}

    def _phones(self) -> list[Entry]:
        """The most recent recipients, each with the newest message."""
        newest: dict[str, Entry] = {}
        entries: Sequence[Entry] = self._state.ledger.entries[-_MAX_SCANNED:]
        for entry in reversed(entries):
            newest.setdefault(entry["receptor"], entry)
            if len(newest) == _MAX_PHONES:
                break
        return [
            {**entry, "count": len(self._state.ledger.by_mobile[number])} for number, entry in newest.items()
        ]


def _number(fields: Mapping[str, str]) -> str:
    try:
        return local_mobile(canonical_mobile(fields.get("number")))
    except MobileError:
        return ""


def _display(number: str) -> str:
    try:
        return display_mobile(canonical_mobile(number))
    except MobileError:
        return number
