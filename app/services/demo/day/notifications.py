"""Notifications of the demo: work that was assigned today and before, and a campaign that has stopped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.services.bulk import insert_all
from models.follow_up import FollowUp
from models.notifications.notification import Notification
from models.sms.campaign import SmsCampaign

_ASSIGNED = {"kind": "follow-ups.follow_ups.consultant", "section": "follow-ups"}
_PAUSED = {"kind": "campaigns.sms_campaigns.status.paused", "section": "campaigns"}
_SINGLES = 2


def write_notifications(
    manager_id: int, consultant_ids: Iterable[int], of_messages: Iterable[dict[str, Any]]
) -> None:
    """Tell the consultants of their newest follow-ups, the manager of the campaign, and all of their messages."""
    rows = [row for member_id in consultant_ids for row in _assigned(member_id)]
    campaign = db.session.scalar(select(SmsCampaign).order_by(SmsCampaign.id).limit(1))
    if campaign is not None:
        address = f"/campaigns/show/{campaign.id}"
        rows.append(_row(manager_id, _PAUSED, 1, row_id=campaign.id, address=address, name=campaign.title))
    # Pages show them by their keys, newest first.
    insert_all(Notification, sorted([*rows, *of_messages], key=lambda row: row["created_at"]))


def _assigned(member_id: int) -> list[dict[str, Any]]:
    """Notifications of a consultant, oldest first; those of earlier days are read."""
    several = "/follow-ups/?tab=new"
    found = [
        _row(member_id, _ASSIGNED, days, count=count, address=several, is_read=True)
        for days, count in ((9, 12), (2, 8), (1, 5))
    ]
    newest = select(FollowUp).where(FollowUp.consultant_id == member_id).order_by(FollowUp.id.desc())
    for number, row in enumerate(db.session.scalars(newest.limit(_SINGLES))):
        address, name = f"/follow-ups/show/{row.id}", str(row.customer)
        found.append(_row(member_id, _ASSIGNED, 0, number, row_id=row.id, address=address, name=name))
    return found


def _row(
    member_id: int,
    kind: dict[str, str],
    days: int,
    number: int = 0,
    *,
    row_id: int | None = None,
    count: int = 1,
    address: str,
    name: str = "",
    is_read: bool = False,
) -> dict[str, Any]:
    at = now() - timedelta(days=days, minutes=5 * (1 + _SINGLES - number))
    rest = {"count": count, "params": {"name": name} if name else {}, "created_at": at}
    act = f"demo-{days}-{number}"
    return {
        "member_id": member_id,
        **kind,
        **rest,
        "row_id": row_id,
        "address": address,
        "act": act,
        "read_at": at if is_read else None,
    }
