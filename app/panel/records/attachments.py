"""The files on a row's page: their form and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select
from wtforms import ValidationError

from app.extensions import db
from app.lib.clock import now
from app.lib.persian import persian_digits
from app.panel.formatting import NOTHING
from app.panel.forms.builder import PanelForm
from app.panel.forms.fields import FilesField
from app.panel.records.page_data import FileLine
from models.attachment import Attachment, AttachmentState
from models.member import Member
from models.trash import TRASH_RETENTION

# The most files on a page; a section may add the files of other rows to those of the row.
MOST_SHOWN = 200
_ICONS = {"image": "photo", "audio": "volume", "application": "file-text", "text": "file-text"}


class FilesForm(PanelForm):
    files = FilesField(
        _l("New files"),
        description=_l("pdf, jpg, png, webp, docx, xlsx, mp3, ogg or txt, each of at most 10 megabytes."),
    )

    def validate_files(self, field: FilesField) -> None:
        if not field.data:
            raise ValidationError(_("Choose a file."))


def file_lines(
    condition: ColumnElement[bool], own: ColumnElement[bool], *, url: str, may_edit: bool
) -> tuple[Sequence[FileLine], Sequence[FileLine]]:
    """The files that meet *condition*, and the deleted ones that can be restored.

    Only files that also meet *own* can be deleted or restored here.
    """
    shown = or_(Attachment.deleted_at.is_(None), Attachment.deleted_at > now() - TRASH_RETENTION)
    statement = (
        select(Attachment, own, Member.first_name, Member.last_name)
        .outerjoin(Member, Member.id == Attachment.created_by_id)
        .where(condition, shown)
        .order_by(Attachment.id.desc())
        .limit(MOST_SHOWN)
    )
    rows = db.session.execute(statement, execution_options={"with_deleted": True}).all()
    lines = [
        (file, _line(file, f"{first or ''} {last or ''}".strip(), url=url, may_act=may_edit and is_own))
        for file, is_own, first, last in rows
    ]
    available = [line for file, line in lines if file.deleted_at is None]
    return available, [line for file, line in lines if file.deleted_at is not None and line.act_url]


def _line(file: Attachment, by: str, *, url: str, may_act: bool) -> FileLine:
    is_deleted, is_infected = file.deleted_at is not None, file.state is AttachmentState.INFECTED
    address = f"{url}/{file.uuid}"
    return FileLine(
        name=file.original_name,
        icon=icon_of(file),
        size=size_words(file.size),
        by=by or NOTHING,
        at=file.deleted_at or file.created_at,
        url=None if is_deleted or is_infected else address,
        act_url=f"{address}/{'restore' if is_deleted else 'delete'}" if may_act else None,
        scan=str(file.state),
        is_infected=is_infected,
    )


def icon_of(file: Attachment) -> str:
    return _ICONS[file.detected_type.partition("/")[0]]


def size_words(size: int) -> str:
    """*size* in kilobytes, or in megabytes with one decimal."""
    words: str = (
        _("%(size)s kilobytes", size=persian_digits(max(1, round(size / 1024))))
        if size < 1024**2
        else _("%(size)s megabytes", size=persian_digits(f"{size / 1024**2:.1f}".replace(".", "٫")))
    )
    return words


def find_file(condition: ColumnElement[bool], key: UUID, *, deleted: bool = False) -> Attachment | None:
    """The file with the UUID *key* that meets *condition*; with `deleted` a file in the trash."""
    state = Attachment.deleted_at.is_not(None) if deleted else Attachment.deleted_at.is_(None)
    statement = select(Attachment).where(condition, Attachment.uuid == key, state)
    file: Attachment | None = db.session.scalar(statement, execution_options={"with_deleted": deleted})
    return file
