"""Parses the messages of an API call and validates them as Kavenegar does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.lib.digits import parse_int
from app.lib.mobile import MobileError, canonical_mobile, local_mobile

MAX_RECEPTORS = 200
LINE = "10004346"
_MAX_LETTERS = 1800
_MAX_TOKEN = 100
_LINK = re.compile(r"https?://|www\.|\b[a-z0-9-]+\.(?:ir|com|org|net)\b", re.IGNORECASE)
_SENDER = re.compile(r"\+?[0-9]{3,20}")
# The number of spaces that each token may contain.
_SPACES = {"token": 0, "token2": 0, "token3": 0, "token10": 5, "token20": 8}
_PATTERN = re.compile(r"[\w-]{1,60}")


class ApiError(Exception):
    """The whole call is refused with Kavenegar's status `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class MessageRequest:
    """One message of a call; *receptor* is unchanged input when it is not a mobile number."""

    receptor: str
    is_mobile: bool
    sender: str
    message: str
    local_id: int | None


def one_text(fields: Mapping[str, str]) -> list[MessageRequest]:
    """Messages of ``sms/send``: one text for all receivers."""
    receptors = _listed(fields.get("receptor", ""))
    local_ids = _listed(fields.get("localid", "")) or [""] * len(receptors)
    sender, message = fields.get("sender") or LINE, fields.get("message", "")
    if "receptor" not in fields or "message" not in fields:
        raise ApiError(400)
    return _checked(receptors, [sender] * len(receptors), [message] * len(receptors), local_ids)


def many_texts(fields: Mapping[str, str]) -> list[MessageRequest]:
    """Messages of ``sms/sendarray``: one text per receiver."""
    receptors, senders, messages = (_array(fields, name) for name in ("receptor", "sender", "message"))
    given = next((name for name in ("localmessageids", "localid", "localids") if fields.get(name)), None)
    local_ids = _array(fields, given) if given else [""] * len(receptors)
    return _checked(receptors, senders, messages, local_ids)


def from_pattern(fields: Mapping[str, str]) -> list[MessageRequest]:
    """Messages of ``verify/lookup``: a stored template filled with tokens.

    Every template name exists here, unless it contains «unknown».
    """
    receptors, template = _listed(fields.get("receptor", "")), fields.get("template", "")
    tokens = {name: fields[name] for name in _SPACES if fields.get(name)}
    if not receptors or not template or "token" not in tokens:
        raise ApiError(406)
    if not _PATTERN.fullmatch(template) or "unknown" in template:
        raise ApiError(424)
    for name, token in tokens.items():
        if len(token) > _MAX_TOKEN or len(re.findall(r"\s", token)) > _SPACES[name]:
            raise ApiError(431)
    text = " ".join([f"[{template}]", *tokens.values()])
    local_ids = _listed(fields.get("localid", "")) or [""] * len(receptors)
    return _checked(receptors, [LINE] * len(receptors), [text] * len(receptors), local_ids)


def has_link(requests: list[MessageRequest]) -> bool:
    return any(_LINK.search(request.message) for request in requests)


def pages(text: str) -> int:
    """The number of SMS parts that operators bill."""
    latin = text.isascii()
    first, more = (160, 153) if latin else (70, 67)
    units = len(text) if latin else len(text.encode("utf-16-le")) // 2
    return 1 if units <= first else -(-units // more)


def _checked(*columns: list[Any]) -> list[MessageRequest]:
    receptors, senders, messages, local_ids = columns
    if len({len(column) for column in columns}) != 1:
        raise ApiError(419)
    if not receptors:
        raise ApiError(411)
    if len(receptors) > MAX_RECEPTORS:
        raise ApiError(414)
    if not all(_SENDER.fullmatch(str(sender)) for sender in senders):
        raise ApiError(412)
    if not all(str(text).strip() and len(str(text)) <= _MAX_LETTERS for text in messages):
        raise ApiError(413)
    return [_request(*row) for row in zip(receptors, senders, messages, local_ids, strict=True)]


def _request(receptor: Any, sender: Any, message: Any, local_id: Any) -> MessageRequest:
    try:
        mobile, is_mobile = local_mobile(canonical_mobile(receptor)), True
    except MobileError:
        mobile, is_mobile = str(receptor), False
    text = str(local_id).strip()
    number = parse_int(text)
    if text and number is None:
        raise ApiError(422)
    return MessageRequest(mobile, is_mobile, str(sender), str(message), number)


def _listed(text: str) -> list[str]:
    """Comma-separated values; a JSON array is accepted as well."""
    if text.strip().startswith("["):
        return [str(each) for each in _parsed(text)]
    return [part.strip() for part in text.split(",") if part.strip()]


def _array(fields: Mapping[str, str], name: str) -> list[Any]:
    if name not in fields:
        raise ApiError(400)
    return _parsed(fields[name]) if fields[name].strip().startswith("[") else _listed(fields[name])


def _parsed(text: str) -> list[Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise ApiError(422) from None
    if not isinstance(values, list):
        raise ApiError(422)
    return values
