"""Files to attach."""

import io

from PIL import Image
from sqlalchemy import func, select

from app.gateways.storage import Upload, storage
from models.attachment import Attachment

SMALL_PDF = b"%PDF-1.4\n%%EOF\n"


def picture(form="JPEG", size=(30, 20), **options) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, "teal").save(drawn, form, **options)
    return drawn.getvalue()


def upload(data, name="فاکتور شمارهٔ ۱") -> Upload:
    return Upload(name, io.BytesIO(data))


def bytes_of(kept) -> bytes:
    with storage().open(kept.stored_name) as file:
        return file.read()


def number_of(session, condition=True) -> int:
    return session.scalar(select(func.count(Attachment.id)).where(condition))


def stored_names() -> set[str]:
    return {entry.name for entry in storage().entries()}
