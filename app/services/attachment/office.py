"""Office files, by content: archives without macros, programs and zip bombs."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFICE_KINDS = (DOCX, XLSX)
_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_MOST_UNPACKED, _MOST_RATIO, _MOST_MEMBERS = 100 * 1024 * 1024, 100, 5_000
# Below this size, a high compression ratio is not a zip bomb.
_HARMLESS = 10 * 1024 * 1024
_FOREIGN = re.compile(
    r"vbaproject\.bin$|^meta-inf/|^androidmanifest\.xml$|\.(class|dex|exe|dll|js|vbs|html?)$"
)


def office_kind(data: bytes) -> str | None:
    """The Office type of an archive; None for macros, zip bombs and other archives."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    size = sum(member.file_size for member in members)
    is_trap = size > _MOST_UNPACKED or (size > _HARMLESS and size > len(data) * _MOST_RATIO)
    if is_trap or len(members) > _MOST_MEMBERS or any(map(_is_foreign, members)):
        return None
    names = {member.filename for member in members}
    return next((kind for part, kind in _PARTS.items() if part in names), None)


def _is_foreign(member: zipfile.ZipInfo) -> bool:
    """Whether *member* is a macro, a program, a page, encrypted, or outside of the archive."""
    is_locked = bool(member.flag_bits & 1)
    return is_locked or ".." in member.filename or _FOREIGN.search(member.filename.lower()) is not None
