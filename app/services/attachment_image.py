"""Pictures are drawn anew: what else their file carried (place, camera, a second file) is not kept."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask_babel import lazy_gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from app.services.attachment_kind import JPEG, PNG, WEBP, FileRefused

# A picture of this many points needs some hundred megabytes to be opened; no camera makes more.
MOST_POINTS = 50_000_000
_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    JPEG: ("JPEG", {"quality": 88, "optimize": True}),
    PNG: ("PNG", {}),
    WEBP: ("WEBP", {"quality": 88}),
}
_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
)


def redrawn(data: bytes, kind: str, name: str) -> bytes:
    """The same picture without anything beside its points; refuses what can't be drawn."""
    drawn = BytesIO()
    form, options = _FORMATS[kind]
    try:
        # Only the reader of the kind that was found: no other one is asked to make sense of the bytes.
        with Image.open(BytesIO(data), formats=[form]) as image:
            if image.width * image.height > MOST_POINTS:
                raise FileRefused(_("The picture %(name)s has too many points."), name=name)
            upright = ImageOps.exif_transpose(image)
            _bare(upright, form).save(drawn, form, **options)
    except _UNREADABLE as error:
        raise FileRefused(_("The picture %(name)s can't be read."), name=name) from error
    return drawn.getvalue()


def _bare(image: Image.Image, form: str) -> Image.Image:
    if form == "JPEG" and image.mode not in {"L", "RGB"}:
        image = image.convert("RGB")
    image.load()
    transparent = image.info.get("transparency")
    image.info.clear()
    if form == "PNG" and transparent is not None:
        image.info["transparency"] = transparent
    return image
