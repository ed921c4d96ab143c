"""Reads the sandbox's ledger of accepted messages, for `sms-audit` and the drills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.gateways.http_client import NoResponse, NotSent, Request, call
from app.gateways.sms.parsing import SUCCESS, number, parse_json
from app.lib.mobile import canonical_mobile

_PAGE_SIZE = 2000


class LedgerUnavailable(Exception):
    """The address does not serve a ledger."""


@dataclass(frozen=True)
class AcceptedMessage:
    """One message as the provider accepted it."""

    local_id: int | None
    mobile: str
    text: str
    at: datetime


def read_ledger(url: str) -> Iterator[AcceptedMessage]:
    """All entries of the ledger at *url* (``http://…/sandbox/ledger``); raises `LedgerUnavailable`."""
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
    request = Request(f"{url}?after={after}&limit={_PAGE_SIZE}", method="GET")
    try:
        reply = call(request, public_only=False)
    except (NotSent, NoResponse) as error:
        raise LedgerUnavailable(str(error)) from error
    rows = parse_json(reply.body)
    if reply.status not in SUCCESS or not isinstance(rows, list):
        raise LedgerUnavailable(f"http {reply.status}")
    return rows
