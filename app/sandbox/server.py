"""HTTP server of the sandbox: Kavenegar's API under ``/v1/``, the sandbox's own pages under ``/sandbox/``."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.sandbox.kavenegar_api import ApiCall, ApiResult
from app.sandbox.phone_page import PhonePage
from app.sandbox.responses import HttpResponse, json_response, render_response
from app.sandbox.settings import Mode
from app.sandbox.state import SandboxState

_METHOD = re.compile(r"/v1/([^/]+)/([a-z/]+)\.json")
_MAX_BYTES = 8 * 1024 * 1024
_SLOW_KEY_DELAY = 35.0
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class SandboxServer(ThreadingHTTPServer):
    """A threaded server: one thread per connection, because many connections wait on purpose."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, folder: Path, *, tls: tuple[Path, Path] | None = None) -> None:
        super().__init__(("127.0.0.1", port), SandboxHandler)
        self.state = SandboxState(folder)
        self.phone = PhonePage(self.state)
        if tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*tls)
            # The handshake runs in the connection's own thread.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_close(self) -> None:
        self.state.close()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors: clients that disconnect are expected here."""


class SandboxHandler(BaseHTTPRequestHandler):
    server: SandboxServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BYTES:
            self.close_connection = True
            self._send(json_response({"return": {"status": 414, "message": ""}, "entries": None}, 414))
            return
        self._serve(self._parse_body(self.rfile.read(length)))

    def _serve(self, given: Mapping[str, Any]) -> None:
        parts = urlsplit(self.path)
        fields = _flat(parse_qs(parts.query, keep_blank_values=True)) | dict(given)
        if match := _METHOD.fullmatch(parts.path):
            self._serve_api(ApiCall(match[1], match[2], fields, dict(self.headers)))
            return
        name = re.sub(r"^/(sandbox|__admin)/", "", parts.path)
        response = self._serve_page(name, fields) if name != parts.path else None
        if parts.path == "/healthz":
            response = HttpResponse(200, "text/plain", b"ok")
        self._send(response or HttpResponse(404, "text/plain", b""))

    def _serve_page(self, name: str, fields: Mapping[str, Any]) -> HttpResponse | None:
        state = self.server.state
        if self.command == "GET":
            return self.server.phone.page(name, fields) or state.read(name, fields)
        # Cross-site request forgery: another site in the same browser must not post forms here.
        if self.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return HttpResponse(403, "text/plain", b"")
        response = state.write(name, fields)
        is_html = "text/html" in self.headers.get("Accept", "")
        if response and response.status < HTTPStatus.BAD_REQUEST and is_html:
            return self.server.phone.redirect_back(fields)
        return response

    def _serve_api(self, call: ApiCall) -> None:
        state = self.server.state
        result = state.api.answer(call)
        wait = state.faults.settings.slow + (_SLOW_KEY_DELAY if call.key == "slow" else 0)
        if result.mode is Mode.SILENT:
            wait += state.faults.settings.hold
        if wait:
            state.stopping.wait(wait)
        if result.mode in {Mode.SILENT, Mode.RESET}:
            self._hang_up(result)
        else:
            self._send(render_response(result, state.faults))

    def _hang_up(self, result: ApiResult) -> None:
        self.close_connection = True
        if result.mode is Mode.RESET:
            # A linger time of zero makes the close a TCP reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _send(self, response: HttpResponse) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _parse_body(self, body: bytes) -> dict[str, Any]:
        if "json" in self.headers.get("Content-Type", ""):
            try:
                data = json.loads(body)
            except ValueError:
                return {}
            return data if isinstance(data, dict) else {}
        return _flat(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Log nothing: the supervisor's terminal shows the panel's log."""


def _flat(fields: Mapping[str, list[str]]) -> dict[str, str]:
    """Joins a repeated field with commas, as clients send receptors."""
    return {name: ",".join(values) for name, values in fields.items()}
