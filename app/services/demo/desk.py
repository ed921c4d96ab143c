"""What the demo's members have at their desks: saved views, tokens, background work and exports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from app.extensions import db
from app.services.account.token import make_token
from app.services.demo.draw import Draw
from models.account import TokenScope
from models.job import BulkJob, ExportJob, JobStatus
from models.member import Member
from models.table_view import TableView

# (section, name, arguments of the list, whether all members see it).
_OF_MANAGERS = (
    ("follow-ups", "تماس‌های پی‌درپی", {"tab": "all", "f_status": "waiting", "f_attempts_from": "2"}, True),
    ("orders", "در صف انتساب", {"tab": "waiting"}, False),
    ("customers", "تهرانی‌ها", {"f_city": "تهران"}, True),
    ("sales", "نیمه‌پرداخت‌ها", {"f_status": "partly_paid"}, False),
)
_OF_CONSULTANTS = (("follow-ups", "زبان انگلیسی", {"tab": "all", "q": "زبان"}, False),)
_BULK_ROWS, _EXPORTED = 12, 48


def write_desks(draw: Draw, manager_id: int, consultants: Sequence[int]) -> None:
    """Add views of the manager and the *consultants*, and the manager's token and background work."""
    manager = db.session.get_one(Member, manager_id)
    _save_views(manager.id, _OF_MANAGERS)
    for consultant in consultants:
        _save_views(consultant, _OF_CONSULTANTS)
    make_token(manager, name="گزارش روزانه", scope=TokenScope.READ, days=180)
    at = draw.calendar.working_day(2, hour=12)
    ended = {
        "created_by_id": manager.id,
        "status": JobStatus.DONE,
        "created_at": at,
        "started_at": at + timedelta(seconds=1),
        "finished_at": at + timedelta(seconds=4),
    }
    bulk = BulkJob(
        client_token=uuid5(NAMESPACE_URL, f"ava demo bulk {manager.username}"),
        section="follow-ups",
        action="reassign",
        total=_BULK_ROWS,
        done=_BULK_ROWS,
        **ended,
    )
    export = ExportJob(
        client_token=uuid5(NAMESPACE_URL, f"ava demo export {manager.username}"),
        section="customers",
        original_name="مشتریان.xlsx",
        total=_EXPORTED,
        done=_EXPORTED,
        expires_at=at + timedelta(days=1),
        **ended,
    )
    db.session.add_all([bulk, export])
    db.session.flush()


def _save_views(member_id: int, views: tuple[tuple[str, str, dict[str, str], bool], ...]) -> None:
    db.session.add_all(
        TableView(
            member_id=member_id,
            created_by_id=member_id,
            section=section,
            name=name,
            query=urlencode(query),
            columns=[],
            is_shared=is_shared,
        )
        for section, name, query, is_shared in views
    )
