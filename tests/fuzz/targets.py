"""One target for each parser of foreign input: its texts, its call, and the errors that it may raise."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from app.gateways.http_client import Reply
from app.gateways.sms.base import LookUpFailed, Outgoing, ProviderAccount
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.sms_ir import SmsIr
from app.lib.codes import CodeError, read_economic_code, read_legal_id, read_national_id, read_postal_code
from app.lib.jalali import JalaliError, format_datetime, parse_date, parse_datetime
from app.lib.mobile import MobileError, canonical_mobile, canonical_phone, display_mobile, mobile_fragment
from app.lib.money import AmountError, Currency, format_amount, parse_amount
from app.lib.sms_text.keyword import keyword_of
from app.lib.sms_text.size import has_link, size_of
from app.lib.tables.source import UnreadableFile
from app.lib.time_of_day import TimeError, format_time_of_day, parse_time
from app.panel.api.validation import read_json
from app.panel.queries.arguments import page_number, read_query, read_state
from tests.fuzz.tables import CELLS, DAMAGED, PARTS, XML, read_all, zipped
from tests.fuzz.texts import TEXTS

_OUTGOING = Outgoing(1, "+989121234567", "متن")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["return", "status", "entries", "data", "messageid", "localid", "from", "to", "date"]
            )
            | st.text(max_size=8),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
_DOCUMENTS = st.binary(max_size=300) | _JSON.map(lambda value: json.dumps(value).encode())


@dataclass(frozen=True)
class Target:
    """A parser: values for it, the call, and the errors that are its answer to bad input."""

    values: st.SearchStrategy[Any]
    call: Callable[[Any], object]
    errors: tuple[type[Exception], ...] = ()
    seeds: tuple[Any, ...] = field(default=())


def _mobile(text: str) -> None:
    mobile_fragment(text)
    found = canonical_mobile(text)
    assert canonical_mobile(found) == found
    assert canonical_mobile(display_mobile(found)) == found


def _jalali(text: str) -> None:
    found = parse_datetime(text)
    assert parse_datetime(format_datetime(found)) == found.replace(second=0, microsecond=0)


def _money(text: str) -> None:
    for currency in Currency:
        rials = parse_amount(text, currency)
        assert parse_amount(format_amount(rials, currency), currency) == rials


def _time(text: str) -> None:
    found = parse_time(text)
    assert parse_time(format_time_of_day(found)) == found


def _arguments(query: str) -> None:
    arguments = read_query(query)
    state = read_state(arguments, sortable=["title"], tabs=["all", "new"])
    assert state is not None
    page_number(arguments.get("page", ""), most=10)


def _reports(body: bytes) -> None:
    account = ProviderAccount("key", "http://127.0.0.1/v1", "1000")
    for kind in (Kavenegar, SmsIr):
        provider = kind(account, public_only=False)
        provider._call = lambda *_given: Reply(200, {"Retry-After": "soon"}, body)
        fields = {"messageid": body.decode("latin-1"), "status": "1", "from": body.decode("utf-8", "replace")}
        for given in ({}, fields):
            provider.read_reports(given, body)
            provider.read_inbound(given, body)
        assert len(provider.send([_OUTGOING])) == 1
        for ask in (provider.credit, partial(provider.status, ["1"])):
            try:
                ask()
            except LookUpFailed:
                continue


def _sms(text: str) -> None:
    keyword_of(text)
    has_link(text)
    assert size_of(text).pages >= 1


def _codes(text: str) -> None:
    for read in (read_national_id, read_legal_id, read_economic_code, read_postal_code):
        try:
            assert read(read(text)) == read(text)
        except CodeError:
            continue


TARGETS = {
    "mobile": Target(TEXTS, _mobile, (MobileError,), ("09121234567", "9.12e9")),
    "phone": Target(TEXTS, canonical_phone, (MobileError,)),
    "jalali": Target(TEXTS, _jalali, (JalaliError,), ("1403/12/30 14:30", "۱۴۰۳/۷/۱۵ ۹:۵")),
    "day": Target(TEXTS, parse_date, (JalaliError,)),
    "time": Target(TEXTS, _time, (TimeError,)),
    "money": Target(TEXTS, _money, (AmountError,), ("1,000", "۱٬۰۰۰٫۵")),
    "codes": Target(TEXTS, _codes),
    "csv": Target(
        st.binary(max_size=400)
        | CELLS.map(lambda rows: "\n".join(rows).encode("utf-8", "surrogatepass"))
        | CELLS.map(lambda rows: "\n".join(rows).encode("utf-16", "surrogatepass")),
        lambda data: read_all(data, "a.csv"),
        (UnreadableFile,),
    ),
    "xlsx": Target(
        DAMAGED | st.binary(max_size=300) | st.dictionaries(st.sampled_from(PARTS), XML | st.binary(max_size=60)).map(zipped),
        lambda data: read_all(data, "a.xlsx"),
        (UnreadableFile,),
    ),
    "arguments": Target(TEXTS | st.lists(st.tuples(st.sampled_from(["q", "page", "sort", "tab", "f_a"]), TEXTS)).map(
        lambda pairs: "&".join(f"{name}={text}" for name, text in pairs)
    ), _arguments, (BadRequest,)),
    "json": Target(_DOCUMENTS, read_json, (ValueError,)),
    "reports": Target(_DOCUMENTS, _reports),
    "sms": Target(TEXTS, _sms),
}  # fmt: skip
