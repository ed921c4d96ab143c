"""Kavenegar's status codes and their meaning for messages and accounts."""

from __future__ import annotations

from dataclasses import replace

from app.gateways.sms.results import DeliveryState, Outcome, SendResult, Trouble

OK = 200
NO_SUCH_MESSAGE = 100

STATES = {
    1: DeliveryState.ACCEPTED,
    2: DeliveryState.ACCEPTED,
    4: DeliveryState.SENT,
    5: DeliveryState.SENT,
    6: DeliveryState.FAILED,
    10: DeliveryState.DELIVERED,
    11: DeliveryState.UNDELIVERED,
    13: DeliveryState.CANCELLED,
    14: DeliveryState.BLOCKED,
}
# Accepted but never sent: failed, cancelled (a test account), blacklisted.
NEVER_SENT = frozenset({6, 13, 14})

# Errors of the message itself (number, text, date, pattern); a retry would fail as well.
_MESSAGE_ERRORS = frozenset({411, 413, 417, 420, 422, 424, 428, 431, 432})
# The account lacks the service of the method: it may still send other messages only if this one was a pattern.
_NEEDS_SERVICE = 426
_TOO_MANY = frozenset({414, 604})
_ACCOUNT_ERRORS = {
    Trouble.SETUP: frozenset({400, 401, 403, 404, 405, 406, 407, 416, 419, _NEEDS_SERVICE, 430}),
    Trouble.SENDER: frozenset({412, 427}),
    Trouble.CREDIT: frozenset({418}),
    Trouble.BUSY: frozenset({409, 429, 451}),
}
_OWNER_ONLY = 501


def classify_refusal(
    result: SendResult, code: int, *, is_batch: bool, is_pattern: bool = False
) -> SendResult:
    """*result* completed for a call that was refused with *code*.

    With *is_batch*, another message of the call may have caused the refusal. An unlisted code, such as 402
    «operation failed», does not prove that nothing was sent, so the outcome stays unknown.
    """
    result = replace(result, code=str(code))
    if is_pattern and code == _NEEDS_SERVICE:
        return replace(result, outcome=Outcome.REFUSED_FOR_GOOD)
    if code in _MESSAGE_ERRORS | _TOO_MANY:
        if is_batch:
            return replace(result, outcome=Outcome.REFUSED_FOR_NOW, alone=True)
        return replace(result, outcome=Outcome.REFUSED_FOR_GOOD)
    for trouble, codes in _ACCOUNT_ERRORS.items():
        if code in codes:
            return replace(result, outcome=Outcome.REFUSED_FOR_NOW, trouble=trouble)
    return replace(result, trouble=Trouble.SETUP if code == _OWNER_ONLY else Trouble.NONE)
