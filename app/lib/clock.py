"""The app's clock: one place to ask what time it is, so that a test or a drill can move it."""

from datetime import UTC, datetime, timedelta

_shift = timedelta()


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _shift


def start_at(start: datetime) -> None:
    """Let the clock stand at *start* now and tick on from there."""
    global _shift  # noqa: PLW0603 - there is one clock
    _shift = start - datetime.now(UTC)


def reset() -> None:
    """Back to the real time."""
    global _shift  # noqa: PLW0603 - there is one clock
    _shift = timedelta()
