"""What the sandbox has accepted, read from its ledger: the other side of the books in drills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.gateways.http_client import Request, call
from app.gateways.sms.parsing import SUCCESS, number, parsed
from app.lib.mobile import canonical_mobile

_PAGE = 2000


class LedgerUnavailable(Exception):
    """What answers there keeps none."""


@dataclass(frozen=True)
class AcceptedMessage:
    """One message as the provider took it."""

    local_id: int | None
    mobile: str
    text: str
    at: datetime


def read_ledger(url: str) -> Iterator[AcceptedMessage]:
    """Everything in the ledger at *url* (``http://…/sandbox/ledger``), page after page; raises `LedgerUnavailable`."""
    after = 0
    while rows := _page(url, after):
        for row in rows:
            after = int(row["messageid"])
            yield AcceptedMessage(
                number(row.get("localid")),
                canonical_mobile(row["receptor"]),
                str(row["message"]),
                datetime.fromtimestamp(float(row["at"]), UTC),
            )


def _page(url: str, after: int) -> list[dict[str, Any]]:
    asked = Request(f"{url}?after={after}&limit={_PAGE}", method="GET")
    reply = call(asked, public_only=False)
    rows = parsed(reply.body)
    if reply.status not in SUCCESS or not isinstance(rows, list):
        raise LedgerUnavailable(f"http {reply.status}")
    return rows
