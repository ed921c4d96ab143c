"""Defensive parsing of the answers and webhooks of providers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.lib.digits import LARGEST, parse_int

_MAX_EVENTS = 1000
SUCCESS = range(200, 300)
REFUSAL = range(400, 500)


def number(value: Any) -> int | None:
    """A non-negative integer from an integer or a string of Latin digits, else None."""
    if isinstance(value, str):
        # Providers are programs: other digits mean a damaged answer, which must not name a message.
        value = parse_int(value) if value.isascii() else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST else None


def parse_id(value: Any) -> str | None:
    """A provider's message id as text; None for zero and for invalid values."""
    return str(found) if (found := number(value)) else None


def parse_json(body: bytes) -> Any:
    """The JSON in *body*, or None."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def parse_events(fields: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
    """The rows of a posted form or JSON document, with lower-case field names."""
    data = parse_json(body) if body[:1] in {b"{", b"["} else None
    if isinstance(data, dict):
        data = data.get("entries", [data])
    rows = data if isinstance(data, list) else [dict(fields)]
    return [
        {str(name).lower(): value for name, value in row.items()}
        for row in rows[:_MAX_EVENTS]
        if isinstance(row, dict)
    ]
