"""The results of calls without an answer that can be used."""

from __future__ import annotations

import re
from dataclasses import replace

from app.gateways.http_client import NoResponse, NotSent, Reply
from app.gateways.sms.base import Outgoing
from app.gateways.sms.results import Outcome, SendResult, Trouble

_MAX_WAIT = 900.0
_CODE_LENGTH = 40
_DIGITS = re.compile(r"[0-9]{1,19}")
_NOT_API = range(300, 500)
_TOO_MANY_REQUESTS = 429


def retry_after(reply: Reply) -> float | None:
    """The seconds of the Retry-After header, capped; None when it is missing or invalid."""
    header = next((text for name, text in reply.headers.items() if name.lower() == "retry-after"), "").strip()
    return min(float(header), _MAX_WAIT) if _DIGITS.fullmatch(header) else None


def unsent(outgoing: Outgoing, error: NotSent) -> SendResult:
    return _transport_failure(outgoing, Outcome.REFUSED_FOR_NOW, f"not sent: {error}")


def unanswered(outgoing: Outgoing, error: NoResponse) -> SendResult:
    return _transport_failure(outgoing, Outcome.UNKNOWN, f"no answer: {error}")


def _transport_failure(outgoing: Outgoing, outcome: Outcome, code: str) -> SendResult:
    return SendResult(outgoing.local_id, outcome, code=code[:_CODE_LENGTH], trouble=Trouble.TRANSPORT)


def unreadable(outgoing: Outgoing, reply: Reply) -> SendResult:
    """The result for a response that is not valid API output, such as a proxy's error page."""
    result = SendResult(
        outgoing.local_id,
        Outcome.UNKNOWN,
        code=f"http {reply.status}",
        trouble=Trouble.TRANSPORT,
        retry_after=retry_after(reply),
        http_status=reply.status,
    )
    if reply.status == _TOO_MANY_REQUESTS:
        return replace(result, outcome=Outcome.REFUSED_FOR_NOW, trouble=Trouble.BUSY)
    return replace(result, trouble=Trouble.SETUP) if reply.status in _NOT_API else result
