"""Attachments: checked by their content and stored before their rows are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.extensions import db
from app.gateways.storage import MOST_BYTES, StoreUnavailable, TooLarge, Upload, storage
from app.lib.persian import nfc, persian_digits
from app.services.attachment.file_type import IMAGES, FileRefused, kind_of, named
from app.services.attachment.image import redrawn
from models.attachment import Attachment
from models.tenancy.scope import whole_organization

MOST_FILES = 20
MOST_TOGETHER = 5 * 1024**3
_LONGEST_NAME = 200
_UNWANTED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff/\\]"
)


@dataclass(frozen=True)
class _CheckedFile:
    name: str
    kind: str
    data: bytes


def attach(parent: Any, uploads: Iterable[Upload]) -> list[Attachment]:
    """Attach *uploads* to *parent*, a flushed row; raises `FileRefused` for all when one is refused."""
    wanted = list(uploads)
    if not wanted:
        return []
    refuse_full(parent, len(wanted))
    checked = [_check(upload) for upload in wanted]
    saved: list[Attachment] = []
    try:
        saved += (_save(parent, each) for each in checked)
        _lock(parent)
        refuse_full(parent, len(saved), size=sum(each.size for each in saved))
    except FileRefused:
        _delete_files(saved)
        raise
    db.session.add_all(saved)
    db.session.flush()
    return saved


def refuse_full(parent: Any, number: int, *, size: int = 0) -> None:
    """Raise `FileRefused` when *number* more files, or *size* more bytes, would exceed a limit."""
    with whole_organization(db.session()):
        there = db.session.scalars(select(func.count(Attachment.id)).where(Attachment.of(parent))).one()
        together = func.coalesce(func.sum(Attachment.size), 0)
        # Files in the trash count too.
        used = db.session.scalars(select(together), execution_options={"with_deleted": True}).one()
    if there + number > MOST_FILES:
        most = persian_digits(MOST_FILES)
        raise FileRefused(_("At most %(most)s files belong to one row."), most=most)
    if used + size > MOST_TOGETHER:
        raise FileRefused(_("The 5 gigabytes that your organisation has for files are used up."))


def clean_name(name: str) -> str:
    """*name* without path separators, control characters and invisible marks."""
    cleaned = _UNWANTED.sub("", nfc(name)).strip(". ")
    return cleaned[-_LONGEST_NAME:] or "file"


def _check(upload: Upload) -> _CheckedFile:
    name = clean_name(upload.name)
    data = upload.stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _too_large(name)
    kind = kind_of(data, name)
    if kind in IMAGES:
        data = redrawn(data, kind, name)
    return _CheckedFile(named(name, kind), kind, data)


def _save(parent: Any, file: _CheckedFile) -> Attachment:
    """Store the file and make its row. A file whose row is never committed is deleted by the cleanup."""
    try:
        stored = storage().save(BytesIO(file.data))
    except TooLarge as error:
        raise _too_large(file.name) from error
    except StoreUnavailable as error:
        sentence = _(
            "The file %(name)s could not be stored; nothing was changed. Try again in a few moments."
        )
        raise FileRefused(sentence, name=file.name) from error
    return Attachment(
        **Attachment.link_to(parent),
        uuid=UUID(stored.name.rpartition("/")[2]),
        sha256=stored.sha256,
        size=stored.size,
        detected_type=file.kind,
        original_name=file.name,
    )


def _lock(parent: Any) -> None:
    """Lock *parent*, so that concurrent uploads count each other's files.

    Raises `FileRefused` when it was deleted or merged since it was read: its files would be out of sight.
    """
    kind = type(parent)
    statement = select(kind.id).where(kind.id == parent.id).with_for_update(key_share=True, of=kind)
    if db.session.scalar(statement) is None:
        raise FileRefused(_("This row was deleted meanwhile, so no file was attached."))


def _delete_files(saved: Sequence[Attachment]) -> None:
    for each in saved:
        # The cleanup deletes what can't be deleted now.
        with suppress(StoreUnavailable, OSError):
            storage().delete(each.stored_name)


def _too_large(name: str) -> FileRefused:
    return FileRefused(_("The file %(name)s is larger than 10 megabytes."), name=name)
