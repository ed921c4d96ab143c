"""The sandbox's HTTP server: Kavenegar's interface under ``/v1/``, its own pages under ``/sandbox/``."""

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

from app.sandbox.kavenegar_api import Call, Told
from app.sandbox.phone_page import Phone
from app.sandbox.responses import Wire, as_json, on_wire
from app.sandbox.settings import Mode
from app.sandbox.state import House

_METHOD = re.compile(r"/v1/([^/]+)/([a-z/]+)\.json")
_MOST_BYTES = 8 * 1024 * 1024
_SLOW_KEY = 35.0
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Server(ThreadingHTTPServer):
    """One thread for each connection, many of which are kept waiting on purpose."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, folder: Path, *, tls: tuple[Path, Path] | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.house = House(folder)
        self.phone = Phone(self.house)
        if tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*tls)
            # The handshake belongs to the connection's own thread.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_close(self) -> None:
        self.house.close()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that went away are what this server is for."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MOST_BYTES:
            self.close_connection = True
            self._send(as_json({"return": {"status": 414, "message": ""}, "entries": None}, 414))
            return
        self._serve(self._given(self.rfile.read(length)))

    def _serve(self, given: Mapping[str, Any]) -> None:
        parts = urlsplit(self.path)
        fields = _flat(parse_qs(parts.query, keep_blank_values=True)) | dict(given)
        if match := _METHOD.fullmatch(parts.path):
            self._speak(Call(match[1], match[2], fields, dict(self.headers)))
            return
        name = re.sub(r"^/(sandbox|__admin)/", "", parts.path)
        wire = self._own(name, fields) if name != parts.path else None
        if parts.path == "/healthz":
            wire = Wire(200, "text/plain", b"ok")
        self._send(wire or Wire(404, "text/plain", b""))

    def _own(self, name: str, fields: Mapping[str, Any]) -> Wire | None:
        house = self.server.house
        if self.command == "GET":
            return self.server.phone.page(name, fields) or house.read(name, fields)
        # A page of the web that somebody has open beside this one must not press its buttons.
        if self.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return Wire(403, "text/plain", b"")
        wire = house.write(name, fields)
        if wire and wire.status < HTTPStatus.BAD_REQUEST and "text/html" in self.headers.get("Accept", ""):
            return self.server.phone.after(fields)
        return wire

    def _speak(self, call: Call) -> None:
        told, house = self.server.house.desk.answer(call), self.server.house
        wait = house.faults.control.slow + (_SLOW_KEY if call.key == "slow" else 0)
        if told.mode is Mode.SILENT:
            wait += house.faults.control.hold
        if wait:
            house.stopping.wait(wait)
        if told.mode in {Mode.SILENT, Mode.RESET}:
            self._hang_up(told)
        else:
            self._send(on_wire(told, house.faults))

    def _hang_up(self, told: Told) -> None:
        self.close_connection = True
        if told.mode is Mode.RESET:
            # Closing with nothing to linger for is a reset to the other side.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _send(self, wire: Wire) -> None:
        self.send_response(wire.status)
        self.send_header("Content-Type", wire.kind)
        self.send_header("Content-Length", str(len(wire.body)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in wire.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(wire.body)

    def _given(self, body: bytes) -> dict[str, Any]:
        if "json" in self.headers.get("Content-Type", ""):
            try:
                told = json.loads(body)
            except ValueError:
                return {}
            return told if isinstance(told, dict) else {}
        return _flat(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: the supervisor's screen belongs to the panel."""


def _flat(fields: Mapping[str, list[str]]) -> dict[str, str]:
    """A field that is given several times is a list between commas, as clients send receptors."""
    return {name: ",".join(values) for name, values in fields.items()}
