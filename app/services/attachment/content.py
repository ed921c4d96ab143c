"""What a file is by its content, and whether it is safe to accept as that."""

from __future__ import annotations

import re

from app.services.attachment.office import OFFICE_KINDS, office_kind
from app.services.attachment.sound import sound_kind

PDF, TEXT = "application/pdf", "text/plain"
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
)
_HEAD = 4096
# Some programs write a byte order mark or empty lines before a PDF, which its readers skip.
_BEFORE_PDF = re.compile(rb"(?:\xef\xbb\xbf)?[\t\n\r ]{0,16}%PDF-")
# Code that a browser or a server would run, anywhere in the file.
_ACTIVE = re.compile(rb"<script[\s>/]|<html[\s>]|<!doctype\s+html|<\?php[\s=]", re.IGNORECASE)
_ACTIVE_AT_HEAD = re.compile(rb"<svg[\s>]|<iframe|<body|<\?xml|<object|javascript:", re.IGNORECASE)
# A zip archive ends with its directory and a comment of at most 64 kilobytes.
_ARCHIVE_END, _ARCHIVE_TAIL = b"PK\x05\x06", 66_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# First characters of text formats that are not plain text.
_TEXT_MAGIC = ("<", "#!", "%!", "{\\rtf")


def sniff(data: bytes) -> str | None:
    """The media type of *data*; None for types that are not accepted."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if _BEFORE_PDF.match(data):
        return PDF
    if sound := sound_kind(data):
        return sound
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"PK\x03\x04"):
        return office_kind(data)
    return TEXT if _is_text(data) else None


def is_unsafe(data: bytes, kind: str) -> bool:
    """Whether *data* is valid as another type too, or contains active content."""
    is_archive = kind in OFFICE_KINDS
    if _ACTIVE.search(data) or (not is_archive and _ACTIVE_AT_HEAD.search(data, 0, _HEAD)):
        return True
    if kind != PDF and b"%PDF-" in data[:1024]:
        return True
    end = data.rfind(_ARCHIVE_END, max(0, len(data) - _ARCHIVE_TAIL))
    if not is_archive:
        return end >= 0
    # Nothing may follow the directory of an archive but its comment.
    return end + 22 + int.from_bytes(data[end + 20 : end + 22], "little") != len(data)


def _is_text(data: bytes) -> bool:
    """Whether *data* is plain text without control characters or active content."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    if _CONTROL.search(text) or _ACTIVE.search(text.encode()):
        return False
    return not text.lstrip().startswith(_TEXT_MAGIC)
