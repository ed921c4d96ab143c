"""The app's clock, which tests and drills can shift."""

from datetime import UTC, datetime, timedelta

_shift = timedelta()


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC) + _shift


def start_at(start: datetime) -> None:
    """Set the clock to *start*; it keeps running from there."""
    global _shift  # noqa: PLW0603 - there is one clock
    _shift = start - datetime.now(UTC)


def reset() -> None:
    """Set the clock back to the real time."""
    global _shift  # noqa: PLW0603 - there is one clock
    _shift = timedelta()
