"""Places where a drill lets a worker die: only in the test environment, and only where CRASH_AT says."""

from __future__ import annotations

import os
import signal

from flask import current_app

POINTS = (
    "after_claim",
    "before_intent",
    "after_intent",
    "after_wire",
    "before_result",
    "after_result",
)


def crash_point(name: str) -> None:
    """End this process at once, as a power cut would, if a drill asked for it here."""
    if os.environ.get("CRASH_AT") == name and current_app.config["APP_ENV"] == "test":
        os.kill(os.getpid(), signal.SIGKILL)
