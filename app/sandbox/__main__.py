"""``python -m app.sandbox PORT``: the sandbox's small server; it shows the mails that would have left."""

from __future__ import annotations

import html
import json
import sys
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGE = """<!doctype html>
<html lang="fa" dir="rtl"><meta charset="utf-8"><title>آوا · جعبه‌شن</title>
<style>body{{font:15px/1.8 Vazirmatn,Tahoma,sans-serif;max-width:760px;margin:32px auto;padding:0 16px}}
article{{border:1px solid #ddd;border-radius:8px;padding:8px 16px;margin:12px 0}}pre{{white-space:pre-wrap;font:inherit}}</style>
<h1>جعبه‌شن پیامک و ایمیل</h1>
{mails}</html>"""
NOTHING = "<p>هنوز پیامک یا ایمیلی نرسیده است.</p>"
MOST_BYTES = 1_000_000
# The newest first; a development page needs no more.
mails: deque[dict[str, Any]] = deque(maxlen=200)


class Sandbox(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/sandbox/":
            self._answer(200, "text/html; charset=utf-8", PAGE.format(mails=_shown()))
        elif self.path == "/sandbox/ledger":
            self._answer(200, "application/json", json.dumps([]))
        elif self.path == "/sandbox/mails":
            self._answer(200, "application/json", json.dumps(list(mails), ensure_ascii=False))
        elif self.path == "/healthz":
            self._answer(200, "text/plain", "ok")
        else:
            self._answer(404, "text/plain", "")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/sandbox/mails" or length > MOST_BYTES:
            self._answer(404, "text/plain", "")
            return
        mails.appendleft(json.loads(self.rfile.read(length)))
        self._answer(201, "text/plain", "")

    def _answer(self, status: int, kind: str, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: the supervisor's screen belongs to the panel."""


def _shown() -> str:
    cards = [
        f"<article><h2>{html.escape(mail['subject'])}</h2><p><bdi dir='ltr'>{html.escape(mail['to'])}</bdi></p>"
        f"<pre>{html.escape(mail['text'])}</pre></article>"
        for mail in mails
    ]
    return "".join(cards) or NOTHING


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8001
    ThreadingHTTPServer(("127.0.0.1", port), Sandbox).serve_forever()


if __name__ == "__main__":
    main()
