"""Files of the rows in the world of the permission matrix."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.gateways.storage import storage
from models.attachment import Attachment
from models.follow_up import FollowUpEntry
from models.messages.message import Message
from models.messages.thread import Thread
from models.sale import Sale
from models.support import SupportEntry
from tests import factories

PDF = b"%PDF-1.4 a small one"


def file_of_thread(row: Thread, word: str) -> str:
    """A file of the first message of the conversation."""
    session = factories.db.session
    return file_of(session.scalars(select(Message).where(Message.thread_id == row.id)).one(), word)


def attach(row: Any, owner_id: int, word: str) -> str:
    title = factories.ResultTitleFactory()
    session, values = factories.db.session, {"result_title_id": title.id, "by_id": owner_id, "note": word}
    entry: Any = (
        SupportEntry(sale_id=row.id, **values)
        if isinstance(row, Sale)
        else FollowUpEntry(follow_up_id=row.id, **values)
    )
    session.add(entry)
    session.flush()
    return file_of(entry, word)


def file_of(row: Any, word: str) -> str:
    attachment = Attachment(
        **Attachment.link_to(row),
        sha256="0" * 64,
        size=len(PDF),
        detected_type="application/pdf",
        original_name=f"{word}.pdf",
    )
    factories.db.session.add(attachment)
    factories.db.session.flush()
    store(attachment)
    return str(attachment.uuid)


def store(attachment: Attachment) -> None:
    path = storage().path(attachment.stored_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PDF)
