"""Re-encodes pictures, which removes metadata (place, camera) and appended files."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from flask_babel import lazy_gettext as _
from PIL import ExifTags, Image, UnidentifiedImageError

from app.services.attachment.content import JPEG, PNG, WEBP
from app.services.attachment.file_type import FileRefused

# Decoding a picture of this many points takes some hundred megabytes; cameras make fewer.
MOST_POINTS = 50_000_000
_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    JPEG: ("JPEG", {"quality": 88, "optimize": True}),
    PNG: ("PNG", {}),
    WEBP: ("WEBP", {"quality": 88}),
}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises for broken EXIF data.
_BROKEN_METADATA = (struct.error, SyntaxError, TypeError, ValueError, LookupError, ArithmeticError, OSError)
_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    LookupError,
    ArithmeticError,
    struct.error,
    zlib.error,
)


def redrawn(data: bytes, kind: str, name: str) -> bytes:
    """The picture encoded anew; raises `FileRefused` when it can't be read."""
    drawn = BytesIO()
    form, options = _FORMATS[kind]
    try:
        # Only the decoder of the detected type: fewer decoders see untrusted bytes.
        with Image.open(BytesIO(data), formats=[form]) as image:
            if image.width * image.height > MOST_POINTS:
                raise FileRefused(_("The picture %(name)s has too many points."), name=name)
            _without_metadata(_rotated(image), form).save(drawn, form, **options)
    except _UNREADABLE as error:
        raise FileRefused(_("The picture %(name)s can't be read."), name=name) from error
    return drawn.getvalue()


def _rotated(image: Image.Image) -> Image.Image:
    """*image* rotated by its EXIF orientation, if that is readable."""
    image.load()
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except _BROKEN_METADATA:
        return image
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _without_metadata(image: Image.Image, form: str) -> Image.Image:
    if form == "JPEG" and image.mode not in {"L", "RGB"}:
        image = image.convert("RGB")
    image.load()
    transparent = image.info.get("transparency")
    image.info.clear()
    if form == "PNG" and transparent is not None:
        image.info["transparency"] = transparent
    return image
