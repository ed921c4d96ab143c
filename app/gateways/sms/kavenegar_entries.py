"""Matches the entries of Kavenegar's response to the sent messages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.gateways.sms.base import Outgoing
from app.gateways.sms.kavenegar_codes import NEVER_SENT, STATES, classify_refusal
from app.gateways.sms.parsing import number, parse_id
from app.gateways.sms.results import Outcome, SendResult
from app.lib.mobile import MobileError, canonical_mobile


@dataclass(frozen=True)
class _Entry:
    local_id: int | None
    mobile: str | None
    text: Any
    message_id: str | None
    status: int | None
    cost: int | None


def match_entries(batch: Sequence[Outgoing], rows: Any, blank: SendResult) -> list[SendResult]:
    """One result per message of *batch*; a message without exactly one entry gets *blank*, which is unknown."""
    entries = [_entry(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    # A provider id that occurs twice proves for neither message that it was accepted.
    seen = Counter(entry.message_id for entry in entries)
    by_message = _by_message(batch, entries)
    return [
        _result(replace(blank, local_id=outgoing.local_id), by_message[outgoing.local_id], seen)
        for outgoing in batch
    ]


def _entry(row: dict[str, Any]) -> _Entry:
    return _Entry(
        local_id=number(row.get("localid")) or None,
        mobile=_mobile(row.get("receptor")),
        text=row.get("message"),
        message_id=parse_id(row.get("messageid")),
        status=number(row.get("status")),
        cost=number(row.get("cost")),
    )


def _mobile(value: Any) -> str | None:
    try:
        return canonical_mobile(value)
    except MobileError:
        return None


def _by_message(batch: Sequence[Outgoing], entries: Iterable[_Entry]) -> dict[int, list[_Entry]]:
    """The entries of each message, matched by our local id, else by number, else by number and text."""
    by_id = {outgoing.local_id: outgoing for outgoing in batch}
    by_mobile: dict[str, list[Outgoing]] = defaultdict(list)
    for outgoing in batch:
        by_mobile[outgoing.mobile].append(outgoing)
    found: dict[int, list[_Entry]] = defaultdict(list)
    for entry in entries:
        if entry.local_id is not None:
            owner = by_id.get(entry.local_id)
        else:
            owner = _only(by_mobile.get(entry.mobile or "", []), entry.text)
        if owner is not None:
            found[owner.local_id].append(entry)
            if entry.mobile not in {None, owner.mobile}:
                # The id of one message with the number of another: the duplicate makes the result unknown.
                found[owner.local_id].append(entry)
    return found


def _only(candidates: list[Outgoing], text: Any) -> Outgoing | None:
    if len(candidates) > 1:
        candidates = [outgoing for outgoing in candidates if outgoing.text == text]
    return candidates[0] if len(candidates) == 1 else None


def _result(blank: SendResult, entries: list[_Entry], seen: Counter[str | None]) -> SendResult:
    if len(entries) != 1:
        return replace(blank, code="entries: none" if not entries else "entries: several")
    entry = entries[0]
    result = replace(blank, code=None if entry.status is None else str(entry.status))
    result = replace(result, provider_message_id=entry.message_id, cost_rials=entry.cost)
    if entry.status is None or (entry.message_id and seen[entry.message_id] > 1):
        return replace(result, provider_message_id=None)
    if entry.status in NEVER_SENT:
        return replace(result, outcome=Outcome.REFUSED_FOR_GOOD)
    if entry.message_id is None:
        # Without an id the message was not accepted, provided that the code is a known refusal.
        return classify_refusal(result, entry.status, is_batch=False)
    return replace(result, outcome=Outcome.ACCEPTED) if entry.status in STATES else result
