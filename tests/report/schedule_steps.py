"""What the tests of schedules share: the form, moments in Tehran, and notifications."""

from datetime import time, timedelta

from app.lib.jalali import instant, parse_date
from models.notifications.notification import Notification

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PAGE = "/reports/final-sales/"
FORM = {"sending": "daily", "hour": "8", "span": "yesterday", "month_day": "1"}


def at(day, hour=0, minute=0):
    """The moment of a Jalali day and an hour in Tehran."""
    return instant(parse_date(day), time(hour, minute))


def notices(stored, member_id):
    """The kinds of the notifications of a member with their names."""
    return [
        (each.kind.rpartition(".")[2], each.params.get("name"))
        for each in stored(Notification)
        if each.member_id == member_id and each.kind.startswith("reports/")
    ]
