"""Passes on what happens later: reports of delivery, and texts that people send back."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Condition, Event, Thread
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from app.sandbox.faults import Faults
from app.sandbox.ledger import Entry
from app.sandbox.status_texts import STATES

_TRIES, _PAUSE, _PATIENCE = 3, 2.0, 10.0
_POSTERS = 4
_LONGEST_NAP = 0.5


class Courier:
    """Waits for the moment of each report, then posts it; the addresses are those of the switches at that time."""

    def __init__(self, faults: Faults, stopping: Event) -> None:
        self._faults, self._stopping = faults, stopping
        self._due: list[tuple[float, int, Entry, int]] = []
        self._changed = Condition()
        self._count = itertools.count()
        self._posters = ThreadPoolExecutor(_POSTERS, "courier")

    def start(self) -> None:
        Thread(target=self._run, name="courier", daemon=True).start()

    def close(self) -> None:
        with self._changed:
            self._changed.notify()
        self._posters.shutdown(wait=False, cancel_futures=True)

    def expect(self, entries: Sequence[Entry]) -> None:
        """Remember to report on *entries*, if anybody listens."""
        control = self._faults.control
        if not control.reports_url:
            return
        with self._changed:
            for entry in entries:
                sent_at = entry["sent_at"]
                if self._faults.chance(control.reports_disorder):
                    sent_at = entry["final_at"] + 1
                self._push(sent_at, entry, 5 if entry["accepted"] else entry["status"])
                self._push(entry["final_at"], entry, entry["final"])
            self._changed.notify()

    def pass_on(self, inbound: Entry) -> bool:
        """Give a text to the panel; whether anybody listens."""
        address = self._faults.control.inbound_url
        fields = {"messageid": inbound["messageid"], "from": inbound["sender"], "to": inbound["receptor"]}
        if address:
            self._hand_over(address, {**fields, "message": inbound["message"]})
        return bool(address)

    def _push(self, moment: float, entry: Entry, status: int) -> None:
        heapq.heappush(self._due, (moment, next(self._count), entry, status))

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._changed:
                ripe = []
                while self._due and self._due[0][0] <= self._faults.now():
                    ripe.append(heapq.heappop(self._due))
                if not ripe:
                    self._changed.wait(_LONGEST_NAP)
            for _moment, _number, entry, status in ripe:
                self._report(entry, status)

    def _report(self, entry: Entry, status: int) -> None:
        control = self._faults.control
        # A message that was cancelled on its way is not delivered.
        status = 13 if entry["final"] == 13 else status
        fields = {"messageid": entry["messageid"], "status": status, "statustext": STATES[status]}
        fields |= {"receptor": entry["receptor"], "sender": entry["sender"]}
        if entry["localid"] is not None:
            fields["localid"] = entry["localid"]
        if control.reports_url:
            for _time in range(1 + self._faults.chance(control.reports_twice)):
                self._hand_over(control.reports_url, fields)

    def _hand_over(self, address: str, fields: Entry) -> None:
        # When the sandbox ends there is nobody left to take it.
        with suppress(RuntimeError):
            self._posters.submit(self._post, address, fields)

    def _post(self, address: str, fields: Entry) -> None:
        body = urlencode(fields).encode()
        for _try in range(_TRIES):
            try:
                with urlopen(Request(address, body), timeout=_PATIENCE):  # noqa: S310 - http alone is let into the switches
                    return
            except (URLError, OSError):
                if self._stopping.wait(_PAUSE):
                    return
