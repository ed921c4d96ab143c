"""The list of drills with their settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Drill:
    """A drill: the function `run` of `module`, a description, and its environment variables."""

    module: str
    says: str
    environment: Mapping[str, str] = field(default_factory=dict)


# Durable against crashes of the server process, but not against power failure.
DURABLE = "-c fsync=off -c full_page_writes=off -c max_connections=100"
# Shortened times, which only the test environment accepts.
COMMON = {
    "APP_ENV": "test",
    "SECRET_KEY": "a key that only the tests know, long enough",
    "SMS_LEASE": "6",
    "SMS_LOOK_UPS": "1 2 3",
    "SMS_POLLS": "4 10",
    "SMS_REST": "3",
    "SMS_BATCH": "200",
    "SMS_BASE_URL": "",
}
_SMALL = {"SMS_BATCH": "20"}

DRILLS = {
    "D-01": Drill(
        "d01_killed", "5,000 messages, a worker killed every half second, database and broker, too", _SMALL
    ),
    "D-01b": Drill("d01b_stopped", "a worker gets SIGTERM during a call", _SMALL),
    "D-02": Drill("d02_crash_points", "killed exactly before and after each step", _SMALL),
    "D-03": Drill(
        "d03_database", "the database crashes three times during a campaign and during forms", _SMALL
    ),
    "D-04": Drill(
        "d04_answers",
        "every kind of failing answer, 200 messages each",
        # Longer than a call that times out.
        {"SMS_LEASE": "40"},
    ),
    "D-05": Drill("d05_partial", "answers that are partial, shuffled, doubled or without our ids", _SMALL),
    "D-06": Drill("d06_credit", "credit ends after 37 of 500, and comes back"),
    "D-07": Drill("d07_broker", "the broker restarts, forgets everything, and stays away", _SMALL),
    "D-08": Drill("d08_embedded", "the embedded database: web and worker killed again and again", _SMALL),
    "D-08b": Drill("d08b_spare", "the main provider is away, a spare one is there", _SMALL),
    "D-09": Drill("d09_frozen", "a worker is frozen in its call and wakes up after its lease", _SMALL),
    "D-10": Drill("d10_cancel", "a large campaign is cancelled while it runs", {"SMS_BATCH": "50"}),
    "D-11": Drill("d11_window", "the window closes in the middle", _SMALL),
    "D-12": Drill("d12_changes", "template, consents and owners change while it runs", _SMALL),
}
