"""The parts of the sandbox together, and its own addresses under ``/sandbox/``."""

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
from app.sandbox.kavenegar_api import Desk
from app.sandbox.ledger import Entry, Ledger, status_at
from app.sandbox.requests import LINE
from app.sandbox.responses import Wire, as_json
from app.sandbox.settings import Control, WrongSetting, keep_control, kept_control
from app.sandbox.webhooks import Courier

_MOST_MAILS = 200
_STOPS, _COMES_BACK = {"11", "۱۱", "لغو11", "لغو۱۱", "لغو ۱۱"}, {"12", "۱۲"}


class House:
    """Everything of one sandbox, with its files in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._kept = folder / "control.json"
        self.stopping = Event()
        self.faults = Faults(kept_control(self._kept))
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.courier = Courier(self.faults, self.stopping)
        self.desk = Desk(self.ledger, self.faults, self.courier.expect)
        # A development page needs no more than the newest.
        self.mails: deque[dict[str, Any]] = deque(maxlen=_MOST_MAILS)
        self.courier.start()

    def close(self) -> None:
        """End what waits, and let go of the file."""
        self.stopping.set()
        self.courier.close()
        self.ledger.close()

    def read(self, name: str, fields: Mapping[str, str]) -> Wire | None:
        """The answer to GET ``/sandbox/<name>``."""
        if name in {"ledger", "messages"}:
            return as_json(self._accepts(fields))
        if name == "tally":
            return as_json({**self.ledger.tally(), "calls": self.desk.counted})
        if name == "control":
            return as_json(self._shown())
        if name == "inbound":
            return as_json(self.ledger.inbound)
        return as_json(list(self.mails)) if name == "mails" else None

    def write(self, name: str, given: Mapping[str, Any]) -> Wire | None:
        """The answer to POST ``/sandbox/<name>``."""
        try:
            if name == "control":
                self._set(self._with_credit(self.faults.control.changed(given), given))
            elif name == "advance":
                seconds = float(given.get("seconds", 60))
                self._set(self._pushed(seconds))
            elif name == "reset":
                self._reset(given)
            elif name == "inbound":
                return as_json(self._receive(given), 201)
            elif name == "mails":
                self.mails.appendleft(dict(given))
                return as_json({}, 201)
            else:
                return None
        except (WrongSetting, MobileError, ValueError, TypeError) as error:
            return as_json({"error": str(error)}, 400)
        return as_json(self._shown())

    def _shown(self) -> dict[str, Any]:
        shown, credit = self.faults.control.shown(), self.faults.control.credit
        return {**shown, "credit": None if credit is None else credit - self.ledger.spent}

    def _with_credit(self, control: Control, given: Mapping[str, Any]) -> Control:
        """Credit is given as what is left from now on, and kept as the whole that was ever there."""
        if control.credit is None or "credit" not in given:
            return control
        return replace(control, credit=control.credit + self.ledger.spent)

    def _set(self, control: Control) -> None:
        self.faults.set(control)
        keep_control(control, self._kept)

    def _pushed(self, seconds: float) -> Control:
        control = self.faults.control
        return replace(control, clock_offset=control.clock_offset + max(0.0, seconds))

    def _reset(self, given: Mapping[str, Any]) -> None:
        """Back to normal; ``ledger=keep`` leaves what was accepted, else that is forgotten, too."""
        self._set(Control())
        if given.get("ledger") != "keep":
            self.ledger.clear()
            self.mails.clear()

    def _accepts(self, fields: Mapping[str, str]) -> list[Entry]:
        after, most = int(fields.get("after") or 0), int(fields.get("limit") or 10**9)
        now = self.faults.now()
        wanted = {name: fields[name] for name in ("localid", "receptor") if fields.get(name)}
        rows = [
            {**entry, "status": status_at(entry, now)}
            for entry in list(self.ledger.entries)
            if entry["accepted"]
            and entry["messageid"] > after
            and all(str(entry[name]) == value for name, value in wanted.items())
        ]
        return rows[:most]

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
        if text.strip() in _STOPS:
            self.ledger.block(sender, 2)
        elif text.strip() in _COMES_BACK:
            self.ledger.block(sender, None)
        return {**row, "passed_on": self.courier.pass_on(row)}
