"""Posts delivery reports and inbound texts to the panel."""

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

_TRIES, _PAUSE, _TIMEOUT = 3, 2.0, 10.0
_POSTERS = 4
_POLL_INTERVAL = 0.5


class WebhookSender:
    """Posts each report when it is due, to the address that the settings have at that time."""

    def __init__(self, faults: Faults, stopping: Event) -> None:
        self._faults, self._stopping = faults, stopping
        self._due: list[tuple[float, int, Entry, int]] = []
        self._changed = Condition()
        self._count = itertools.count()
        self._posters = ThreadPoolExecutor(_POSTERS, "webhooks")

    def start(self) -> None:
        Thread(target=self._run, name="webhooks", daemon=True).start()

    def close(self) -> None:
        with self._changed:
            self._changed.notify()
        self._posters.shutdown(wait=False, cancel_futures=True)

    def schedule(self, entries: Sequence[Entry]) -> None:
        """Schedule the delivery reports of *entries*, if an address for reports is set."""
        settings = self._faults.settings
        if not settings.reports_url:
            return
        with self._changed:
            for entry in entries:
                sent_at = entry["sent_at"]
                if self._faults.chance(settings.reports_disorder):
                    sent_at = entry["final_at"] + 1
                self._push(sent_at, entry, 5 if entry["accepted"] else entry["status"])
                self._push(entry["final_at"], entry, entry["final"])
            self._changed.notify()

    def post_inbound(self, inbound: Entry) -> bool:
        """Post an inbound text; returns whether an address for inbound texts is set."""
        address = self._faults.settings.inbound_url
        fields = {"messageid": inbound["messageid"], "from": inbound["sender"], "to": inbound["receptor"]}
        if address:
            self._submit(address, {**fields, "message": inbound["message"]})
        return bool(address)

    def _push(self, moment: float, entry: Entry, status: int) -> None:
        heapq.heappush(self._due, (moment, next(self._count), entry, status))

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._changed:
                ready = []
                while self._due and self._due[0][0] <= self._faults.now():
                    ready.append(heapq.heappop(self._due))
                if not ready:
                    self._changed.wait(_POLL_INTERVAL)
            for _moment, _number, entry, status in ready:
                self._report(entry, status)

    def _report(self, entry: Entry, status: int) -> None:
        settings = self._faults.settings
        # A message that was cancelled after it was scheduled is reported as cancelled.
        status = 13 if entry["final"] == 13 else status
        fields = {"messageid": entry["messageid"], "status": status, "statustext": STATES[status]}
        fields |= {"receptor": entry["receptor"], "sender": entry["sender"]}
        if entry["localid"] is not None:
            fields["localid"] = entry["localid"]
        if settings.reports_url:
            for _time in range(1 + self._faults.chance(settings.reports_twice)):
                self._submit(settings.reports_url, fields)

    def _submit(self, address: str, fields: Entry) -> None:
        # After `close` the executor raises RuntimeError; the report is dropped.
        with suppress(RuntimeError):
            self._posters.submit(self._post, address, fields)

    def _post(self, address: str, fields: Entry) -> None:
        body = urlencode(fields).encode()
        for _try in range(_TRIES):
            try:
                with urlopen(Request(address, body), timeout=_TIMEOUT):  # noqa: S310 - the settings accept http addresses only
                    return
            except (URLError, OSError):
                if self._stopping.wait(_PAUSE):
                    return
