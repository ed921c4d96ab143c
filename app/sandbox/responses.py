"""Serialization of API results, including deliberately broken responses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.sandbox.faults import Faults
from app.sandbox.kavenegar_api import ApiResult
from app.sandbox.settings import Mode
from app.sandbox.status_texts import MESSAGES

JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_ERROR_PAGE = (
    "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
)
_BUSY = {409, 429, 451}
_PADDING = 8 * 1024 * 1024


@dataclass(frozen=True)
class HttpResponse:
    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, JSON, json.dumps(value, ensure_ascii=False).encode())


def render_response(result: ApiResult, faults: Faults) -> HttpResponse:
    """The HTTP response for *result*; the server itself handles silence and dropped connections."""
    if result.mode is Mode.BAD_GATEWAY:
        return HttpResponse(502, _HTML, _ERROR_PAGE.encode())
    if result.mode is Mode.HTML:
        return HttpResponse(200, _HTML, _ERROR_PAGE.encode())
    entries = result.entries
    if isinstance(entries, list):
        entries = _corrupted(entries, result.mode, faults)
    head = {"status": result.status, "message": MESSAGES.get(result.status, "خطا")}
    headers = {"Retry-After": "2"} if result.status in _BUSY else {}
    response = replace(json_response({"return": head, "entries": entries}, result.status), headers=headers)
    if result.mode is Mode.CUT:
        return replace(response, body=response.body[: len(response.body) // 2])
    if result.mode is Mode.HUGE:
        return replace(response, body=response.body + b" " * _PADDING)
    return response


def _corrupted(entries: Sequence[dict[str, Any]], mode: Mode, faults: Faults) -> Sequence[dict[str, Any]]:
    if mode is Mode.PARTIAL:
        missing = max(1, round(len(entries) * faults.settings.partial_share))
        return faults.shuffled(entries)[missing:]
    if mode is Mode.SHUFFLE:
        return faults.shuffled(entries)
    if mode is Mode.DUPLICATE:
        first = entries[0]
        return [first, *entries[:-1], {**entries[-1], "messageid": first["messageid"]}]
    if mode is Mode.ANONYMOUS:
        return [{name: value for name, value in entry.items() if name != "localid"} for entry in entries]
    return entries
