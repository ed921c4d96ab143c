"""Files people attach: checked by what is in them, kept before the row that names them."""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import TooLarge, storage
from app.lib.persian import nfc
from models.attachment import Attachment
from models.follow_up import FollowUpEntry

MOST_FILES = 20
_HEAD = 4096
_UNWANTED = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069/\\]")
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)
_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class FileRefused(DomainError):
    """A file of a kind or a size that is not kept."""


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: its name and its bytes."""

    name: str
    stream: BinaryIO


def attach(entry: FollowUpEntry, uploads: Iterable[Upload]) -> list[Attachment]:
    """Keep *uploads* with *entry*; refuses all of them when one can't be kept."""
    wanted = list(uploads)
    if len(wanted) > MOST_FILES:
        raise FileRefused(_("At most %(most)d files belong to one result."), field="files", most=MOST_FILES)
    kinds = [_kind_of(upload) for upload in wanted]
    kept = [_keep(entry, upload, kind) for upload, kind in zip(wanted, kinds, strict=True)]
    db.session.add_all(kept)
    db.session.flush()
    return kept


def _keep(entry: FollowUpEntry, upload: Upload, kind: str) -> Attachment:
    try:
        stored = storage().save(upload.stream)
    except TooLarge as error:
        raise FileRefused(
            _("The file %(name)s is larger than 10 megabytes."), field="files", name=upload.name
        ) from error
    return Attachment(
        uuid=UUID(stored.name.rpartition("/")[2]),
        follow_up_entry_id=entry.id,
        sha256=stored.sha256,
        size=stored.size,
        detected_type=kind,
        original_name=clean_name(upload.name),
    )


def clean_name(name: str) -> str:
    """The name as its owner wrote it, less what steers a page or a path."""
    cleaned = _UNWANTED.sub("", nfc(name)).strip(". ")
    return cleaned[-255:] or "file"


def _kind_of(upload: Upload) -> str:
    """What the bytes say the file is; its name has no say."""
    head = upload.stream.read(_HEAD)
    kind = _sniff(head, upload.stream)
    upload.stream.seek(0)
    if kind is None:
        raise FileRefused(
            _("The file %(name)s is of a kind that is not accepted."), field="files", name=upload.name
        )
    return kind


def _sniff(head: bytes, stream: BinaryIO) -> str | None:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"PK\x03\x04"):
        return _office(stream)
    return "text/plain" if _is_text(head) else None


def _office(stream: BinaryIO) -> str | None:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return None
    if any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((kind for part, kind in _OFFICE.items() if part in names), None)


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters, and nothing that a browser would take for a page."""
    if not head or head.lstrip().startswith(b"<"):
        return False
    # Only the head of a longer file may end within a character.
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(head, final=len(head) < _HEAD)
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0e-\x1f]", text)
