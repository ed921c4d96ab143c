"""Messages as a call asks for them, checked as Kavenegar does before it accepts any."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.lib.digits import parse_int
from app.lib.mobile import MobileError, canonical_mobile, local_mobile

MOST_RECEPTORS = 200
LINE = "10004346"
_MOST_LETTERS = 1800
_MOST_TOKEN = 100
_LINK = re.compile(r"https?://|www\.|\b[a-z0-9-]+\.(?:ir|com|org|net)\b", re.IGNORECASE)
_SENDER = re.compile(r"\+?[0-9]{3,20}")
# A token without spaces, and how many spaces the longer ones may have.
_SPACES = {"token": 0, "token2": 0, "token3": 0, "token10": 5, "token20": 8}
_PATTERN = re.compile(r"[\w-]{1,60}")


class Refused(Exception):
    """The call is refused as a whole, with Kavenegar's code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Draft:
    """One message of a call; *receptor* is as it was given when it is no mobile number."""

    receptor: str
    is_mobile: bool
    sender: str
    message: str
    local_id: int | None


def one_text(fields: Mapping[str, str]) -> list[Draft]:
    """``sms/send``: one text to many."""
    receptors = _listed(fields.get("receptor", ""))
    local_ids = _listed(fields.get("localid", "")) or [""] * len(receptors)
    sender, message = fields.get("sender") or LINE, fields.get("message", "")
    if "receptor" not in fields or "message" not in fields:
        raise Refused(400)
    return _checked(receptors, [sender] * len(receptors), [message] * len(receptors), local_ids)


def many_texts(fields: Mapping[str, str]) -> list[Draft]:
    """``sms/sendarray``: to each his own."""
    receptors, senders, messages = (_array(fields, name) for name in ("receptor", "sender", "message"))
    given = next((name for name in ("localmessageids", "localid", "localids") if fields.get(name)), None)
    local_ids = _array(fields, given) if given else [""] * len(receptors)
    return _checked(receptors, senders, messages, local_ids)


def from_pattern(fields: Mapping[str, str]) -> list[Draft]:
    """``verify/lookup``: a text that is kept there, with tokens in it; no name with «unknown» in it is kept."""
    receptors, template = _listed(fields.get("receptor", "")), fields.get("template", "")
    tokens = {name: fields[name] for name in _SPACES if fields.get(name)}
    if not receptors or not template or "token" not in tokens:
        raise Refused(406)
    if not _PATTERN.fullmatch(template) or "unknown" in template:
        raise Refused(424)
    for name, token in tokens.items():
        if len(token) > _MOST_TOKEN or len(re.findall(r"\s", token)) > _SPACES[name]:
            raise Refused(431)
    text = " ".join([f"[{template}]", *tokens.values()])
    local_ids = _listed(fields.get("localid", "")) or [""] * len(receptors)
    return _checked(receptors, [LINE] * len(receptors), [text] * len(receptors), local_ids)


def has_link(drafts: list[Draft]) -> bool:
    return any(_LINK.search(draft.message) for draft in drafts)


def pages(text: str) -> int:
    """How many messages the operators count."""
    latin = text.isascii()
    first, more = (160, 153) if latin else (70, 67)
    units = len(text) if latin else len(text.encode("utf-16-le")) // 2
    return 1 if units <= first else -(-units // more)


def _checked(*columns: list[Any]) -> list[Draft]:
    receptors, senders, messages, local_ids = columns
    if len({len(column) for column in columns}) != 1:
        raise Refused(419)
    if not receptors:
        raise Refused(411)
    if len(receptors) > MOST_RECEPTORS:
        raise Refused(414)
    if not all(_SENDER.fullmatch(str(sender)) for sender in senders):
        raise Refused(412)
    if not all(str(text).strip() and len(str(text)) <= _MOST_LETTERS for text in messages):
        raise Refused(413)
    return [_draft(*row) for row in zip(receptors, senders, messages, local_ids, strict=True)]


def _draft(receptor: Any, sender: Any, message: Any, local_id: Any) -> Draft:
    try:
        mobile, is_mobile = local_mobile(canonical_mobile(receptor)), True
    except MobileError:
        mobile, is_mobile = str(receptor), False
    text = str(local_id).strip()
    number = parse_int(text)
    if text and number is None:
        raise Refused(422)
    return Draft(mobile, is_mobile, str(sender), str(message), number)


def _listed(text: str) -> list[str]:
    """Values between commas, in a JSON array as well."""
    if text.strip().startswith("["):
        return [str(each) for each in _parsed(text)]
    return [part.strip() for part in text.split(",") if part.strip()]


def _array(fields: Mapping[str, str], name: str) -> list[Any]:
    if name not in fields:
        raise Refused(400)
    return _parsed(fields[name]) if fields[name].strip().startswith("[") else _listed(fields[name])


def _parsed(text: str) -> list[Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(422) from None
    if not isinstance(values, list):
        raise Refused(422)
    return values
