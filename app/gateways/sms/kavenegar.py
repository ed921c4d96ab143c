"""Kavenegar's REST interface, and whoever speaks it under another address."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from app.gateways.http_client import NoResponse, NotSent, Reply, Request, call
from app.gateways.sms.base import (
    DeliveryReport,
    Inbound,
    LookUpFailed,
    LookUpResult,
    Outcome,
    Outgoing,
    ProviderAccount,
    SendResult,
)
from app.gateways.sms.kavenegar_codes import NO_SUCH_MESSAGE, OK, STATES, refused
from app.gateways.sms.kavenegar_entries import answers
from app.gateways.sms.parsing import (
    REFUSAL,
    SUCCESS,
    events,
    identity,
    moment,
    number,
    parsed,
    retry_after,
    unanswered,
    unreadable,
    unsent,
)
from app.lib.mobile import MobileError, canonical_mobile, local_mobile

_MOST_IDS = 500
_MOST_ROUNDS = 5
_TOKENS = ("token", "token2", "token3", "token10", "token20")


@dataclass(frozen=True)
class _Envelope:
    status: int
    entries: Any


class Kavenegar:
    """One account; its key stands in the path of every call, hence no address is ever shown."""

    max_batch = 200
    can_look_up = True
    # That a repeated local id is not sent again is said, but not proven.
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
        """*tokens* in Kavenegar's order: three without spaces, then one with up to five, one with up to eight."""
        form = {"receptor": local_mobile(outgoing.mobile), "template": pattern}
        return self._submit([outgoing], "verify/lookup", form | dict(zip(_TOKENS, tokens, strict=False)))[0]

    def look_up(self, local_ids: Sequence[int]) -> list[LookUpResult]:
        told = self._told("sms/statuslocalmessageid", "localid", [str(each) for each in local_ids])
        return [LookUpResult(int(each), message_id, state) for each, (message_id, state) in told.items()]

    def status(self, provider_message_ids: Sequence[str]) -> list[LookUpResult]:
        told = self._told("sms/status", "messageid", provider_message_ids)
        return [LookUpResult(None, each, state) for each, (_message_id, state) in told.items()]

    def credit(self) -> int:
        entries = self._ask("account/info", {})
        left = number(entries.get("remaincredit")) if isinstance(entries, dict) else None
        if left is None:
            raise LookUpFailed("no credit told")
        return left

    def read_reports(self, fields: Mapping[str, str], body: bytes) -> list[DeliveryReport]:
        rows = [
            (identity(row.get("messageid")), number(row.get("localid")) or None, number(row.get("status")))
            for row in events(fields, body)
        ]
        return [
            DeliveryReport(message_id, local_id, STATES[status])
            for message_id, local_id, status in rows
            if (message_id or local_id) and status in STATES
        ]

    def read_inbound(self, fields: Mapping[str, str], body: bytes) -> Inbound | None:
        row = next(iter(events(fields, body)), {})
        try:
            mobile = canonical_mobile(row.get("from"))
        except MobileError:
            return None
        text = str(row.get("message") or "")
        return Inbound(mobile, str(row.get("to") or ""), text, identity(row.get("messageid")), *moment(row))

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
        envelope = _opened(reply)
        if envelope is None:
            return [unreadable(outgoing, reply) for outgoing in batch]
        blank = SendResult(0, Outcome.UNKNOWN, http_status=reply.status, retry_after=retry_after(reply))
        if envelope.status == OK:
            return answers(batch, envelope.entries, blank)
        verdict = refused(blank, envelope.status, in_company=len(batch) > 1)
        return [replace(verdict, local_id=outgoing.local_id) for outgoing in batch]

    def _told(self, method: str, name: str, ids: Sequence[str]) -> dict[str, tuple[str | None, Any]]:
        """What is said of *ids*, each with Kavenegar's id and state; ids of which nothing clear is said are left out."""
        told: dict[str, tuple[str | None, Any]] = {}
        for start in range(0, len(ids), _MOST_IDS):
            told |= self._told_at_once(method, name, list(ids[start : start + _MOST_IDS]))
        return told

    def _told_at_once(self, method: str, name: str, left: list[str]) -> dict[str, tuple[str | None, Any]]:
        """An answer may be cut short: what it leaves out is asked for again, until none of it is named any more."""
        told: dict[str, tuple[str | None, Any]] = {}
        for _round in range(_MOST_ROUNDS):
            rows = self._rows(method, name, left)
            told |= {each: row for each, row in rows.items() if row is not None}
            if not rows:
                return told | dict.fromkeys(left, (None, None))
            left = [each for each in left if each not in rows]
            if not left:
                break
        return told

    def _rows(self, method: str, name: str, ids: Sequence[str]) -> dict[str, tuple[str | None, Any] | None]:
        """One call; None for an id whose state can't be read. Who knows a message counts more than who does not."""
        entries = self._ask(method, {name: ",".join(ids)})
        if not isinstance(entries, list):
            raise LookUpFailed("no list")
        asked, found = set(ids), dict[str, tuple[str | None, Any] | None]()
        for row in entries:
            key = identity(row.get(name)) if isinstance(row, dict) else None
            if key is None:
                raise LookUpFailed("an entry without an id")
            status = number(row.get("status"))
            if key not in asked:
                continue
            if status in STATES:
                found[key] = (identity(row.get("messageid")), STATES[status])
            else:
                found.setdefault(key, (None, None) if status == NO_SUCH_MESSAGE else None)
        return found

    def _ask(self, method: str, form: Mapping[str, str]) -> Any:
        try:
            reply = self._call(method, form)
        except (NotSent, NoResponse) as error:
            raise LookUpFailed(str(error)) from None
        envelope = _opened(reply)
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


def _opened(reply: Reply) -> _Envelope | None:
    """Kavenegar's own answer; None for a body that is not it, or that its HTTP status contradicts."""
    data = parsed(reply.body)
    head = data.get("return") if isinstance(data, dict) else None
    status = number(head.get("status")) if isinstance(head, dict) else None
    if status is None:
        return None
    fits = reply.status in SUCCESS or (reply.status in REFUSAL and status != OK)
    return _Envelope(status, data.get("entries")) if fits else None
