"""Client for Kavenegar's REST API and compatible services."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from app.gateways.http_client import NoResponse, NotSent, Reply, Request, call
from app.gateways.sms.base import Inbound, LookUpFailed, Outgoing, ProviderAccount
from app.gateways.sms.failures import retry_after, unanswered, unreadable, unsent
from app.gateways.sms.kavenegar_codes import NO_SUCH_MESSAGE, OK, STATES, classify_refusal
from app.gateways.sms.kavenegar_entries import match_entries
from app.gateways.sms.limits import TextLimits
from app.gateways.sms.parsing import REFUSAL, SUCCESS, number, parse_events, parse_id, parse_json
from app.gateways.sms.results import DeliveryReport, LookUpResult, Outcome, SendResult
from app.gateways.sms.timestamps import parse_timestamp
from app.lib.mobile import MobileError, canonical_mobile, local_mobile

_MAX_IDS = 500
_PATTERN_METHOD = "verify/lookup"
_MAX_ROUNDS = 5
_TOKENS = ("token", "token2", "token3", "token10", "token20")
# Four pages. Their rules name no Latin form of the line «لغو۱۱»; «off11» has the keyword and the number of it.
_LIMITS = TextLimits(
    persian=268,
    latin=612,
    patterns=((re.compile(r"[\w-]{1,60}"), len(_TOKENS)),),
    latin_footer="off11",
)


@dataclass(frozen=True)
class _Envelope:
    status: int
    entries: Any


class Kavenegar:
    """A Kavenegar account. The API key is part of every URL, so URLs are never logged or shown."""

    max_batch = 200
    limits = _LIMITS
    can_look_up = True
    # Kavenegar documents that a repeated local id is not sent again, but this is not verified.
    is_idempotent = False
    credit_in_rials = True

    def __init__(self, account: ProviderAccount, *, public_only: bool) -> None:
        self._account = account
        self._public_only = public_only

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        if not batch:
            return []
        if len(batch) == 1:
            return self._submit(batch, "sms/send", self._single(batch[0]))
        return self._submit(batch, "sms/sendarray", self._array(batch))

    def send_pattern(self, outgoing: Outgoing, pattern: str, tokens: Sequence[str]) -> SendResult:
        """Send a pattern.

        *tokens* are in Kavenegar's order: three without spaces, one with at most five spaces, one with at
        most eight.
        """
        form = {"receptor": local_mobile(outgoing.mobile), "template": pattern}
        return self._submit([outgoing], _PATTERN_METHOD, form | dict(zip(_TOKENS, tokens, strict=False)))[0]

    def look_up(self, local_ids: Sequence[int]) -> list[LookUpResult]:
        states = self._query_states("sms/statuslocalmessageid", "localid", [str(each) for each in local_ids])
        return [LookUpResult(int(each), message_id, state) for each, (message_id, state) in states.items()]

    def status(self, provider_message_ids: Sequence[str]) -> list[LookUpResult]:
        states = self._query_states("sms/status", "messageid", provider_message_ids)
        return [LookUpResult(None, each, state) for each, (_message_id, state) in states.items()]

    def credit(self) -> int:
        entries = self._query("account/info", {})
        left = number(entries.get("remaincredit")) if isinstance(entries, dict) else None
        if left is None:
            raise LookUpFailed("no credit")
        return left

    def read_reports(self, fields: Mapping[str, str], body: bytes) -> list[DeliveryReport]:
        rows = [
            (parse_id(row.get("messageid")), number(row.get("localid")) or None, number(row.get("status")))
            for row in parse_events(fields, body)
        ]
        return [
            DeliveryReport(message_id, local_id, STATES[status])
            for message_id, local_id, status in rows
            if (message_id or local_id) and status in STATES
        ]

    def read_inbound(self, fields: Mapping[str, str], body: bytes) -> Inbound | None:
        row = next(iter(parse_events(fields, body)), {})
        try:
            mobile = canonical_mobile(row.get("from"))
        except MobileError:
            return None
        text = str(row.get("message") or "")
        return Inbound(
            mobile, str(row.get("to") or ""), text, parse_id(row.get("messageid")), *parse_timestamp(row)
        )

    def _single(self, outgoing: Outgoing) -> dict[str, str]:
        return {
            "receptor": local_mobile(outgoing.mobile),
            "message": outgoing.text,
            "localid": str(outgoing.local_id),
            **({"sender": self._account.line} if self._account.line else {}),
        }

    def _array(self, batch: Sequence[Outgoing]) -> dict[str, str]:
        lists: dict[str, list[Any]] = {
            "receptor": [local_mobile(outgoing.mobile) for outgoing in batch],
            "sender": [self._account.line] * len(batch),
            "message": [outgoing.text for outgoing in batch],
            "localmessageids": [outgoing.local_id for outgoing in batch],
        }
        return {name: json.dumps(values, ensure_ascii=False) for name, values in lists.items()}

    def _submit(self, batch: Sequence[Outgoing], method: str, form: Mapping[str, str]) -> list[SendResult]:
        try:
            reply = self._call(method, form)
        except NotSent as error:
            return [unsent(outgoing, error) for outgoing in batch]
        except NoResponse as error:
            return [unanswered(outgoing, error) for outgoing in batch]
        envelope = _parse_envelope(reply)
        if envelope is None:
            return [unreadable(outgoing, reply) for outgoing in batch]
        blank = SendResult(0, Outcome.UNKNOWN, http_status=reply.status, retry_after=retry_after(reply))
        if envelope.status == OK:
            return match_entries(batch, envelope.entries, blank)
        result = classify_refusal(
            blank, envelope.status, is_batch=len(batch) > 1, is_pattern=method == _PATTERN_METHOD
        )
        return [replace(result, local_id=outgoing.local_id) for outgoing in batch]

    def _query_states(self, method: str, name: str, ids: Sequence[str]) -> dict[str, tuple[str | None, Any]]:
        """Kavenegar's id and state for each of *ids*; ids without a clear status are left out."""
        states: dict[str, tuple[str | None, Any]] = {}
        for start in range(0, len(ids), _MAX_IDS):
            states |= self._query_until_complete(method, name, list(ids[start : start + _MAX_IDS]))
        return states

    def _query_until_complete(
        self, method: str, name: str, left: list[str]
    ) -> dict[str, tuple[str | None, Any]]:
        """Like `_query_states` for one batch.

        A response may be incomplete. Missing ids are asked for again, until a response contains none of
        them; only then are they reported as unknown to Kavenegar.
        """
        states: dict[str, tuple[str | None, Any]] = {}
        for _round in range(_MAX_ROUNDS):
            rows = self._rows(method, name, left)
            states |= {each: row for each, row in rows.items() if row is not None}
            if not rows:
                return states | dict.fromkeys(left, (None, None))
            left = [each for each in left if each not in rows]
            if not left:
                break
        return states

    def _rows(self, method: str, name: str, ids: Sequence[str]) -> dict[str, tuple[str | None, Any] | None]:
        """The result of one call; None for an id whose state is unreadable."""
        entries = self._query(method, {name: ",".join(ids)})
        if not isinstance(entries, list):
            raise LookUpFailed("no list")
        asked, found = set(ids), dict[str, tuple[str | None, Any] | None]()
        for row in entries:
            key = parse_id(row.get(name)) if isinstance(row, dict) else None
            if key is None:
                raise LookUpFailed("an entry without an id")
            status = number(row.get("status"))
            if key not in asked:
                continue
            if status in STATES:
                found[key] = (parse_id(row.get("messageid")), STATES[status])
            else:
                # An entry with a state takes precedence over one that says «not found».
                found.setdefault(key, (None, None) if status == NO_SUCH_MESSAGE else None)
        return found

    def _query(self, method: str, form: Mapping[str, str]) -> Any:
        try:
            reply = self._call(method, form)
        except (NotSent, NoResponse) as error:
            raise LookUpFailed(str(error)) from None
        envelope = _parse_envelope(reply)
        if envelope is None:
            raise LookUpFailed(f"http {reply.status}")
        if envelope.status != OK:
            raise LookUpFailed(str(envelope.status))
        return envelope.entries

    def _call(self, method: str, form: Mapping[str, str]) -> Reply:
        key = quote(self._account.api_key, safe="")
        url = f"{self._account.base_url.rstrip('/')}/{key}/{method}.json"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return call(
            Request(url, headers=headers, body=urlencode(form).encode()), public_only=self._public_only
        )


def _parse_envelope(reply: Reply) -> _Envelope | None:
    """The envelope of Kavenegar's response; None when it is missing or contradicts the HTTP status."""
    data = parse_json(reply.body)
    head = data.get("return") if isinstance(data, dict) else None
    status = number(head.get("status")) if isinstance(head, dict) else None
    if status is None:
        return None
    fits = reply.status in SUCCESS or (reply.status in REFUSAL and status != OK)
    return _Envelope(status, data.get("entries")) if fits else None
