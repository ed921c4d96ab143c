"""Client for SMS.ir's REST API."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.gateways.http_client import NoResponse, NotSent, Reply, Request, call
from app.gateways.sms.base import Inbound, LookUpFailed, Outgoing, ProviderAccount
from app.gateways.sms.failures import retry_after, unanswered, unreadable, unsent
from app.gateways.sms.limits import TextLimits
from app.gateways.sms.parsing import REFUSAL, SUCCESS, number, parse_events, parse_id, parse_json
from app.gateways.sms.results import DeliveryReport, DeliveryState, LookUpResult, Outcome, SendResult, Trouble
from app.gateways.sms.timestamps import parse_timestamp
from app.lib.mobile import MobileError, canonical_mobile, local_mobile

_OK, _NO_SUCH_MESSAGE, _BLACKLISTED, _WRONG_NUMBER = 1, 111, 115, 104
_STATES = {
    1: DeliveryState.DELIVERED,
    2: DeliveryState.UNDELIVERED,
    3: DeliveryState.SENT,
    4: DeliveryState.FAILED,
    5: DeliveryState.SENT,
    6: DeliveryState.FAILED,
    7: DeliveryState.BLOCKED,
}
_STATUS_TIME_LIMIT = 20.0
# Their documents name no length; this is ten and a half pages of a text of Persian letters.
_LIMITS = TextLimits(
    persian=1800,
    latin=1800,
    patterns=((re.compile(r"[0-9]{1,18}:[^:]+"), None),),
    latin_footer="off11",
)
_MESSAGE_ERRORS = frozenset({103, 104, 108, 109, 113, 114, 115, 116, 117, 119})
_ACCOUNT_ERRORS = {
    Trouble.SETUP: frozenset({10, 11, 12, 13, 14, 105, 106, 107, 110, 118}),
    Trouble.SENDER: frozenset({101, 123}),
    Trouble.CREDIT: frozenset({102}),
    Trouble.BUSY: frozenset({20}),
}


class SmsIr:
    """An SMS.ir account. Responses contain no local id, so each call sends one message."""

    max_batch = 1
    limits = _LIMITS
    can_look_up = False
    is_idempotent = False
    credit_in_rials = False

    def __init__(self, account: ProviderAccount, *, public_only: bool) -> None:
        self._account = account
        self._public_only = public_only

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        # A larger batch is refused as a whole, because its results could not be matched.
        if len(batch) > self.max_batch:
            return [
                SendResult(each.local_id, Outcome.REFUSED_FOR_NOW, code="batch", alone=True) for each in batch
            ]
        return [self._send(outgoing) for outgoing in batch]

    def _send(self, outgoing: Outgoing) -> SendResult:
        line = self._account.line
        form = {
            "lineNumber": number(line) or line,
            "messageText": outgoing.text,
            "mobiles": [local_mobile(outgoing.mobile)],
        }
        result, data = self._submit(outgoing, "send/bulk", form)
        ids = data.get("messageIds") if isinstance(data, dict) else None
        if result.code != str(_OK) or not isinstance(ids, list) or len(ids) != 1:
            return result
        # Zero means blacklisted, null means that the number or the text is invalid.
        if ids[0] is None or (ids[0] == 0 and ids[0] is not False):
            code = _WRONG_NUMBER if ids[0] is None else _BLACKLISTED
            return replace(result, outcome=Outcome.REFUSED_FOR_GOOD, code=str(code))
        return _accepted(result, ids[0])

    def send_pattern(self, outgoing: Outgoing, pattern: str, tokens: Sequence[str]) -> SendResult:
        """Send a pattern; *pattern* is ``123456:Code,Name``, the template's id and its parameter names."""
        template, _colon, listed = pattern.partition(":")
        names = [name.strip() for name in listed.split(",") if name.strip()]
        if number(template) is None or len(names) != len(tokens):
            return SendResult(outgoing.local_id, Outcome.REFUSED_FOR_GOOD, code="pattern")
        form = {
            "mobile": local_mobile(outgoing.mobile),
            "templateId": int(template),
            "parameters": [{"name": name, "value": token} for name, token in zip(names, tokens, strict=True)],
        }
        result, data = self._submit(outgoing, "send/verify", form)
        if result.code != str(_OK) or not isinstance(data, dict):
            return result
        return _accepted(result, data.get("messageId"))

    def look_up(self, local_ids: Sequence[int]) -> list[LookUpResult]:
        raise LookUpFailed("not offered")

    def status(self, provider_message_ids: Sequence[str]) -> list[LookUpResult]:
        """One call per message, within a time limit; the remaining ids are left out and polled later."""
        found, until = list[LookUpResult](), time.monotonic() + _STATUS_TIME_LIMIT
        for each in provider_message_ids:
            if time.monotonic() > until:
                break
            if state := self._status_of(each):
                found.append(state)
        return found

    def _status_of(self, message_id: str) -> LookUpResult | None:
        if parse_id(message_id) is None:
            return None
        status, data = self._query(f"send/{message_id}")
        if status == _NO_SUCH_MESSAGE:
            return LookUpResult(None, message_id, None)
        if status != _OK or not isinstance(data, dict):
            raise LookUpFailed(str(status))
        state = number(data.get("deliveryState"))
        return LookUpResult(None, message_id, _STATES[state]) if state in _STATES else None

    def credit(self) -> int:
        status, left = self._query("credit")
        # Credit is a decimal number of messages; a fraction can't send anything.
        if (
            status != _OK
            or isinstance(left, bool)
            or not isinstance(left, int | float)
            or not 0 <= left < 1e15
        ):
            raise LookUpFailed(str(status))
        return int(left)

    def read_reports(self, fields: Mapping[str, str], body: bytes) -> list[DeliveryReport]:
        rows = [
            (parse_id(row.get("messageid")), number(row.get("deliverystate", row.get("status"))))
            for row in parse_events(fields, body)
        ]
        return [
            DeliveryReport(each, None, _STATES[state]) for each, state in rows if each and state in _STATES
        ]

    def read_inbound(self, fields: Mapping[str, str], body: bytes) -> Inbound | None:
        row = next(iter(parse_events(fields, body)), {})
        try:
            mobile = canonical_mobile(row.get("mobile", row.get("from")))
        except MobileError:
            return None
        text = str(row.get("messagetext", row.get("message")) or "")
        line = str(row.get("number", row.get("to")) or "")
        key = parse_id(row.get("receivereturnid", row.get("messageid")))
        return Inbound(mobile, line, text, key, *parse_timestamp(row))

    def _submit(self, outgoing: Outgoing, method: str, form: Mapping[str, Any]) -> tuple[SendResult, Any]:
        try:
            reply = self._call("POST", method, json.dumps(form, ensure_ascii=False).encode())
        except NotSent as error:
            return unsent(outgoing, error), None
        except NoResponse as error:
            return unanswered(outgoing, error), None
        status, data = _parse_response(reply)
        if status is None:
            return unreadable(outgoing, reply), None
        wait = retry_after(reply)
        result = SendResult(
            outgoing.local_id, Outcome.UNKNOWN, None, str(status), Trouble.NONE, wait, reply.status
        )
        return _classify(result, status), data

    def _query(self, method: str) -> tuple[int | None, Any]:
        try:
            return _parse_response(self._call("GET", method))
        except (NotSent, NoResponse) as error:
            raise LookUpFailed(str(error)) from None

    def _call(self, verb: str, method: str, body: bytes | None = None) -> Reply:
        headers = {
            "X-API-KEY": self._account.api_key,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        url = f"{self._account.base_url.rstrip('/')}/{method}"
        return call(Request(url, verb, headers, body), public_only=self._public_only)


def _parse_response(reply: Reply) -> tuple[int | None, Any]:
    """(status, data) of SMS.ir's response; (None, None) when it is invalid or contradicts the HTTP status."""
    envelope = parse_json(reply.body)
    if not isinstance(envelope, dict):
        return None, None
    status = number(envelope.get("status"))
    fits = reply.status in SUCCESS or (reply.status in REFUSAL and status != _OK)
    return (status, envelope.get("data")) if fits else (None, None)


def _classify(result: SendResult, status: int) -> SendResult:
    if status in _MESSAGE_ERRORS:
        return replace(result, outcome=Outcome.REFUSED_FOR_GOOD)
    for trouble, codes in _ACCOUNT_ERRORS.items():
        if status in codes:
            return replace(result, outcome=Outcome.REFUSED_FOR_NOW, trouble=trouble)
    return result


def _accepted(result: SendResult, raw_id: Any) -> SendResult:
    message_id = parse_id(raw_id)
    return replace(result, outcome=Outcome.ACCEPTED, provider_message_id=message_id) if message_id else result
