"""Ledger of accepted messages: indexes in memory, backed by an append-only JSON-lines file."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

Entry = dict[str, Any]
# Kavenegar's ids are long numbers; this start can't be confused with the panel's own ids.
_FIRST_ID = 8_000_000_001


class Ledger:
    """Accepted messages with their send time and final status, inbound texts and the blacklist."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._clear_memory()
        if path.exists():
            with path.open(encoding="utf-8") as lines:
                self._load(lines)
        self._file = path.open("a", encoding="utf-8")
        # A kill may have left an unfinished line; without this break the next event would be appended to it.
        self._file.write("\n")

    def _clear_memory(self) -> None:
        self.entries: list[Entry] = []
        self.inbound: list[Entry] = []
        self.blocked: dict[str, int] = {}
        self.by_id: dict[int, Entry] = {}
        self.by_local_id: dict[int, list[Entry]] = defaultdict(list)
        self.by_mobile: dict[str, list[Entry]] = defaultdict(list)
        self.spent = 0
        self._next_id = _FIRST_ID

    def _load(self, lines: Iterable[str]) -> None:
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                # An unfinished line of a killed process: its caller never got a response.
                continue
            self._apply(event)

    def accept(self, entries: Sequence[Entry]) -> None:
        """Assign ids to *entries*, write them to the file, then index them."""
        with self._lock:
            for number, entry in enumerate(entries, self._next_id):
                entry["messageid"] = number
            self._write([{"accept": entry} for entry in entries])

    def receive(self, inbound: Entry) -> None:
        with self._lock:
            inbound["messageid"] = self._next_id
            self._write([{"inbound": inbound}])

    def read_inbound(self, line: str, limit: int) -> list[Entry]:
        """Unread texts to *line* (to any line when it is empty); marks them as read."""
        with self._lock:
            unread = [row for row in self.inbound if not row["read"] and line in {"", row["receptor"]}][
                :limit
            ]
            self._write([{"read": row["messageid"]} for row in unread])
        return unread

    def cancel(self, message_id: int) -> None:
        with self._lock:
            self._write([{"cancel": message_id}])

    def block(self, mobile: str, reason: int | None) -> None:
        """Put *mobile* on the blacklist, or take it off when *reason* is None."""
        with self._lock:
            self._write([{"block": mobile, "reason": reason}])

    def clear(self) -> None:
        with self._lock:
            self._clear_memory()
            self._file.truncate(0)

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def tally(self) -> dict[str, Any]:
        """Totals of accepted messages, and the local ids that were accepted more than once."""
        with self._lock:
            sent = [entry for entry in self.entries if entry["accepted"]]
        local_ids = Counter(entry["localid"] for entry in sent if entry["localid"] is not None)
        return {
            "accepted": len(sent),
            "local_ids": len(local_ids),
            "doubled": {str(each): count for each, count in local_ids.items() if count > 1},
            "receptors": len({entry["receptor"] for entry in sent}),
            "spent": self.spent,
        }

    def _write(self, events: Sequence[Entry]) -> None:
        self._file.write("".join(json.dumps(event) + "\n" for event in events))
        self._file.flush()
        for event in events:
            self._apply(event)

    def _apply(self, event: Entry) -> None:
        if entry := event.get("accept"):
            self._index(entry)
        elif inbound := event.get("inbound"):
            self.inbound.append(inbound)
            self.by_mobile[inbound["sender"]].append(inbound)
            self._next_id = inbound["messageid"] + 1
        elif "read" in event:
            next(row for row in self.inbound if row["messageid"] == event["read"])["read"] = True
        elif "cancel" in event:
            self.by_id[event["cancel"]].update(final=13, final_at=0)
        elif event.get("reason") is None:
            self.blocked.pop(event["block"], None)
        else:
            self.blocked[event["block"]] = event["reason"]

    def _index(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.by_id[entry["messageid"]] = entry
        self.by_mobile[entry["receptor"]].append(entry)
        if entry["localid"] is not None:
            self.by_local_id[entry["localid"]].append(entry)
        self.spent += entry["cost"]
        self._next_id = entry["messageid"] + 1


def status_at(entry: Entry, now: float) -> int:
    """Kavenegar's status code of *entry* at *now*: queued, then sent, then final."""
    if now >= entry["final_at"]:
        return int(entry["final"])
    return 5 if now >= entry["sent_at"] else int(entry["status"])
