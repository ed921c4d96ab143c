"""File types by content. Refuses types that are not accepted, and files that are valid as two types at once."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.services.attachment.office import DOCX, OFFICE_KINDS, XLSX, office_kind
from app.services.attachment.sound import FIRST_ENDING, SOUND_ENDINGS, SOUNDS, sound_kind

PDF, TEXT = "application/pdf", "text/plain"
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
IMAGES = frozenset({JPEG, PNG, WEBP})

# Accepted extensions. Pictures often have the extension of another picture type, and sounds likewise.
_PICTURES = ("jpg", "jpeg", "jfif", "jpe", "png", "webp")
ENDINGS: Mapping[str, tuple[str, ...]] = {
    PDF: ("pdf",),
    JPEG: _PICTURES,
    PNG: ("png", *_PICTURES),
    WEBP: ("webp", *_PICTURES),
    DOCX: ("docx",),
    XLSX: ("xlsx",),
    **{kind: (FIRST_ENDING[kind], *SOUND_ENDINGS) for kind in SOUNDS},
    TEXT: ("txt", "csv", "log", "md"),
}
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
_ENDING = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,9}|3gpp?)$")
# A zip archive ends with its directory and a comment of at most 64 kilobytes.
_ARCHIVE_END, _ARCHIVE_TAIL = b"PK\x05\x06", 66_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# First characters of text formats that are not plain text.
_TEXT_MAGIC = ("<", "#!", "%!", "{\\rtf")


class FileRefused(DomainError):
    """A file of a type or size that is not accepted."""

    def __init__(self, message: LazyString, **params: object) -> None:
        super().__init__(message, field="files", **params)


def kind_of(data: bytes, name: str) -> str:
    """The media type of *data*; raises `FileRefused` when it is not accepted, ambiguous, or does not fit *name*."""
    if not data:
        raise FileRefused(_("The file %(name)s is empty."), name=name)
    kind = _sniff(data)
    if kind is None or _is_two_things(data, kind):
        raise FileRefused(_("The file %(name)s is of a kind that is not accepted."), name=name)
    ending = _ENDING.search(name)
    if ending and ending[1].lower() not in ENDINGS[kind]:
        raise FileRefused(_("The name of the file %(name)s does not fit what is in it."), name=name)
    return kind


def named(name: str, kind: str) -> str:
    """*name*, with the extension of *kind* when it has none."""
    return name if _ENDING.search(name) else f"{name}.{ENDINGS[kind][0]}"


def _sniff(data: bytes) -> str | None:
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


def _is_two_things(data: bytes, kind: str) -> bool:
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
