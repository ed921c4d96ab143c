"""Kavenegar's API methods, implemented on the ledger."""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from app.lib.digits import parse_int
from app.lib.mobile import MobileError, canonical_mobile, local_mobile
from app.sandbox.faults import Faults
from app.sandbox.ledger import Entry, Ledger, status_at
from app.sandbox.requests import ApiError, MessageRequest, from_pattern, has_link, many_texts, one_text, pages
from app.sandbox.settings import Mode, Rejection
from app.sandbox.status_texts import STATES

KEYS = frozenset({"good", "poor", "off", "slow", "nolink", "sandbox"})
# Keys in Kavenegar's format are accepted as well.
_REAL_KEY = re.compile(r"[0-9A-Fa-f]{32,}")
_MAX_IDS = 500
_MAX_INBOUND = 100
_UNLIMITED_CREDIT = 1_000_000_000
_DEFAULTS = {"apilogs": "enabled", "dailyreport": "disabled", "mincreditalarm": 0, "resendfailed": "disabled"}
_FINAL_BY_SUFFIX = {"0011": 11, "0006": 6}
_SENDING = {"sms/send": one_text, "sms/sendarray": many_texts, "verify/lookup": from_pattern}


@dataclass(frozen=True)
class ApiCall:
    """One API request: the key, the method's path, the form fields and the headers."""

    key: str
    method: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class ApiResult:
    """Kavenegar's status code and entries, and the failure to apply to the response."""

    status: int = 200
    entries: Any = None
    mode: Mode = Mode.NORMAL


class KavenegarApi:
    """Executes API calls; *accepted* is called with the entries that a call added to the ledger."""

    def __init__(self, ledger: Ledger, faults: Faults, accepted: Callable[[Sequence[Entry]], None]) -> None:
        self.ledger, self.faults = ledger, faults
        self._accepted = accepted
        self._calls: deque[float] = deque()
        self._lock = Lock()
        self.call_count = 0
        self.keys = KEYS | {os.environ.get("SMS_API_KEY", "")} - {""}

    def answer(self, call: ApiCall) -> ApiResult:
        try:
            self._check(call)
            if call.method in _SENDING:
                return self._send(call)
            return ApiResult(entries=self._query(call))
        except ApiError as error:
            return ApiResult(error.code)

    def _check(self, call: ApiCall) -> None:
        if call.key == "0" and call.method == "utils/getdate":
            return
        if call.key not in self.keys and not _REAL_KEY.fullmatch(call.key):
            raise ApiError(403)
        if call.key == "off":
            raise ApiError(401)
        limit, now = self.faults.settings.calls_per_minute, time.monotonic()
        with self._lock:
            self.call_count += 1
            self._calls.append(now)
            while self._calls[0] < now - 60:
                self._calls.popleft()
            if limit is not None and len(self._calls) > limit:
                raise ApiError(451)

    def _send(self, call: ApiCall) -> ApiResult:
        requests = _SENDING[call.method](call.fields)
        mode = self.faults.mode(call.headers, [request.receptor for request in requests])
        errors = {Mode.ERROR: 500, Mode.BUSY: 429, Mode.BUSY_409: 409, Mode.NO_CREDIT: 418}
        if mode in errors:
            raise ApiError(errors[mode])
        if call.key == "nolink" and has_link(requests):
            raise ApiError(420)
        if call.key == "poor":
            raise ApiError(418)
        with self._lock:
            return ApiResult(entries=self._accept(requests), mode=mode)

    def _accept(self, requests: Sequence[MessageRequest]) -> list[Entry]:
        bad = [request for request in requests if self._is_bad(request)]
        if bad and (len(requests) == 1 or self.faults.settings.rejection is Rejection.CALL):
            raise ApiError(411)
        credit, rows, fresh = self.faults.settings.credit, list[Entry](), list[Entry]()
        left = None if credit is None else credit - self.ledger.spent
        for request in requests:
            if request in bad:
                rows.append(_rejected(request, 411))
            elif known := self._known(request):
                rows.append(known)
            elif left is not None and left < (cost := self._cost(request)):
                rows.append(_rejected(request, 418))
            else:
                left = None if left is None else left - cost
                fresh.append(self._entry(request))
                rows.append(fresh[-1])
        if rows and all(row["status"] == 418 for row in rows):
            raise ApiError(418)
        self.ledger.accept(fresh)
        self._accepted(fresh)
        return [self._shown(row) for row in rows]

    def _is_bad(self, request: MessageRequest) -> bool:
        return (
            not request.is_mobile
            or request.receptor.endswith("0411")
            or self.faults.rejects(request.receptor)
        )

    def _known(self, request: MessageRequest) -> Entry | None:
        if not self.faults.settings.suppress_local_ids or request.local_id is None:
            return None
        return next(iter(self.ledger.by_local_id.get(request.local_id, ())), None)

    def _cost(self, request: MessageRequest) -> int:
        return pages(request.message) * self.faults.settings.price

    def _entry(self, request: MessageRequest) -> Entry:
        settings, now = self.faults.settings, self.faults.now()
        status = 13 if settings.debug else 14 if self._is_blocked(request) else 1
        leaves = status == 1
        return {
            "receptor": request.receptor,
            "sender": request.sender,
            "message": request.message,
            "localid": request.local_id,
            "status": status,
            "cost": self._cost(request) if leaves else 0,
            "date": int(now),
            "at": round(now, 3),
            "call": self.call_count,
            "accepted": leaves,
            "sent_at": round(now + settings.sent_after, 3) if leaves else 0,
            "final_at": round(now + settings.final_after, 3) if leaves else 0,
            "final": _FINAL_BY_SUFFIX.get(request.receptor[-4:], 10) if leaves else status,
        }

    def _is_blocked(self, request: MessageRequest) -> bool:
        return request.receptor.endswith("0014") or request.receptor in self.ledger.blocked

    def _shown(self, entry: Entry) -> Entry:
        fields = {
            name: entry[name] for name in ("messageid", "message", "sender", "receptor", "date", "cost")
        }
        fields["status"] = entry["status"]
        fields["statustext"] = STATES[entry["status"]]
        return fields if entry["localid"] is None else {**fields, "localid": entry["localid"]}

    def _query(self, call: ApiCall) -> Any:
        queries: dict[str, Callable[[Mapping[str, str]], Any]] = {
            "sms/status": self._status,
            "sms/statuslocalmessageid": self._local_status,
            "sms/select": lambda fields: [self._shown(entry) for entry in self._entries(fields)],
            "sms/cancel": self._cancel,
            "sms/receive": self._receive,
            "sms/countinbox": lambda fields: [{"sumcount": len(self.ledger.inbound)}],
            "account/info": lambda fields: self._account(),
            "account/config": lambda fields: {**_DEFAULTS, "debugmode": self._debug(), "defaultsender": ""},
            "line/blocked/list": lambda fields: self._blocked(),
            "line/blocked/add": lambda fields: self._block(fields, 0),
            "line/blocked/exists": lambda fields: self._blocked(),
            "line/blocked/remove": lambda fields: self._block(fields, None),
            "utils/getdate": lambda fields: {"unixtime": int(self.faults.now())},
        }
        if call.method not in queries:
            raise ApiError(404)
        return queries[call.method](call.fields)

    def _status(self, fields: Mapping[str, str]) -> list[Entry]:
        found = [(each, self.ledger.by_id.get(each)) for each in _ids(fields, "messageid")]
        return [{"messageid": each, **self._state(entry)} for each, entry in found]

    def _local_status(self, fields: Mapping[str, str]) -> list[Entry]:
        rows = []
        for each in _ids(fields, "localid"):
            entry = next(reversed(self.ledger.by_local_id.get(each, ())), None)
            message_id = entry["messageid"] if entry else 0
            rows.append({"messageid": message_id, "localid": str(each), **self._state(entry)})
        return rows

    def _state(self, entry: Entry | None) -> Entry:
        status = status_at(entry, self.faults.now()) if entry else 100
        return {"status": status, "statustext": STATES[status]}

    def _entries(self, fields: Mapping[str, str]) -> list[Entry]:
        return [entry for each in _ids(fields, "messageid") if (entry := self.ledger.by_id.get(each))]

    def _cancel(self, fields: Mapping[str, str]) -> list[Entry]:
        now, rows = self.faults.now(), []
        for entry in self._entries(fields):
            if status_at(entry, now) in {1, 2}:
                self.ledger.cancel(entry["messageid"])
            rows.append({"messageid": entry["messageid"], **self._state(entry)})
        return rows

    def _receive(self, fields: Mapping[str, str]) -> list[Entry]:
        names = ("messageid", "message", "sender", "receptor", "date")
        rows = self.ledger.read_inbound(fields.get("linenumber", ""), _MAX_INBOUND)
        return [{name: row[name] for name in names} for row in rows]

    def _account(self) -> Entry:
        credit = self.faults.settings.credit
        left = max(0, (_UNLIMITED_CREDIT if credit is None else credit) - self.ledger.spent)
        return {"remaincredit": left, "expiredate": int(self.faults.now()) + 31_536_000, "type": "Master"}

    def _debug(self) -> str:
        return "enabled" if self.faults.settings.debug else "disabled"

    def _blocked(self) -> list[Entry]:
        return [{"number": mobile, "reason": why} for mobile, why in self.ledger.blocked.items()]

    def _block(self, fields: Mapping[str, str], reason: int | None) -> list[Entry]:
        try:
            mobile = local_mobile(canonical_mobile(fields.get("number") or fields.get("receptor")))
        except MobileError:
            raise ApiError(411) from None
        self.ledger.block(mobile, reason)
        return [{"number": mobile}]


def _rejected(request: MessageRequest, code: int) -> Entry:
    """The entry of a rejected message in a call that was otherwise accepted: no id, no cost, an error code."""
    row = {"messageid": 0, "message": request.message, "sender": request.sender, "receptor": request.receptor}
    return {**row, "date": 0, "cost": 0, "status": code, "localid": request.local_id}


def _ids(fields: Mapping[str, str], name: str) -> list[int]:
    given = [part.strip() for part in fields.get(name, "").strip("[]").split(",") if part.strip()]
    ids = [number for part in given if (number := parse_int(part)) is not None]
    if not given or len(ids) < len(given):
        raise ApiError(400)
    if len(given) > _MAX_IDS:
        raise ApiError(414)
    return ids
