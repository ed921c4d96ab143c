"""What Kavenegar's codes mean for a message and for its account."""

from __future__ import annotations

from dataclasses import replace

from app.gateways.sms.base import DeliveryState, Outcome, SendResult, Trouble

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
# A message that was taken in, but will not be sent: failed, cancelled (a test account), on a blacklist.
NEVER_LEAVES = frozenset({6, 13, 14})

# Of the message itself: number, text, date, pattern. Offered again it would be refused again.
_THE_MESSAGE = frozenset({411, 413, 417, 420, 422, 424, 426, 428, 431, 432})
_TOO_MANY = frozenset({414, 604})
_TROUBLES = {
    Trouble.SETUP: frozenset({400, 401, 403, 404, 405, 406, 407, 416, 419, 430}),
    Trouble.SENDER: frozenset({412, 427}),
    Trouble.CREDIT: frozenset({418}),
    Trouble.BUSY: frozenset({409, 429, 451}),
}
_OWNER_ONLY = 501


def refused(answer: SendResult, code: int, *, in_company: bool) -> SendResult:
    """*answer* for a call that was refused with *code*; *in_company* of other messages, one of which is to blame.

    What is not a known refusal, like «the operation failed» (402), does not say that nothing was sent.
    """
    answer = replace(answer, code=str(code))
    if code in _THE_MESSAGE | _TOO_MANY:
        if in_company:
            return replace(answer, outcome=Outcome.REFUSED_FOR_NOW, alone=True)
        return replace(answer, outcome=Outcome.REFUSED_FOR_GOOD)
    for trouble, codes in _TROUBLES.items():
        if code in codes:
            return replace(answer, outcome=Outcome.REFUSED_FOR_NOW, trouble=trouble)
    return replace(answer, trouble=Trouble.SETUP if code == _OWNER_ONLY else Trouble.NONE)
