"""The bytes of an answer, whole or as a failure spoils them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.sandbox.faults import Faults
from app.sandbox.kavenegar_api import Told
from app.sandbox.settings import Mode
from app.sandbox.status_texts import MESSAGES

JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_ERROR_PAGE = (
    "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
)
_BUSY = {409, 429, 451}
_ENORMOUS = 8 * 1024 * 1024


@dataclass(frozen=True)
class Wire:
    status: int
    kind: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200) -> Wire:
    return Wire(status, JSON, json.dumps(value, ensure_ascii=False).encode())


def on_wire(told: Told, faults: Faults) -> Wire:
    """What leaves for *told*; silence and broken connections are the server's own business."""
    if told.mode is Mode.BAD_GATEWAY:
        return Wire(502, _HTML, _ERROR_PAGE.encode())
    if told.mode is Mode.HTML:
        return Wire(200, _HTML, _ERROR_PAGE.encode())
    entries = _spoilt(told.entries, told.mode, faults) if isinstance(told.entries, list) else told.entries
    head = {"status": told.status, "message": MESSAGES.get(told.status, "خطا")}
    headers = {"Retry-After": "2"} if told.status in _BUSY else {}
    wire = replace(as_json({"return": head, "entries": entries}, told.status), headers=headers)
    if told.mode is Mode.CUT:
        return replace(wire, body=wire.body[: len(wire.body) // 2])
    if told.mode is Mode.HUGE:
        return replace(wire, body=wire.body + b" " * _ENORMOUS)
    return wire


def _spoilt(entries: Sequence[dict[str, Any]], mode: Mode, faults: Faults) -> Sequence[dict[str, Any]]:
    if mode is Mode.PARTIAL:
        missing = max(1, round(len(entries) * faults.control.partial_share))
        return faults.shuffled(entries)[missing:]
    if mode is Mode.SHUFFLE:
        return faults.shuffled(entries)
    if mode is Mode.DUPLICATE:
        first = entries[0]
        return [first, *entries[:-1], {**entries[-1], "messageid": first["messageid"]}]
    if mode is Mode.ANONYMOUS:
        return [{name: value for name, value in entry.items() if name != "localid"} for entry in entries]
    return entries
