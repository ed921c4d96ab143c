"""``python -m app.sandbox PORT``: the sandbox's small server; it receives nothing yet."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html>
<html lang="fa" dir="rtl"><meta charset="utf-8"><title>آوا · جعبه‌شن</title>
<h1>جعبه‌شن پیامک و ایمیل</h1>
<p>هنوز پیامک یا ایمیلی نرسیده است.</p></html>"""

ANSWERS = {
    "/sandbox/": ("text/html; charset=utf-8", PAGE),
    "/sandbox/ledger": ("application/json", json.dumps([])),
    "/healthz": ("text/plain", "ok"),
}


class Sandbox(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, body = ANSWERS.get(self.path, ("text/plain", ""))
        self.send_response(200 if self.path in ANSWERS else 404)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: the supervisor's screen belongs to the panel."""


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8001
    ThreadingHTTPServer(("127.0.0.1", port), Sandbox).serve_forever()


if __name__ == "__main__":
    main()
