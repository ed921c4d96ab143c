"""The accepted file types. Refuses files by their content, and those whose name contradicts it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.services.attachment.content import JPEG, PDF, PNG, TEXT, WEBP, is_unsafe, sniff
from app.services.attachment.office import DOCX, XLSX
from app.services.attachment.sound import FIRST_ENDING, SOUND_ENDINGS, SOUNDS

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
_ENDING = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,9}|3gpp?)$")


class FileRefused(DomainError):
    """A file of a type or size that is not accepted."""

    def __init__(self, message: LazyString, **params: object) -> None:
        super().__init__(message, field="files", **params)


def kind_of(data: bytes, name: str) -> str:
    """The media type of *data*; raises `FileRefused` when it is not accepted, ambiguous, or does not fit *name*."""
    if not data:
        raise FileRefused(_("The file %(name)s is empty."), name=name)
    kind = sniff(data)
    if kind is None or is_unsafe(data, kind):
        raise FileRefused(_("The file %(name)s is of a kind that is not accepted."), name=name)
    ending = _ENDING.search(name)
    if ending and ending[1].lower() not in ENDINGS[kind]:
        raise FileRefused(_("The name of the file %(name)s does not fit what is in it."), name=name)
    return kind


def named(name: str, kind: str) -> str:
    """*name*, with the extension of *kind* when it has none."""
    return name if _ENDING.search(name) else f"{name}.{ENDINGS[kind][0]}"
