"""The result of a drill: the tables compared with the sandbox's ledger, and the invariants."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any

from sqlalchemy import select

from models.sms.message import HANDED_OVER, SETTLED, UNSENT, MessageState, SmsMessage
from tests.drills.drill_run import DrillRun
from tests.support.stack import ROOT


@dataclass
class DrillResult:
    """Counts of messages by result, and the failed expectations.

    `lost`: without a row, or shown as sent but not in the ledger. `hidden`: shown as unsent, but in the ledger. `open`: not settled.
    """

    sent: int = 0
    lost: int = 0
    doubled: int = 0
    review: int = 0
    hidden: int = 0
    open: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.hidden or self.open or self.broken)

    def as_json(self) -> str:
        return json.dumps({**asdict(self), "passed": self.holds}, ensure_ascii=False)


class DrillChecks:
    """Collects the failed expectations and the notes of a drill, and measures its duration."""

    def __init__(self, drill: DrillRun) -> None:
        self._drill, self._began = drill, monotonic()
        self.result = DrillResult()

    def expect(self, holds: Any, says: str) -> None:
        if not holds:
            self.result.broken.append(says)

    def note(self, **found: Any) -> None:
        self.result.more |= found

    def audit(self) -> None:
        """Run `sms-audit` in a separate process with every ledger."""
        sandboxes = [each for each in (self._drill.sandbox, self._drill.spare) if each]
        command = [sys.executable, "-W", "ignore", "-m", "flask", "--app", "run", "sms-audit", "--json"]
        for each in sandboxes:
            command += ["--ledger", each.ledger_url]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in {0, 1} or not done.stdout.strip():
            self.result.broken.append(f"sms-audit: {done.stderr[-300:]}")
            return
        for each in json.loads(done.stdout):
            if not each["holds"]:
                self.result.broken.append(f"{each['name']} {each['says']}: {each['broken'][:5]}")

    def close(self) -> DrillResult:
        """Compare the tables with the ledgers; returns the result."""
        self.result.seconds = round(monotonic() - self._began, 1)
        drill, found = self._drill, self.result
        columns = (SmsMessage.local_id, SmsMessage.state)
        rows = dict(drill.look(lambda session: session.execute(select(*columns)).tuples().all()))
        accepts = [entry for each in (drill.sandbox, drill.spare) if each for entry in each.accepts()]
        times = Counter(entry["localid"] for entry in accepts)
        handsets = Counter(entry["receptor"] for entry in accepts) if len(drill.campaigns) == 1 else Counter()
        missing = drill.expected - len(rows)
        found.sent = len(times)
        found.doubled = max(
            sum(count - 1 for count in times.values()), sum(count - 1 for count in handsets.values())
        )
        found.lost = missing + sum(state in HANDED_OVER and not times[key] for key, state in rows.items())
        found.hidden = sum(state in UNSENT and times[key] > 0 for key, state in rows.items())
        found.review = sum(state is MessageState.NEEDS_REVIEW for state in rows.values())
        found.open = sum(state not in SETTLED for state in rows.values())
        found.more["states"] = {state.value: count for state, count in Counter(rows.values()).items()}
        self.audit()
        return found
