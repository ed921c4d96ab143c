"""Points where a drill can kill a worker, selected by CRASH_AT in the test environment."""

from __future__ import annotations

import os
import signal

from flask import current_app

POINTS = (
    "after_claim",
    "before_attempt",
    "after_attempt",
    "after_call",
    "before_result",
    "after_result",
)


def crash_point(name: str) -> None:
    """Kill this process with SIGKILL when CRASH_AT is *name*."""
    if os.environ.get("CRASH_AT") == name and current_app.config["APP_ENV"] == "test":
        os.kill(os.getpid(), signal.SIGKILL)
