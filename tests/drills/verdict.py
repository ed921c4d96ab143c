"""What came of a drill: the sandbox's ledger beside the tables, and the invariants on both."""

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
from tests.drills.stage import Stage
from tests.support.stack import ROOT


@dataclass
class Verdict:
    """`lost` are messages that neither the provider nor their state knows of; `open` are not at an end."""

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


class Judge:
    """Takes the time from its making, and collects what a drill itself finds wrong."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._began = stage, monotonic()
        self.verdict = Verdict()

    def expect(self, holds: Any, says: str) -> None:
        if not holds:
            self.verdict.broken.append(says)

    def note(self, **found: Any) -> None:
        self.verdict.more |= found

    def audit(self) -> None:
        """`sms-audit` as a process of its own, with every ledger."""
        sandboxes = [each for each in (self._stage.sandbox, self._stage.spare) if each]
        command = [sys.executable, "-W", "ignore", "-m", "flask", "--app", "run", "sms-audit", "--json"]
        for each in sandboxes:
            command += ["--ledger", each.ledger_url]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in {0, 1} or not done.stdout.strip():
            self.verdict.broken.append(f"sms-audit: {done.stderr[-300:]}")
            return
        for each in json.loads(done.stdout):
            if not each["holds"]:
                self.verdict.broken.append(f"{each['name']} {each['says']}: {each['broken'][:5]}")

    def close(self) -> Verdict:
        """Count both sides."""
        self.verdict.seconds = round(monotonic() - self._began, 1)
        stage, found = self._stage, self.verdict
        columns = (SmsMessage.local_id, SmsMessage.state)
        rows = dict(stage.look(lambda session: session.execute(select(*columns)).tuples().all()))
        accepts = [entry for each in (stage.sandbox, stage.spare) if each for entry in each.accepts()]
        times = Counter(entry["localid"] for entry in accepts)
        handsets = Counter(entry["receptor"] for entry in accepts) if len(stage.campaigns) == 1 else Counter()
        missing = stage.expected - len(rows)
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
