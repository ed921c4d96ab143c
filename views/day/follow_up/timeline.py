"""The timeline of a follow-up, newest first: results, messages and refused messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.services.follow_up import entries_of
from models.attachment import Attachment
from models.follow_up import FollowUp, FollowUpEntry
from models.member import Member
from models.sms.campaign import SmsExclusion
from models.sms.message import FINAL, HANDED_OVER, MessageState, SmsMessage

# The tab «Sent SMS» has all of them.
MOST_MESSAGES = 50
_COLOURS = {
    MessageState.DELIVERED: "green",
    MessageState.NEEDS_REVIEW: "orange",
    MessageState.UNKNOWN: "amber",
}


def timeline_of(follow_up: FollowUp) -> list[dict[str, Any]]:
    """The entries of the timeline, for the template."""
    lines = [_of_entry(follow_up, entry, files) for entry, files in _with_files(entries_of(follow_up))]
    lines += _messages(follow_up) + _refusals(follow_up)
    return sorted(lines, key=lambda line: line["at"], reverse=True)


def _with_files(entries: Sequence[FollowUpEntry]) -> Sequence[tuple[FollowUpEntry, list[Attachment]]]:
    """Each entry with its files, read in one statement."""
    keys = [entry.id for entry in entries]
    if not keys:
        return ()
    files: dict[int | None, list[Attachment]] = {}
    for attachment in db.session.scalars(select(Attachment).where(Attachment.follow_up_entry_id.in_(keys))):
        files.setdefault(attachment.follow_up_entry_id, []).append(attachment)
    return [(entry, files.get(entry.id, [])) for entry in entries]


def _of_entry(follow_up: FollowUp, entry: FollowUpEntry, files: list[Attachment]) -> dict[str, Any]:
    return {
        "colour": entry.result_title.colour.value,
        "title": str(entry.result_title),
        "note": entry.note,
        "by": entry.by.full_name,
        "at": entry.at,
        "next_at": entry.next_at,
        "files": [
            {"name": file.original_name, "url": f"/follow-ups/{follow_up.id}/files/{file.uuid}"}
            for file in files
        ],
    }


def _messages(follow_up: FollowUp) -> list[dict[str, Any]]:
    statement = (
        select(SmsMessage, Member)
        .outerjoin(Member, Member.id == SmsMessage.created_by_id)
        .where(SmsMessage.follow_up_id == follow_up.id)
        .order_by(SmsMessage.id.desc())
        .limit(MOST_MESSAGES)
    )
    return [
        {
            "colour": _colour(message.state),
            "title": _(
                "SMS: %(state)s", state=message.left_out.label if message.left_out else message.state.label
            ),
            "note": message.body,
            "by": sender.full_name if sender else "",
            "at": message.created_at,
        }
        for message, sender in db.session.execute(statement)
    ]


def _colour(state: MessageState) -> str:
    if state in HANDED_OVER - FINAL:
        return "blue"
    return _COLOURS.get(state, "red" if state in FINAL - {MessageState.CANCELLED} else "gray")


def _refusals(follow_up: FollowUp) -> list[dict[str, Any]]:
    """Messages that were not created, with the reason."""
    statement = select(SmsExclusion).where(SmsExclusion.follow_up_id == follow_up.id)
    return [
        {
            "colour": "red",
            "title": _("SMS not sent: %(reason)s", reason=each.reason.label),
            "note": each.details,
            "by": "",
            "at": each.at,
        }
        for each in db.session.scalars(statement.order_by(SmsExclusion.id.desc()).limit(MOST_MESSAGES))
    ]
