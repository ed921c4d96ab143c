"""State of one sandbox, and the handlers of its own addresses under ``/sandbox/``."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from app.lib.mobile import MobileError, canonical_mobile, local_mobile
from app.sandbox.faults import Faults
from app.sandbox.kavenegar_api import KavenegarApi
from app.sandbox.ledger import Entry, Ledger, status_at
from app.sandbox.requests import LINE
from app.sandbox.responses import HttpResponse, json_response
from app.sandbox.settings import InvalidSetting, Settings, load_settings, save_settings
from app.sandbox.webhooks import WebhookSender

_MAX_MAILS = 200
_OPT_OUT, _OPT_IN = {"11", "۱۱", "لغو11", "لغو۱۱", "لغو ۱۱"}, {"12", "۱۲"}


class SandboxState:
    """Settings, ledger, API and webhooks of one sandbox; its files are in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._settings_file = folder / "control.json"
        self.stopping = Event()
        self.faults = Faults(load_settings(self._settings_file))
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.webhooks = WebhookSender(self.faults, self.stopping)
        self.api = KavenegarApi(self.ledger, self.faults, self.webhooks.schedule)
        self.mails: deque[dict[str, Any]] = deque(maxlen=_MAX_MAILS)
        self.webhooks.start()

    def close(self) -> None:
        """Stop waiting calls and webhooks, and close the ledger's file."""
        self.stopping.set()
        self.webhooks.close()
        self.ledger.close()

    def read(self, name: str, fields: Mapping[str, str]) -> HttpResponse | None:
        """The response to GET ``/sandbox/<name>``; None for an unknown name."""
        if name in {"ledger", "messages"}:
            return json_response(self._accepted(fields))
        if name == "tally":
            return json_response({**self.ledger.tally(), "calls": self.api.call_count})
        if name == "control":
            return json_response(self._shown())
        if name == "inbound":
            return json_response(self.ledger.inbound)
        return json_response(list(self.mails)) if name == "mails" else None

    def write(self, name: str, given: Mapping[str, Any]) -> HttpResponse | None:
        """The response to POST ``/sandbox/<name>``; None for an unknown name."""
        try:
            if name == "control":
                self._set(self._with_credit(self.faults.settings.changed(given), given))
            elif name == "advance":
                seconds = float(given.get("seconds", 60))
                self._set(self._advanced(seconds))
            elif name == "reset":
                self._reset(given)
            elif name == "inbound":
                return json_response(self._receive(given), 201)
            elif name == "mails":
                self.mails.appendleft(dict(given))
                return json_response({}, 201)
            else:
                return None
        except (InvalidSetting, MobileError, ValueError, TypeError) as error:
            return json_response({"error": str(error)}, 400)
        return json_response(self._shown())

    def _shown(self) -> dict[str, Any]:
        values, credit = self.faults.settings.as_dict(), self.faults.settings.credit
        return {**values, "credit": None if credit is None else credit - self.ledger.spent}

    def _with_credit(self, settings: Settings, given: Mapping[str, Any]) -> Settings:
        """Converts a given credit, which is what is left, to the total including what was spent."""
        if settings.credit is None or "credit" not in given:
            return settings
        return replace(settings, credit=settings.credit + self.ledger.spent)

    def _set(self, settings: Settings) -> None:
        self.faults.set(settings)
        save_settings(settings, self._settings_file)

    def _advanced(self, seconds: float) -> Settings:
        settings = self.faults.settings
        return replace(settings, clock_offset=settings.clock_offset + max(0.0, seconds))

    def _reset(self, given: Mapping[str, Any]) -> None:
        """Restore the default settings, and clear the ledger unless ``ledger=keep`` is given."""
        self._set(Settings())
        if given.get("ledger") != "keep":
            self.ledger.clear()
            self.mails.clear()

    def _accepted(self, fields: Mapping[str, str]) -> list[Entry]:
        after, limit = int(fields.get("after") or 0), int(fields.get("limit") or 10**9)
        now = self.faults.now()
        wanted = {name: fields[name] for name in ("localid", "receptor") if fields.get(name)}
        rows = [
            {**entry, "status": status_at(entry, now)}
            for entry in list(self.ledger.entries)
            if entry["accepted"]
            and entry["messageid"] > after
            and all(str(entry[name]) == value for name, value in wanted.items())
        ]
        return rows[:limit]

    def _receive(self, given: Mapping[str, Any]) -> Entry:
        sender = local_mobile(canonical_mobile(given.get("from")))
        text = str(given.get("message") or "")
        row: Entry = {
            "sender": sender,
            "receptor": str(given.get("to") or LINE),
            "message": text,
            "date": int(time.time()),
            "read": False,
        }
        self.ledger.receive(row)
        if text.strip() in _OPT_OUT:
            self.ledger.block(sender, 2)
        elif text.strip() in _OPT_IN:
            self.ledger.block(sender, None)
        return {**row, "passed_on": self.webhooks.post_inbound(row)}
